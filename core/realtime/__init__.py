"""Durable streams over one socket.

The database is the stream, the bus only announces, the socket is a cache of positions: losing the bus, a process or
the socket may delay an event, it never loses, repeats or reorders one. This room knows streams, not messengers.
"""

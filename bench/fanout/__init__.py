"""Fan-out to the sockets of one conversation, against a raw ASGI application and against stock ``group_send``.

    DATABASE_URL=postgres://… REDIS_URL=redis://… python -m bench.fanout [--sizes 50 500 1000 2000] [--rounds 3]

On a database of its own, with users and groups of all of them. The three servers run side by side, each one process on
the same core, and take turns: 8 events of 200 bytes outstanding, then 100 (a burst), then half of the deliveries a
second the raw one managed. This process writes the product's events into the database and publishes them, so the server
does nothing but deliver. What counts is its processor time for a delivery.
"""

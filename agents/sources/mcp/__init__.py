"""Tools of MCP servers: what they say of them is untrusted text, what they do is asked through ``core.http``.

:mod:`.keeper` is the door. The SDK is large and is loaded with the first server that is asked.
"""

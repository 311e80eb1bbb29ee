"""As much of Redis' wire format as a proxy needs: where a value ends, and whether it is a message of pub/sub.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

_LINES = b"+-:,#_("
_STRINGS = b"$!="
_LISTS = {ord("*"): 1, ord(">"): 1, ord("~"): 1, ord("%"): 2, ord("|"): 2}


def end_of_value(data: bytes | bytearray, start: int) -> int | None:
    """The index after the value that begins at ``start``; None when it is not all there."""
    newline = data.find(b"\r\n", start)
    if newline < 0:
        return None
    kind, body = data[start], newline + 2
    if kind in _LINES:
        return body
    length = int(data[start + 1 : newline])
    if kind in _STRINGS:
        end = body + length + 2 if length >= 0 else body
        return end if end <= len(data) else None
    for _ in range(max(length, 0) * _LISTS[kind]):
        after = end_of_value(data, body)
        if after is None:
            return None
        body = after
    return body


def published(value: bytes, channel: bytes) -> bytes | None:
    """What a value says was published on a channel whose name holds ``channel``; None when it says something else."""
    parts = value.split(b"\r\n", 6)
    is_message = parts[0] in {b"*3", b">3"} and parts[2] == b"message" and len(parts) == 7
    return parts[6] if is_message and channel in parts[4] else None

"""Bytes of an event stream → what its events carry.

By the standard (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation): lines end
in CR, LF or CRLF, a mark of byte order at the beginning is none of the text, the ``data`` lines of one event belong
together. And by what servers do: the last event may lack its end, an event named ``error`` may carry plain words.

This is the innermost loop of the product: events of the usual form are cut out of the bytes in one go.
"""

from __future__ import annotations

import msgspec

LONGEST_EVENT = 4 * 1024 * 1024
"""Bytes; a longer one is given up."""
_MOST_STRAY = 256 * 1024
_MARK = b"\xef\xbb\xbf"
_LF, _CR = 10, 13
_OF_ERROR = b"r \t"
"""How a line ends that may name an event ``error``, which is not read as the others."""


class EventTooLong(Exception):
    """An event of more than :data:`LONGEST_EVENT` bytes."""


class Lines:
    """Fed with what each read brought."""

    __slots__ = ("_after_cr", "_began", "_seen", "_stray", "_tail", "_usual")

    def __init__(self) -> None:
        self._tail = b""
        self._began = False
        self._after_cr = False
        self._seen = False
        self._stray = b""
        self._usual = False
        """Whether nothing is left of the reads before, and events came in them."""

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads of the events that the bytes complete; raises EventTooLong."""
        # A number is looked for: `b"\r" in data` first tries in vain to read a number, and takes 15 times as long.
        if self._usual and _CR not in data and (found := usual(data)):
            return found
        if self._after_cr or _CR in data:
            data = self._without_cr(data)
        if self._tail:
            data = self._tail + data
        if not self._began:
            if len(data) < len(_MARK) and _MARK.startswith(data):
                self._tail = data
                return []
            self._began = True
            data = data.removeprefix(_MARK)
        last = data.rfind(b"\n\n")
        end = last + 2 if last >= 0 else 0
        data, self._tail = data[:end], data[end:]
        if len(self._tail) > LONGEST_EVENT:
            raise EventTooLong
        found = self._payloads(data)
        self._usual = self._seen and not self._tail and not self._after_cr
        return found

    def close(self) -> list[bytes]:
        """What the end of the body leaves: an event without its end."""
        event, self._tail = self._tail.strip(b"\n"), b""
        return self._payloads(event + b"\n\n") if event else []

    @property
    def stray(self) -> bytes:
        """The body, where it held no event at all: a document, or plain words."""
        return b"" if self._seen else self._stray.strip()

    def _without_cr(self, data: bytes) -> bytes:
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]
        self._after_cr = data[-1:] == b"\r"
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _payloads(self, events: bytes) -> list[bytes]:
        """The payloads of whole events, each with the empty line at its end."""
        found = usual(events)
        if found is None:
            found = [payload for event in events.split(b"\n\n") for payload in self._read(event)]
        if found:
            self._seen = True
        return found

    def _read(self, event: bytes) -> list[bytes]:
        """The payload of an event of any form; its lines one by one, where together they are no JSON but apart are."""
        name, parts = b"", []
        for line in event.split(b"\n"):
            field, colon, value = line.partition(b":")
            if field == b"data":
                parts.append(value.removeprefix(b" "))
            elif field == b"event":
                name = value.strip()
            elif line and not self._seen and not (colon and field in {b"", b"id", b"retry"}):
                self._stray = (self._stray + line + b"\n")[:_MOST_STRAY]
        if not parts:
            return []
        payload = b"\n".join(parts)
        if name == b"error":
            return [_as_error(payload)]
        if len(parts) > 1 and not _is_json(payload) and all(_is_json(part) or _is_done(part) for part in parts):
            return parts
        return [payload]


def usual(events: bytes) -> list[bytes] | None:
    """The payloads where each event is whole and one line of data, below its name or without one; None for all else.

    A payload may end in the blank that follows it.
    """
    # One event, as most reads bring it.
    end, first = len(events) - 2, events.find(b"\n")
    begin = first + 1
    if first == end:
        return [events[5:]] if events[:5] == b"data:" and events[begin] == _LF else None
    if events.find(b"\n", begin) == end:
        if (
            events[begin : begin + 5] == b"data:"
            and events[:6] == b"event:"
            and events[first - 1] not in _OF_ERROR
            and events[-1] == _LF
        ):
            return [events[begin + 5 :]]
        return None
    if events[-2:] != b"\n\n":
        return None
    found: list[bytes] = []
    payload = None
    # Cut at single letters, which is several times as fast as at pairs of them.
    for line in events.split(b"\n"):
        if not line:
            if payload is not None:
                found.append(payload)
                payload = None
        elif payload is not None:
            return None
        elif line[:5] == b"data:":
            payload = line[5:]
        elif line[:6] != b"event:" or line[-1] in _OF_ERROR:
            return None
    return found


def _as_error(payload: bytes) -> bytes:
    """An event of this name is an error, whatever it carries."""
    try:
        document = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = payload.decode("utf-8", "replace")
    if isinstance(document, dict) and document.get("error"):
        return payload
    return msgspec.json.encode({"error": document})


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _is_done(text: bytes) -> bool:
    return text.strip() == b"[DONE]"

"""Frames as they go over the wire."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from pydantic import BaseModel

from core.errors import DomainError
from core.realtime.commands import BadFrame
from core.realtime.commands import error_payload
from core.realtime.protocol import MAX_FRAME_BYTES

_LONGEST_NAME = 64


class Malformed(Exception):
    """Not a frame at all: the socket is closed."""


class TooBig(Malformed):
    """A frame over the limit."""


class Frame(msgspec.Struct):
    """What a client sends. ``room`` is read by nobody: the server derives who receives."""

    type: str
    payload: Any = msgspec.UNSET
    data: Any = msgspec.UNSET
    id: str | int | None = None

    @property
    def content(self) -> Any:
        """The payload; raises BadFrame for text that cannot be stored."""
        given = self.data if self.payload is msgspec.UNSET else self.payload
        content = {} if given is msgspec.UNSET or given is None else given
        if _has_nul(content):
            raise BadFrame("Text must not contain NUL characters.")
        return content


class Unreadable(Frame):
    """A frame that cannot be read, of which one thing is known: whose answer is waited for."""

    @property
    def content(self) -> Any:
        """Raises BadFrame."""
        raise BadFrame("The command cannot be read: it is not valid text.")


_decode = msgspec.json.Decoder(Frame).decode


def decode(message: dict[str, Any]) -> Frame:
    """The frame in an ASGI ``websocket.receive``; raises Malformed.

    One that cannot be read but names its id is answered by that name: one command's fault is not the connection's.
    """
    text = message.get("text")
    if text is None:
        raise Malformed("Frames are JSON text.")
    if len(text) > MAX_FRAME_BYTES or len(encoded := text.encode()) > MAX_FRAME_BYTES:
        raise TooBig("The frame is too large.")
    try:
        frame = _decode(encoded)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        if (named := _id_in(text)) is not None:
            return Unreadable(type="unreadable", id=named)
        raise Malformed("The frame is not understood.") from error
    if len(frame.type) > _LONGEST_NAME or (isinstance(frame.id, str) and len(frame.id) > _LONGEST_NAME):
        raise Malformed("The frame is not understood.")
    return frame


def _id_in(text: str) -> str | int | None:
    """The id in a frame that the strict reader refuses, for one of its fields or half of a surrogate pair."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    named = given.get("id") if isinstance(given, dict) else None
    if isinstance(named, str):
        return named if len(named) <= _LONGEST_NAME and _is_text(named) else None
    return named if isinstance(named, int) and not isinstance(named, bool) and abs(named) < 2**53 else None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def ok(frame: Frame, payload: Any) -> bytes:
    """The answer to a command that was carried out."""
    return encode("ok", {} if payload is None else payload, frame.id)


def error(frame: Frame | None, refusal: DomainError) -> bytes:
    """The answer to a command that was refused."""
    return encode("error", error_payload(refusal), frame.id if frame else None)


def encode(frame_type: str, payload: Any, frame_id: str | int | None = None) -> bytes:
    """A frame of the server; models and what JSON lacks (UUIDs, times) are written as in REST answers."""
    envelope: dict[str, Any] = {"type": frame_type}
    if frame_id is not None:
        envelope["id"] = frame_id
    return _encode(envelope | {"payload": payload})


def _other(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return msgspec.Raw(value.model_dump_json().encode())
    if isinstance(value, str):
        return str.__str__(value)  # lazy translations
    raise TypeError(f"{type(value).__name__} cannot be sent")


_encode = msgspec.json.Encoder(enc_hook=_other).encode


def _has_nul(value: Any) -> bool:
    """Without recursion: a frame may nest deeper than Python calls."""
    left = [value]
    while left:
        match left.pop():
            case str() as text if "\x00" in text:
                return True
            case dict() as inner:
                left += [*inner, *inner.values()]
            case list() as inner:
                left += inner
    return False

"""What may pass the door to Janus: a new frame is made of each, from what is known to be harmless.

Room, id of the publisher and tokens are ours, whatever the page says; so are sizes. Nothing that records, forwards or
manages rooms gets through. https://janus.conf.meetecho.com/docs/rest.html and …/videoroom (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from calls.providers.janus import PLUGIN

OUTWARD_BYTES = 64 * 1024
"""Of a frame that a page sends."""
INWARD_BYTES = 256 * 1024
"""Of one that Janus sends: what a subscriber is offered grows by some 2 kB a stream."""
MOST_BITRATE = 3_200_000
"""Bits a second that a page may ask for: a camera and a shared screen of 2.5 Mbit/s."""

_MOST_STREAMS = 400
_TEXT = 64
_PARTS = {
    "create": (),
    "claim": (),
    "keepalive": (),
    "destroy": (),
    "attach": (),
    "detach": ("handle_id",),
    "message": ("handle_id",),
    "trickle": ("handle_id", "candidate", "candidates"),
}
_STREAM = frozenset(
    {"feed", "mid", "sub_mid", "crossrefid", "send", "substream", "temporal", "fallback", "keyframe", "description"}
)
_BODIES = {
    "join": frozenset({"ptype", "streams", "use_msid", "autoupdate", "private_id"}),
    "publish": frozenset({"audiocodec", "videocodec", "bitrate", "descriptions", "keyframe", "streams"}),
    "configure": frozenset(
        {"bitrate", "descriptions", "keyframe", "streams", "restart", "update", "mid", "send", "substream", "temporal"}
        | {"fallback", "audiocodec", "videocodec"}
    ),
    "unpublish": frozenset(),
    "subscribe": frozenset({"streams"}),
    "unsubscribe": frozenset({"streams"}),
    "start": frozenset(),
    "leave": frozenset(),
}


class Dropped(Exception):
    """The frame does not pass; the text says what kind of frame it is, for counting."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the door adds: whose leg it is, where it may be, and what Janus wants to see."""

    leg_id: str
    room: str
    api_token: Callable[[], str]
    room_token: Callable[[], str]


def outward(frame: Any, rights: Rights, session_id: int | None) -> dict[str, Any]:
    """The frame for Janus. Raises Dropped."""
    verb = frame.get("janus") if isinstance(frame, dict) else None
    if verb not in _PARTS:
        raise Dropped("verb")
    transaction = frame.get("transaction")
    if not isinstance(transaction, str) or not 0 < len(transaction) <= _TEXT:
        raise Dropped("transaction")
    made: dict[str, Any] = {"janus": verb, "transaction": transaction, "token": rights.api_token()}
    if verb != "create":
        if session_id is None:
            raise Dropped("session")
        made["session_id"] = session_id
    made |= {part: frame[part] for part in _PARTS[verb] if part in frame}
    if "handle_id" in _PARTS[verb] and not _is_number(made.get("handle_id")):
        raise Dropped("handle")
    if verb == "attach":
        if frame.get("plugin") != PLUGIN:
            raise Dropped("plugin")
        made["plugin"] = PLUGIN
    if verb == "message":
        made["body"] = _body(frame.get("body"), rights)
        if "jsep" in frame:
            made["jsep"] = _description(frame["jsep"])
    return made


def _body(body: Any, rights: Rights) -> dict[str, Any]:
    request = body.get("request") if isinstance(body, dict) else None
    if request not in _BODIES:
        raise Dropped("request")
    made = {"request": request} | {name: value for name, value in body.items() if name in _BODIES[request]}
    if "streams" in made:
        made["streams"] = _streams(made["streams"])
    if "bitrate" in made:
        if not _is_number(made["bitrate"]):
            raise Dropped("bitrate")
        # 0 would be as much as one likes.
        made["bitrate"] = min(made["bitrate"] or MOST_BITRATE, MOST_BITRATE)
    if request == "join":
        if made.get("ptype") not in {"publisher", "subscriber"}:
            raise Dropped("ptype")
        made |= {"room": rights.room, "token": rights.room_token()}
        made |= {"id": rights.leg_id} if made["ptype"] == "publisher" else {}
    return made


def _streams(streams: Any) -> list[dict[str, Any]]:
    if not isinstance(streams, list) or len(streams) > _MOST_STREAMS:
        raise Dropped("streams")
    if not all(isinstance(stream, dict) for stream in streams):
        raise Dropped("streams")
    return [{name: value for name, value in stream.items() if name in _STREAM} for stream in streams]


def _description(jsep: Any) -> dict[str, Any]:
    if (
        not isinstance(jsep, dict)
        or jsep.get("type") not in {"offer", "answer"}
        or not isinstance(jsep.get("sdp"), str)
    ):
        raise Dropped("jsep")
    return {"type": jsep["type"], "sdp": jsep["sdp"]} | ({"trickle": jsep["trickle"]} if "trickle" in jsep else {})


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

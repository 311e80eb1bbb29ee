"""What calls tell their clients.

One event is durable: ``call.state``, in the conversation's stream, with the whole call. The others are for whoever is
there now: signalling for one device, echoes and figures for the people of a call.
"""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from calls.shapes import CallShape
from calls.shapes import CallType
from calls.shapes import EndReason
from calls.shapes import IceCandidate
from calls.shapes import ProviderName
from calls.shapes import Transport
from core.realtime.events import Event
from core.shapes import Shape

_ALICE = "01990000-0000-7000-8000-000000000001"
_BOB = "01990000-0000-7000-8000-000000000002"
_ROOM = "01990000-0000-7000-8000-00000000000c"
CALL = "01990000-0000-7000-8000-0000000000ca"
LEG = "01990000-0000-7000-8000-0000000000a1"
OTHER_LEG = "01990000-0000-7000-8000-0000000000b1"
_TIME = "2026-01-31T12:00:00Z"


def _person(user_id: str, name: str) -> dict[str, Any]:
    return {"id": user_id, "username": name, "name": name, "avatar_url": "", "kind": "human"}


_CALL: dict[str, Any] = {
    "id": CALL,
    "conversation_id": _ROOM,
    "call_type": "audio",
    "status": "ringing",
    "end_reason": None,
    "transport": "p2p",
    "generation": 1,
    "provider": None,
    "initiator": _person(_ALICE, "alice"),
    "payer_id": None,
    "created_at": _TIME,
    "ring_until": "2026-01-31T12:00:45Z",
    "connect_until": None,
    "answered_at": None,
    "started_at": None,
    "ended_at": None,
    "duration": None,
    "notice": None,
    "most": 6,
    "participants": [
        {
            "user": _person(_ALICE, "alice"),
            "response": "accepted",
            "joined_at": _TIME,
            "left_at": None,
            "leg": {
                "id": LEG,
                "state": "joining",
                "audio_on": True,
                "video_on": False,
                "screen_on": False,
                "switched": 0,
            },
        },
        {
            "user": _person(_BOB, "bob"),
            "response": "pending",
            "joined_at": None,
            "left_at": None,
            "leg": None,
        },
    ],
}

Cause = Literal[
    "initiated",
    "answered",
    "joined",
    "rejected",
    "left",
    "lost",
    "back",
    "connected",
    "fallback",
    "sponsored",
    "ended",
]


class CallState(Event):
    """A call as it is now. Who rings, who is in it and how it ended is known by this event alone."""

    type: ClassVar[str] = "call.state"
    example: ClassVar[dict[str, Any]] = {"call": _CALL, "cause": "initiated", "by": _ALICE}

    call: CallShape
    cause: Cause
    by: UUID | None
    """Whose doing it was; null: a deadline's, or the house's."""


class CallInitiated(Event):
    """Somebody calls you; an echo of ``call.state`` for clients that keep no conversations."""

    type: ClassVar[str] = "call.initiate"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "call_id": CALL,
        "conversation_id": _ROOM,
        "user_id": _ALICE,
        "call_type": "audio",
    }

    call_id: UUID
    conversation_id: UUID
    user_id: UUID
    call_type: CallType


class CallRejected(Event):
    """Somebody declines; an echo of ``call.state``."""

    type: ClassVar[str] = "call.reject"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"call_id": CALL, "conversation_id": _ROOM, "user_id": _BOB}

    call_id: UUID
    conversation_id: UUID
    user_id: UUID


class CallEnded(Event):
    """A call is over, or is for you: also told to those who may see nothing more of the conversation."""

    type: ClassVar[str] = "call.end"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "call_id": CALL,
        "conversation_id": _ROOM,
        "user_id": None,
        "reason": "hangup",
    }

    call_id: UUID
    conversation_id: UUID
    user_id: UUID | None
    """Who left it; null: it is over for all."""
    reason: EndReason | None


class _Signalling(Event):
    """From one device of a call to one other."""

    call_id: UUID
    from_leg_id: UUID
    to_leg_id: UUID
    generation: int
    n: int | None
    """Counts the frames from this device to that one in this generation; null in a frame that only acknowledges."""
    ack: int | None
    """Everything from the other side up to this number has come."""
    from_user_id: UUID


_FRAME: dict[str, Any] = {
    "call_id": CALL,
    "from_leg_id": LEG,
    "to_leg_id": OTHER_LEG,
    "generation": 1,
    "n": 1,
    "ack": None,
    "from_user_id": _ALICE,
}


class CallOffer(_Signalling):
    """An offer (JSEP), to one device."""

    type: ClassVar[str] = "call.offer"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = _FRAME | {"sdp": "v=0\r\n…"}

    sdp: str


class CallAnswer(_Signalling):
    """The answer to an offer, to one device."""

    type: ClassVar[str] = "call.answer"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = _FRAME | {"sdp": "v=0\r\n…"}

    sdp: str


class CallIce(_Signalling):
    """Candidates, or an acknowledgement alone, to one device."""

    type: ClassVar[str] = "call.ice"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = _FRAME | {
        "candidates": [
            {
                "candidate": "candidate:1 1 udp 2122260223 192.0.2.1 61665 typ host",
                "sdp_mid": "0",
                "sdp_mline_index": 0,
                "username_fragment": "EsAw",
            }
        ]
    }

    candidates: list[IceCandidate | None]
    """null: there will be no more."""


class FallbackError(Shape):
    """Why the call did not move."""

    code: str
    error: str


class CallFallback(Event):
    """The media takes another way: fetch a pass and join, or learn why there is none."""

    type: ClassVar[str] = "call.fallback"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "call_id": CALL,
        "generation": 2,
        "transport": "sfu",
        "provider": "janus",
        "reason": "no_media",
        "error": None,
    }

    call_id: UUID
    generation: int
    transport: Transport
    provider: ProviderName | None
    reason: Literal["no_media", "ice_failed", "people", "minutes", "provider"]
    error: FallbackError | None


class CallMedia(Event):
    """What a device of a call sends now."""

    type: ClassVar[str] = "call.media"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "call_id": CALL,
        "leg_id": LEG,
        "user_id": _ALICE,
        "audio_on": False,
        "video_on": False,
        "screen_on": False,
        "switched": 1,
    }

    call_id: UUID
    leg_id: UUID
    user_id: UUID
    audio_on: bool
    video_on: bool
    screen_on: bool
    switched: int
    """As of the legs in ``call.state``, which may come before or after: the higher one is newer."""


class CallMinutes(Event):
    """So much is left of the minutes of whoever pays."""

    type: ClassVar[str] = "call.minutes"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"call_id": CALL, "seconds_left": 300}

    call_id: UUID
    seconds_left: int

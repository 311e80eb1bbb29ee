"""What the socket is asked for: what REST does as well, and the words of devices to each other."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import ClassVar
from typing import Literal
from typing import Self
from uuid import UUID

from pydantic import Field
from pydantic import model_validator

from accounts.models import User
from calls import events
from calls import limits
from calls.presentation import answers
from calls.services import answering
from calls.services import ending
from calls.services import joining
from calls.services import legs
from calls.services import relaying
from calls.services import signalling
from calls.services import starting
from calls.shapes import BeatShape
from calls.shapes import CallClientId
from calls.shapes import CallType
from calls.shapes import DeviceKey
from calls.shapes import IceCandidate
from calls.shapes import InitiatedShape
from calls.shapes import JoinedShape
from calls.shapes import OneCallShape
from calls.shapes import QualityReport
from core.api import throttles
from core.realtime.commands import Payload
from core.realtime.commands import command
from core.realtime.connection import Connection
from core.shapes import Verbatim
from core.shapes import refusal

_ROOM = "01990000-0000-7000-8000-00000000000c"
_FRAME: dict[str, Any] = {
    "call_id": events.CALL,
    "from_leg_id": events.LEG,
    "to_leg_id": events.OTHER_LEG,
    "generation": 1,
    "n": 1,
}

Generation = Annotated[int, Field(ge=0, le=1_000_000)]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
Sdp = Annotated[Verbatim, Field(min_length=1, max_length=limits.SDP_CHARS)]


class InitiatePayload(Payload):
    """Call the others of a conversation, or come into the call that is there; a repeat with ``client_id`` is safe."""

    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "call_type": "video",
        "device_key": "d-41c0",
        "client_id": "c-7f3a",
        "video_on": True,
    }

    conversation_id: UUID
    call_type: CallType
    device_key: DeviceKey
    client_id: CallClientId | None = None
    audio_on: bool = True
    video_on: bool = False


class OfferPayload(Payload):
    """An offer, to one device of the call."""

    example: ClassVar[dict[str, Any]] = _FRAME | {"sdp": "v=0\r\n…"}

    call_id: UUID
    from_leg_id: UUID
    to_leg_id: UUID
    generation: Generation
    n: Number
    ack: Generation | None = None
    sdp: Sdp


class AnswerPayload(Payload):
    """With ``sdp``: the answer to an offer, to one device. Without: pick up, with ``device_key``."""

    example: ClassVar[dict[str, Any]] = {"call_id": events.CALL, "device_key": "d-41c0"}

    call_id: UUID
    device_key: DeviceKey | None = None
    audio_on: bool = True
    video_on: bool = False
    move: bool = False
    from_leg_id: UUID | None = None
    to_leg_id: UUID | None = None
    generation: Generation | None = None
    n: Number | None = None
    ack: Generation | None = None
    sdp: Sdp | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if self.sdp is None and self.device_key is None:
            raise refusal("Name the device that answers, or send the answer to an offer.", field="device_key")
        signalling = {
            "from_leg_id": self.from_leg_id,
            "to_leg_id": self.to_leg_id,
            "generation": self.generation,
            "n": self.n,
        }
        for name, value in signalling.items():
            if self.sdp is not None and value is None:
                raise refusal("This field is required.", field=name)
        return self


class IcePayload(Payload):
    """Candidates to one device, some at a time, or an acknowledgement alone."""

    example: ClassVar[dict[str, Any]] = _FRAME | {
        "candidates": [
            {
                "candidate": "candidate:1 1 udp 2122260223 192.0.2.1 61665 typ host",
                "sdp_mid": "0",
                "sdp_mline_index": 0,
                "username_fragment": "EsAw",
            },
            None,
        ]
    }

    call_id: UUID
    from_leg_id: UUID
    to_leg_id: UUID
    generation: Generation
    n: Number | None = None
    """Left out when it only acknowledges."""
    ack: Generation | None = None
    candidates: Annotated[list[IceCandidate | None], Field(max_length=limits.CANDIDATES)] = []
    """null: there will be no more."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.n is None and (self.candidates or self.ack is None):
            raise refusal("This field is required.", field="n")
        return self


class CallPayload(Payload):
    """A call."""

    example: ClassVar[dict[str, Any]] = {"call_id": events.CALL}

    call_id: UUID


class EndPayload(Payload):
    """Leave with one device, or with whichever is in; or end it for all."""

    example: ClassVar[dict[str, Any]] = {"call_id": events.CALL, "leg_id": events.LEG}

    call_id: UUID
    leg_id: UUID | None = None
    for_everyone: bool = False


class FallbackPayload(Payload):
    """This way does not work, as somebody is missed on it: ask for the media server. ``media_from`` are still heard.

    The call moves when two ask who do not hear each other: one alone moves nobody.
    """

    example: ClassVar[dict[str, Any]] = {
        "call_id": events.CALL,
        "leg_id": events.LEG,
        "generation": 1,
        "reason": "no_media",
        "media_from": [events.OTHER_LEG],
    }

    call_id: UUID
    leg_id: UUID
    generation: Generation
    reason: Literal["no_media", "ice_failed"]
    media_from: Annotated[list[UUID], Field(max_length=limits.ROOM)] = []


class BeatPayload(Payload):
    """A sign of life: every ten seconds, at once when something changes, and first after ``synced``.

    From then on what is said to this leg reaches this socket.
    """

    example: ClassVar[dict[str, Any]] = {
        "call_id": events.CALL,
        "leg_id": events.LEG,
        "generation": 1,
        "audio_on": True,
        "video_on": False,
        "screen_on": False,
        "media_from": [events.OTHER_LEG],
        "report": {"rtt_ms": 42, "loss_pct": 0.4, "route": "srflx"},
    }

    call_id: UUID
    leg_id: UUID
    generation: Generation = 0
    audio_on: bool = True
    video_on: bool = False
    screen_on: bool = False
    waits_for_permission: bool = False
    media_from: Annotated[list[UUID], Field(max_length=limits.ROOM)] = []
    report: QualityReport | None = None
    leaving: bool = False


@command("call.initiate", InitiatePayload)
def initiate(actor: User, payload: InitiatePayload, *, connection: Connection) -> InitiatedShape:
    """The call; what is said to the device that called reaches this socket."""
    throttles.hit("call", str(actor.pk))
    begun = starting.initiate(
        actor,
        _device(payload.device_key, payload, connection),
        conversation_id=payload.conversation_id,
        call_type=payload.call_type,
        client_id=payload.client_id,
    )
    connection.label(begun.leg.pk)
    return answers.initiated(
        begun.call,
        begun.leg,
        relaying.of_leg(begun.leg),
        is_joined=begun.joined,
        reachable=starting.reachable(begun),
    )


@command("call.offer", OfferPayload)
def offer(actor: User, payload: OfferPayload) -> None:
    """Handed on to that device."""
    signalling.relay(actor, events.CallOffer, **dict(payload))


@command("call.answer", AnswerPayload)
def answer(actor: User, payload: AnswerPayload, *, connection: Connection) -> JoinedShape | None:
    """Handed on to that device; or the call one is in now."""
    if payload.sdp is not None:
        said = payload.model_dump(include={"call_id", "from_leg_id", "to_leg_id", "generation", "n", "ack", "sdp"})
        signalling.relay(actor, events.CallAnswer, **said)
        return None
    throttles.hit("call", str(actor.pk))
    device = _device(payload.device_key or "", payload, connection)
    joined = answering.answer(actor, device, call_id=payload.call_id, move=payload.move)
    connection.label(joined.leg.pk)
    return answers.joined(joined.call, joined.leg, relaying.of_leg(joined.leg))


@command("call.ice", IcePayload)
def ice(actor: User, payload: IcePayload) -> None:
    """Handed on to that device."""
    signalling.relay(actor, events.CallIce, **dict(payload))


@command("call.reject", CallPayload)
def reject(actor: User, payload: CallPayload) -> OneCallShape:
    """The call as it is now."""
    return answers.one(answering.reject(actor, call_id=payload.call_id))


@command("call.end", EndPayload)
def end(actor: User, payload: EndPayload) -> OneCallShape:
    """The call as it is now."""
    call = ending.end(actor, call_id=payload.call_id, leg_id=payload.leg_id, for_everyone=payload.for_everyone)
    return answers.one(call)


@command("call.fallback", FallbackPayload)
def fallback(actor: User, payload: FallbackPayload) -> OneCallShape:
    """The call as it is now: on its way to the media server, or not yet."""
    return answers.one(legs.ask_for_fallback(actor, **dict(payload)))


@command("call.beat", BeatPayload)
def beat(actor: User, payload: BeatPayload, *, connection: Connection) -> BeatShape:
    """How the call is, and which way its media takes."""
    given = legs.Beat(**{name: value for name, value in payload if name != "call_id"})
    answered = legs.beat(actor, given, call_id=payload.call_id, session_id=connection.session_id)
    connection.label(payload.leg_id)
    return answered


def _device(key: str, payload: InitiatePayload | AnswerPayload, connection: Connection) -> joining.Device:
    return joining.Device(key, connection.session_id, audio_on=payload.audio_on, video_on=payload.video_on)

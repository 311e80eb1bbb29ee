"""Calls as tests make them: through the services, with the deadlines of their rows moved into the past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from uuid import uuid4

from accounts.models import User
from calls.models import Call
from calls.models import CallClock
from calls.models import CallLeg
from calls.services import answering
from calls.services import deadlines
from calls.services import legs
from calls.services import starting
from calls.services.joining import Device
from calls.services.joining import Joined
from core import sql
from messenger.models import Conversation
from messenger.tests.reading import events

SESSION = UUID("01990000-0000-7000-8000-00000000f00d")


def device(key: str = "", session_id: UUID | None = None, **sends: bool) -> Device:
    """A tab, in a session of its own."""
    return Device(key or uuid4().hex, session_id or uuid4(), **sends)


def begin(actor: User, talk: Conversation, key: str = "", *, call_type: str = "audio", **more: Any) -> starting.Begun:
    """A call that rings, or the one that was there."""
    return starting.initiate(actor, device(key), conversation_id=talk.pk, call_type=call_type, **more)


def pick_up(actor: User, call: Call, key: str = "", **more: Any) -> Joined:
    """The actor comes in."""
    return answering.answer(actor, device(key), call_id=call.pk, **more)


def running(talk: Conversation, *people: User) -> tuple[Call, list[CallLeg]]:
    """A call in which all of these hear each other."""
    begun = begin(people[0], talk)
    seats = [begun.leg, *(pick_up(one, begun.call).leg for one in people[1:])]
    for leg in seats:
        hear(leg, *[other for other in seats if other.pk != leg.pk])
    return fresh(begun.call), [CallLeg.objects.get(pk=leg.pk) for leg in seats]


def hear(leg: CallLeg, *others: CallLeg, **more: Any) -> None:
    """The leg says that it has media from the others, on the way the call takes now."""
    generation = Call.objects.values_list("generation", flat=True).get(pk=leg.call_id)
    given = legs.Beat(leg.pk, generation, media_from=[one.pk for one in others], **more)
    legs.beat(leg.user, given, call_id=leg.call_id, session_id=leg.session_id or SESSION)


def beat(leg: CallLeg, **more: Any) -> None:
    """A sign of life without a word of media."""
    legs.beat(leg.user, legs.Beat(leg.pk, 1, **more), call_id=leg.call_id, session_id=leg.session_id or SESSION)


def fresh(call: Call) -> Call:
    """As the database has it."""
    return Call.objects.select_related("conversation").get(pk=call.pk)


def pass_time(seconds: float, *, looked: bool = True) -> int:
    """So many seconds go by for every call and leg; then the clock looks. ``looked``: somebody did all the while."""
    gone = timedelta(seconds=seconds)
    for call in Call.objects.all():
        names = ("ring_until", "connect_until", "alone_until", "due_at", "answered_at", "started_at", "created_at")
        moved = {name: getattr(call, name) - gone for name in names if getattr(call, name) is not None}
        Call.objects.filter(pk=call.pk).update(**moved)
    for leg in CallLeg.objects.all():
        CallLeg.objects.filter(pk=leg.pk).update(lease_until=leg.lease_until - gone, joined_at=leg.joined_at - gone)
    ticked = sql.now() if looked else sql.now() - gone
    CallClock.objects.update_or_create(pk=1, defaults={"ticked_at": ticked})
    return deadlines.enforce()


def states(talk: Conversation) -> list[tuple[str, str, str | None]]:
    """Status, cause and reason of every ``call.state``, in order."""
    told = [payload for name, payload in events(talk) if name == "call.state"]
    return [(one["call"]["status"], one["cause"], one["call"]["end_reason"]) for one in told]


def live_legs(call: Call) -> list[CallLeg]:
    """The devices that are in."""
    return list(CallLeg.objects.filter(call=call).exclude(state="left").order_by("id"))


def answers_of(call: Call) -> dict[str, str]:
    """What everybody answered."""
    return {row.user.username or "": row.response for row in call.participants.select_related("user")}

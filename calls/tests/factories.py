"""Rows of calls that tests begin with, without their events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from messenger.models import Conversation


def make_call(conversation: Conversation, initiator: User, **fields: Any) -> Call:
    """A call that is connecting, unless told otherwise."""
    given: dict[str, Any] = {"status": "connecting", "answered_at": timezone.now(), "payer_id": initiator.pk} | fields
    return Call.objects.create(
        conversation=conversation,
        initiator=initiator,
        call_type=given.pop("call_type", "audio"),
        ring_until=timezone.now() + timedelta(seconds=45),
        **given,
    )


def make_leg(call: Call, user: User, **fields: Any) -> CallLeg:
    """A live device in it."""
    now = timezone.now()
    CallParticipant.objects.get_or_create(
        call=call, user=user, defaults={"origin": "joined", "response": "accepted", "joined_at": now}
    )
    given: dict[str, Any] = {"device_key": f"tab-{user.username}", "lease_until": now + timedelta(minutes=5)} | fields
    return CallLeg.objects.create(call=call, user=user, **given)


def through_janus(call: Call, room: str) -> None:
    """It has moved to a room of Janus, which is ready."""
    Call.objects.filter(pk=call.pk).update(transport="sfu", provider="janus", sfu_state="ready", hms_room_id=room)


def call_settings(**fields: Any) -> Any:
    """The settings of calls with these."""
    return replace(settings.CALLS, **fields)

"""Calls as all members of their conversation see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from calls import limits
from calls import providers
from calls.models import Call
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.shapes import CallParticipantShape
from calls.shapes import CallShape
from calls.shapes import LegShape
from calls.shapes import OwnLegShape
from messenger.presentation.people import people
from messenger.shapes import Person

_REFUSED = frozenset({Call.Notice.MINUTES_OVER, Call.Notice.MINUTES_NOT_IN_PLAN})


def most(call: Call) -> int:
    """So many people can be in a call: in the room it has, or without one. A room that is being made may yet fail."""
    is_ready = call.transport == Call.Transport.SFU and call.sfu_state == Call.RoomState.READY
    return limits.ROOM if is_ready else limits.MESH


def may_move(call: Call) -> bool:
    """Whether it could go through a media server if it had to."""
    refused = call.sfu_state == Call.RoomState.FAILED or call.notice in _REFUSED
    return not refused and providers.configured() is not None


def shape(call: Call) -> CallShape:
    """One call; three queries."""
    return shapes([call])[0]


def shapes(calls: Sequence[Call]) -> list[CallShape]:
    """Calls in the given order; three queries, however many there are."""
    ids = [call.pk for call in calls]
    rows: dict[UUID, list[CallParticipant]] = defaultdict(list)
    for row in CallParticipant.objects.filter(call_id__in=ids).order_by("id"):
        rows[row.call_id].append(row)
    legs = CallLeg.objects.filter(call_id__in=ids).exclude(state=CallLeg.State.LEFT)
    present = {(leg.call_id, leg.user_id): leg for leg in legs}
    wanted = {row.user_id for found in rows.values() for row in found}
    named = people(wanted | {call.initiator_id for call in calls if call.initiator_id})
    return [_shape(call, rows[call.pk], present, named) for call in calls]


def own_leg(leg: CallLeg) -> OwnLegShape:
    """A device as it sees itself."""
    return OwnLegShape(**_leg_fields(leg), call_id=leg.call_id, generation=leg.generation, relay_only=leg.relay_only)


def _shape(
    call: Call,
    rows: Sequence[CallParticipant],
    present: dict[tuple[UUID, UUID], CallLeg],
    named: dict[UUID, Person],
) -> CallShape:
    return CallShape.model_validate(
        {
            "id": call.pk,
            "conversation_id": call.conversation_id,
            "call_type": call.call_type,
            "status": call.status,
            "end_reason": call.end_reason or None,
            "transport": call.transport,
            "generation": call.generation,
            "provider": call.provider or None,
            "initiator": named.get(call.initiator_id) if call.initiator_id else None,
            "payer_id": call.payer_id,
            "created_at": call.created_at,
            "ring_until": call.ring_until,
            "connect_until": call.connect_until,
            "answered_at": call.answered_at,
            "started_at": call.started_at,
            "ended_at": call.ended_at,
            "duration": call.duration,
            "notice": call.notice or None,
            "most": most(call),
            "participants": [
                _participant(row, named[row.user_id], present.get((call.pk, row.user_id)))
                for row in rows
                if row.user_id in named
            ],
        }
    )


def _participant(row: CallParticipant, person: Person, leg: CallLeg | None) -> CallParticipantShape:
    return CallParticipantShape.model_validate(
        {
            "user": person,
            "response": row.response,
            "joined_at": row.joined_at,
            "left_at": row.left_at,
            "leg": LegShape(**_leg_fields(leg)) if leg else None,
        }
    )


def _leg_fields(leg: CallLeg) -> dict[str, Any]:
    return {
        "id": leg.pk,
        "state": leg.state,
        "audio_on": leg.audio_on,
        "video_on": leg.video_on,
        "screen_on": leg.screen_on,
        "switched": leg.switched,
    }

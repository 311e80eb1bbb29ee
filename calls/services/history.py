"""Calls that were had and missed, and those that go on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from calls import access
from calls.models import Call
from calls.models import CallParticipant
from calls.presentation import calls as presentation
from calls.shapes import CallShape
from messenger.models import Participant

Response = CallParticipant.Response


def listed(actor: User, *, conversation_id: UUID | None = None, missed: bool = False) -> QuerySet[Call]:
    """Calls the actor may see: of one conversation, or only those they missed."""
    found = Call.objects.visible_to(actor)
    if conversation_id is not None:
        found = found.filter(conversation_id=conversation_id)
    if missed:
        mine = CallParticipant.objects.filter(call=OuterRef("pk"), user=actor, response=Response.MISSED)
        found = found.filter(Exists(mine))
    return found


def live(actor: User) -> list[CallShape]:
    """Calls that ring or run in the actor's conversations."""
    mine = Participant.objects.active().filter(user=actor).values("conversation_id")
    return presentation.shapes(list(Call.objects.live().filter(conversation_id__in=mine).order_by("-id")))


def status(actor: User, call_id: UUID) -> CallShape:
    """A call as the actor may see it. Raises NotFound."""
    return shown(actor, [access.visible(actor, call_id)])[0]


def shown(actor: User, calls: Sequence[Call]) -> list[CallShape]:
    """Of conversations the actor has left they see their own part: not which devices of others are in."""
    wanted = {call.conversation_id for call in calls}
    joined = Participant.objects.active().filter(user=actor, conversation_id__in=wanted)
    present = set(joined.values_list("conversation_id", flat=True))
    return [
        shape if shape.conversation_id in present else _without_others(shape, actor)
        for shape in presentation.shapes(calls)
    ]


def count_missed(actor: User) -> int:
    """Missed calls the actor has not looked at."""
    return CallParticipant.objects.filter(user=actor, response=Response.MISSED, seen_at=None).count()


def mark_seen(actor: User) -> None:
    """The actor has looked at them."""
    missed = CallParticipant.objects.filter(user=actor, response=Response.MISSED, seen_at=None)
    missed.update(seen_at=timezone.now())


def _without_others(shape: CallShape, actor: User) -> CallShape:
    rows = [row if row.user.id == actor.pk else row.model_copy(update={"leg": None}) for row in shape.participants]
    return shape.model_copy(update={"participants": rows})

"""Agents among the members: how many there are in each conversation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.db.models import F
from django.db.models import IntegerField
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from messenger.access import lock_conversation
from messenger.models import Conversation
from messenger.models import Participant


def _counted() -> Any:
    members = Participant.objects.filter(conversation=OuterRef("pk"), user__kind=User.Kind.AGENT)
    grouped = members.order_by().values("conversation").annotate(found=Count("pk")).values("found")
    return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)


def recount(conversation_id: UUID) -> None:
    """Note how many agents are members. The conversation's stream must be locked."""
    Conversation.objects.filter(pk=conversation_id).exclude(agent_count=_counted()).update(agent_count=_counted())


def miscounted() -> QuerySet[Conversation]:
    """Conversations whose ``agent_count`` is not what counting gives, as after a release that did not know of it."""
    return Conversation.objects.current().annotate(agents=_counted()).exclude(agent_count=F("agents"))


def recount_all() -> int:
    """Count anew where the count is wrong; returns in how many conversations it was."""
    wrong = list(miscounted().values_list("pk", flat=True))
    for conversation_id in wrong:
        with transaction.atomic():
            lock_conversation(conversation_id)
            recount(conversation_id)
    return len(wrong)

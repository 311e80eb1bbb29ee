"""Agents that come and go, messages that are taken back, and what a signal did not bring."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists
from django.db.models import F
from django.db.models import OuterRef
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models import Subquery

from accounts.models import User
from agents.listening.hearing import listen
from agents.models import Agent
from agents.models import AgentRun
from agents.models import AgentSubscription
from agents.services import runs
from core.models import Stream
from messenger.models import Participant

_AT_ONCE = 500


def join(conversation_id: UUID, user_ids: Collection[UUID], *, by: UUID | None = None) -> list[UUID]:
    """The agents among them, brought in ``by`` whom, listen from now on; returns runs that began already."""
    members = Participant.objects.active().filter(conversation_id=conversation_id, user_id__in=list(user_ids))
    if not _subscribe(members, by=by):
        return []
    return listen(conversation_id)


def leave(conversation_id: UUID, user_ids: Collection[UUID] | None = None) -> None:
    """What these were asked there, and what they asked, ends; the agents among them listen no more. None: all."""
    subscriptions = AgentSubscription.objects.filter(conversation_id=conversation_id)
    live = AgentRun.objects.live().filter(conversation_id=conversation_id)
    if user_ids is not None:
        ids = list(user_ids)
        subscriptions = subscriptions.filter(agent__user_id__in=ids)
        live = live.filter(Q(agent__user_id__in=ids) | Q(asker_id__in=ids))
    _stop(live, AgentRun.Reason.REMOVED)
    subscriptions.delete()
    # One that began in between has no subscription any more, which its process sees.


def take_back(conversation_id: UUID, message_ids: Collection[UUID]) -> None:
    """What these messages have set going ends, and so does a run whose answer is among them."""
    ids = {str(message_id) for message_id in message_ids}
    live = AgentRun.objects.live().filter(conversation_id=conversation_id)
    for run in live.only("trigger_message_id", "joined_message_ids", "answer_message_ids"):
        if ids & {str(run.trigger_message_id), *run.joined_message_ids, *run.answer_message_ids}:
            runs.stop(run.pk, AgentRun.Reason.TAKEN_BACK)


def sweep() -> list[UUID]:
    """What no signal brought: members without a subscription, subscriptions without a member, conversations ahead."""
    agents = Agent.objects.current().filter(user=OuterRef("user_id"))
    listening = AgentSubscription.objects.filter(
        agent__user=OuterRef("user_id"), conversation_id=OuterRef("conversation_id")
    )
    members = Participant.objects.active().filter(
        Exists(agents), ~Exists(listening), user__kind=User.Kind.AGENT, conversation__agent_count__gt=0
    )
    _subscribe(members[:_AT_ONCE])
    present = Participant.objects.active().filter(
        user_id=OuterRef("agent__user_id"), conversation_id=OuterRef("conversation_id")
    )
    for gone in AgentSubscription.objects.filter(~Exists(present)).select_related("agent")[:_AT_ONCE]:
        leave(gone.conversation_id, [gone.agent.user_id])
    heads = Stream.objects.filter(pk=OuterRef("conversation_id")).values("last_seq")
    current = AgentSubscription.objects.filter(agent__deleted_at=None).annotate(head=Subquery(heads))
    behind = current.filter(head__gt=F("heard_seq")).values_list("conversation_id", flat=True).distinct()
    return [run_id for conversation_id in behind[:_AT_ONCE] for run_id in listen(conversation_id)]


def _subscribe(members: QuerySet[Participant], *, by: UUID | None = None) -> int:
    """Their own read position is where they came in: an agent that does not listen yet has said nothing since."""
    positions = {(row.user_id, row.conversation_id): row.read_seq for row in members}
    agents = Agent.objects.current().filter(user_id__in={user_id for user_id, _place in positions})
    by_user = {agent.user_id: agent for agent in agents}
    rows = [
        AgentSubscription(agent=by_user[user_id], conversation_id=place, heard_seq=seq, added_by_id=by)
        for (user_id, place), seq in positions.items()
        if user_id in by_user
    ]
    AgentSubscription.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _stop(live: QuerySet[AgentRun], reason: str) -> None:
    with transaction.atomic():
        ids = list(live.values_list("pk", flat=True))
        for run_id in ids:
            runs.stop(run_id, reason, announce=False)
        runs.announce_ended(ids)

"""Agents in a conversation: who is there, which run, and the members' one switch for all of them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from agents.models import AgentConversation
from agents.models import AgentRun
from agents.models import AgentRunQuerySet
from agents.models import AgentSubscription
from agents.services import runs
from core.errors import Forbidden
from messenger import access
from messenger.models import Conversation
from messenger.models import Participant
from messenger.services import notes


def state_of(conversation_id: UUID) -> AgentConversation:
    """Whether the agents were stopped; not stored where they never were."""
    found = AgentConversation.objects.select_related("paused_by").filter(pk=conversation_id).first()
    return found or AgentConversation(conversation_id=conversation_id)


def subscriptions(actor: User, conversation_id: UUID) -> list[AgentSubscription]:
    """The agents that listen there. Raises NotFound for who is no member."""
    access.member_of(actor, conversation_id)
    rows = AgentSubscription.objects.filter(conversation_id=conversation_id, agent__deleted_at=None)
    return list(rows.select_related("agent__user", "agent__owner").order_by("created_at", "pk"))


def running(conversation_id: UUID) -> AgentRunQuerySet:
    """Their runs that have not ended."""
    rows = AgentRun.objects.live().filter(conversation_id=conversation_id).order_by("id")
    return rows.select_related("agent__user", "asker", "payer")


def stop_all(actor: User, conversation_id: UUID) -> list[UUID]:
    """Any member: what runs ends, and nobody is answered until :func:`resume`. Returns the runs that were live.

    Doing it twice changes nothing. Raises NotFound.
    """
    conversation = access.member_of(actor, conversation_id).conversation
    with transaction.atomic():
        AgentConversation.objects.get_or_create(conversation_id=conversation_id)
        rows = AgentConversation.objects.filter(pk=conversation_id, paused_at=None)
        stopped = rows.update(paused_by=actor, paused_at=timezone.now(), epoch=F("epoch") + 1)
        live = list(running(conversation_id).values_list("pk", flat=True))
        for run_id in live:
            runs.stop(run_id, AgentRun.Reason.PAUSED, announce=False)
        if stopped:
            notes.write_note(conversation, "agents_stopped", actor=actor)
        runs.announce_ended(live)
    return live


def resume(actor: User, conversation_id: UUID) -> None:
    """Who stopped them, or an admin; what was said meanwhile is not answered. Raises NotFound, Forbidden."""
    conversation = access.member_of(actor, conversation_id).conversation
    with transaction.atomic():
        state = AgentConversation.objects.select_for_update(of=("self",)).filter(pk=conversation_id).first()
        if state is None or state.paused_at is None:
            return
        if not may_resume(actor, state):
            raise Forbidden
        AgentConversation.objects.filter(pk=conversation_id).update(paused_by=None, paused_at=None)
        notes.write_note(conversation, "agents_resumed", actor=actor)


def may_resume(actor: User, state: AgentConversation) -> bool:
    """Who stopped them, and admins; in a conversation of two, who is in it. The actor is a member."""
    if state.paused_by_id == actor.pk:
        return True
    member = access.member_of(actor, state.conversation_id)
    return member.conversation.type == Conversation.Type.DIRECT or member.role == Participant.Role.ADMIN

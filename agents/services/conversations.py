"""Agents in a conversation: who is there, which run, and the members' one switch for all of them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from agents.models import Agent
from agents.models import AgentConversation
from agents.models import AgentRun
from agents.models import AgentRunQuerySet
from agents.models import AgentSubscription
from agents.services import runs
from core.errors import Forbidden
from core.errors import InvalidInput
from core.errors import NotFound
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
    return list(rows.select_related("agent__user", "agent__owner", "added_by").order_by("created_at", "pk"))


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


@transaction.atomic
def set_speaks_up(actor: User, conversation_id: UUID, agent_id: UUID, *, speaks_up: bool) -> None:
    """Whether an agent answers in a group also when nobody has named it.

    Its owner alone lets it, as they pay for what nobody has asked for; an admin of the group may end it. Raises
    NotFound, Forbidden, and InvalidInput where the owner does not pay.
    """
    member = access.member_of(actor, conversation_id)
    rows = AgentSubscription.objects.filter(conversation_id=conversation_id, agent_id=agent_id, agent__deleted_at=None)
    found = rows.select_related("agent").first()
    if found is None:
        raise NotFound
    is_owner = found.agent.owner_id == actor.pk
    if not is_owner and (speaks_up or member.role != Participant.Role.ADMIN):
        raise Forbidden
    if speaks_up and found.agent.payer != Agent.Payer.OWNER:
        sentence = gettext("Let the agent's owner pay first: nobody pays for an answer that they have not asked for.")
        raise InvalidInput(details={"speaks_up": [sentence]})
    rows.update(speaks_up=speaks_up)


def may_resume(actor: User, state: AgentConversation) -> bool:
    """Who stopped them, and admins; in a conversation of two, who is in it. The actor is a member."""
    if state.paused_by_id == actor.pk:
        return True
    member = access.member_of(actor, state.conversation_id)
    return member.conversation.type == Conversation.Type.DIRECT or member.role == Participant.Role.ADMIN

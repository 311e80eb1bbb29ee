"""Who finds an agent and who brings it into a conversation, by its audience: see :mod:`accounts.contact_policy`."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from agents.models import Agent
from messenger.models import Participant


class AgentContacts:
    """The owner always; for an audience of members whoever is in a conversation with it; else everybody here."""

    def may_find(self, actor_id: UUID) -> Q:
        """The agents this person sees in search and among their contacts."""
        mine = Participant.objects.active().filter(user_id=actor_id).values("conversation_id")
        beside = Participant.objects.active().filter(conversation_id__in=mine).values("user_id")
        shared = Q(audience=Agent.Audience.SITE) | Q(audience=Agent.Audience.MEMBERS, user_id__in=beside)
        found = Agent.objects.current().filter(Q(owner_id=actor_id) | (shared & Q(is_active=True)))
        return Q(pk__in=found.values("user_id"))

    def may_add(self, actor_id: UUID) -> Q:
        """The same: who may find it may talk to it."""
        return self.may_find(actor_id)

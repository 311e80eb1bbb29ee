"""Agents that wake agents: they stop by counting rows, not by what their prompts say."""

from __future__ import annotations

from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from agents import limits
from agents.models import Agent
from agents.models import AgentRun
from agents.services.message_runs import Trigger
from messenger.models import Message

_WHOLE = ("complete", "limited")
"""Ends of a message whose mentions count: one that was stopped names nobody."""


class Chains:
    """What agents have said among themselves in one conversation since a person last did."""

    def __init__(self, conversation_id: UUID) -> None:
        self._messages = Message.objects.filter(conversation_id=conversation_id)
        self._runs = AgentRun.objects.filter(conversation_id=conversation_id)

    def trigger(self, message: Message) -> Trigger | None:
        """What an agent's finished message asks of another; None when it is too far from the person."""
        facts = message.agent or {}
        if facts.get("state") not in _WHOLE:
            return None
        parent = self._runs.select_related("asker", "agent").filter(pk=facts["run_id"]).first()
        if parent is None or parent.asker is None or parent.hop >= settings.AGENTS.max_hop:
            return None
        return Trigger(message, parent.asker, parent)

    def may_answer(self, agent: Agent, parent: AgentRun) -> bool:
        """Whether there is room for one more answer before a person says something."""
        if self._in_row >= settings.AGENTS.messages_in_row:
            return False
        since = timezone.now() - limits.PAIR_TIME
        answers = self._runs.filter(agent=agent, parent__agent=parent.agent, created_at__gte=since)
        back = self._runs.filter(agent=parent.agent, parent__agent=agent, created_at__gte=since)
        return answers.count() + back.count() < limits.PAIR_ANSWERS

    def note_begun(self) -> None:
        """One more is to come."""
        if "_in_row" in self.__dict__:  # else it is counted with the others
            self._in_row += 1

    @property
    def has_said_so(self) -> bool:
        """Whether the members were told already that the agents wait."""
        told = self._since_person.filter(message_type=Message.Type.SYSTEM, system__action="agents_wait")
        return bool(told.exists())

    @cached_property
    def _since_person(self) -> QuerySet[Message]:
        people = self._messages.filter(sender__kind=User.Kind.HUMAN).exclude(message_type=Message.Type.SYSTEM)
        last = people.order_by("-seq").values_list("seq", flat=True).first() or 0
        return self._messages.filter(seq__gt=last)

    @cached_property
    def _in_row(self) -> int:
        """Their messages, and those that are to come."""
        said = self._since_person.filter(sender__kind=User.Kind.AGENT).count()
        live = self._runs.live().values_list("answer_message_ids", flat=True)
        return said + sum(not ids for ids in live)

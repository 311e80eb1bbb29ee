"""What an agent was told to remember: alone with somebody of that person, in a group of that group and nobody in it."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from agents import limits
from agents.models import Agent
from agents.models import AgentMemory
from core.errors import Conflict
from core.errors import NotFound
from core.llm.tools import ToolContext
from core.text import folded
from messenger.models import Conversation


def subject_of(context: ToolContext) -> dict[str, Any]:
    """About whom it is: the group in which it is asked, or else the person who asks."""
    where = context.conversation_id
    if where and Conversation.objects.filter(pk=where, type=Conversation.Type.GROUP).exists():
        return {"user_id": None, "conversation_id": where}
    return {"user_id": context.user_id, "conversation_id": None}


def known(context: ToolContext) -> QuerySet[AgentMemory]:
    """What the agent remembers here, oldest first."""
    if context.caller_id is None:
        return AgentMemory.objects.none()
    return AgentMemory.objects.filter(agent_id=context.caller_id, **subject_of(context)).order_by("id")


@transaction.atomic
def remember(context: ToolContext, text: str) -> bool:
    """False when it was known. Raises Conflict when there is no room."""
    agent_id = _agent(context)
    subject = subject_of(context)
    digest = hashlib.sha256(folded(text).encode("utf-8", "replace")).hexdigest()
    rows = AgentMemory.objects.filter(agent_id=agent_id, **subject)
    if rows.filter(text_hash=digest).exists():
        return False
    if rows.count() >= limits.MAX_MEMORIES:
        raise Conflict(gettext("There is no room for more. Forget something first."))
    made = AgentMemory(agent_id=agent_id, text=text[: limits.MEMORY_LENGTH], text_hash=digest, **subject)
    AgentMemory.objects.bulk_create([made], ignore_conflicts=True)
    return True


def recall(context: ToolContext, words: str) -> list[str]:
    """What is remembered here; with words only what has all of them."""
    wanted = folded(words).split()
    texts = list(known(context).values_list("text", flat=True))
    return [text for text in texts if all(word in folded(text) for word in wanted)]


def forget(context: ToolContext, text: str) -> int:
    """What has these words in it is remembered no more; returns how many there were."""
    rows = [row.pk for row in known(context) if folded(text) in folded(row.text)]
    return AgentMemory.objects.filter(pk__in=rows).delete()[0]


def _agent(context: ToolContext) -> UUID:
    """Locked, so that what is counted stays so. Raises NotFound, and Conflict where nobody is there to remember."""
    if context.caller_id is None:
        raise Conflict(gettext("Nothing is remembered by what is only tried. Make an agent of it first."))
    found = Agent.objects.current().select_for_update().filter(pk=context.caller_id).first()
    if found is None:
        raise NotFound
    return found.pk

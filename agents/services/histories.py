"""What was said in a conversation before a run: as its model is given it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from agents import limits
from agents.models import AgentRun
from agents.services.message_runs import text_of
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation.people import person


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run speaks: the user of its agent, who asks in which words, and what was said before."""

    speaker: User
    is_group: bool
    prompt: str
    history: list[dict[str, str]]


def place_of(run: AgentRun) -> Place | None:
    """None for a run outside conversations, and where the agent or the conversation is gone."""
    agent, conversation = run.agent, run.conversation
    if agent is None or conversation is None or run.trigger_message_id is None:
        return None
    is_group = conversation.type == Conversation.Type.GROUP
    speaker = agent.user
    asked = Message.objects.filter(pk=run.trigger_message_id).select_related("sender").first()
    sender = asked.sender if asked is not None else None
    prompt = f"{person(sender).name}: {run.prompt}" if is_group and sender is not None else run.prompt
    return Place(speaker, is_group, prompt, _history(run, conversation, speaker))


def _history(run: AgentRun, conversation: Conversation, speaker: User) -> list[dict[str, str]]:
    """From the agent's joining on, up to when the run first began: the same for whoever goes on with it."""
    joined = Participant.objects.active().filter(conversation=conversation, user=speaker).first()
    if joined is None or run.started_at is None:
        return []
    rows = Message.objects.filter(
        conversation=conversation, created_at__gte=joined.joined_at, created_at__lt=run.started_at
    )
    own = {str(run.trigger_message_id), *run.joined_message_ids, *run.answer_message_ids}
    rows = rows.exclude(message_type=Message.Type.SYSTEM).filter(is_deleted=False).exclude(pk__in=own)
    newest = rows.select_related("sender", "media").order_by("-seq")[: limits.HISTORY_MESSAGES]
    is_group = conversation.type == Conversation.Type.GROUP
    return [_turn(message, speaker, is_group=is_group) for message in reversed(newest) if text_of(message)]


def _turn(message: Message, speaker: User, *, is_group: bool) -> dict[str, str]:
    if message.sender_id == speaker.pk:
        return {"role": "assistant", "content": text_of(message)}
    named = is_group and message.sender is not None
    content = f"{person(message.sender).name}: {text_of(message)}" if named and message.sender else text_of(message)
    return {"role": "user", "content": content}

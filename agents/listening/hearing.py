"""One look at a conversation: read on from the cursors, decide for each agent, begin runs, move the cursors."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from uuid import UUID

from django.db import transaction

from agents import limits
from agents.events import AgentRefused
from agents.listening.chains import Chains
from agents.models import Agent
from agents.models import AgentConversation
from agents.models import AgentRun
from agents.models import AgentSubscription
from agents.services import conversations
from agents.services import message_runs
from agents.services import run_events
from agents.services.message_runs import Trigger
from core.errors import DomainError
from core.models import Stream
from messenger.models import Conversation
from messenger.models import Message
from messenger.services import notes
from messenger.services import speaking


def listen(conversation_id: UUID) -> list[UUID]:
    """Hear everything up to now; returns the runs that began."""
    began: list[UUID] = []
    while True:
        look = _look(conversation_id)
        began += look.began
        if not look.has_more:
            return began


@dataclass
class _Look:
    """What one transaction found; what people are told of it is said at its end, as streams are locked last."""

    conversation_id: UUID
    began: list[UUID] = field(default_factory=list)
    refusals: list[tuple[UUID, AgentRefused]] = field(default_factory=list)
    has_more: bool = False
    waits: bool = False

    @cached_property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.conversation_id)

    @cached_property
    def is_direct(self) -> bool:
        return bool(self.conversation.type == Conversation.Type.DIRECT)

    @cached_property
    def state(self) -> AgentConversation:
        return conversations.state_of(self.conversation_id)

    @cached_property
    def chains(self) -> Chains:
        return Chains(self.conversation_id)


@transaction.atomic
def _look(conversation_id: UUID) -> _Look:
    look = _Look(conversation_id)
    rows = AgentSubscription.objects.filter(conversation_id=conversation_id, agent__deleted_at=None)
    locked = rows.select_for_update(of=("self",)).select_related("agent__user", "agent__owner")
    subscriptions = list(locked.order_by("pk"))
    if not subscriptions:
        return look
    head = Stream.objects.filter(pk=conversation_id).values_list("last_seq", flat=True).first() or 0
    first = min(one.heard_seq for one in subscriptions)
    messages = Message.objects.filter(conversation_id=conversation_id).select_related("sender", "reply_to", "media")
    new = list(messages.filter(seq__gt=first, seq__lte=head).order_by("seq")[: limits.HEARD_AT_ONCE])
    look.has_more = len(new) == limits.HEARD_AT_ONCE
    up_to = new[-1].seq if look.has_more else head
    waited_for = {message_id for one in subscriptions for message_id in one.unfinished}
    old = list(messages.filter(pk__in=waited_for).order_by("seq")) if waited_for else []
    for subscription in subscriptions:
        _hear(look, subscription, old, new, up_to)
    if look.waits and not look.chains.has_said_so:
        notes.write_note(look.conversation, "agents_wait", actor=None)
    run_events.publish_refused(look.refusals)
    return look


def _hear(look: _Look, subscription: AgentSubscription, old: list[Message], new: list[Message], up_to: int) -> None:
    waited_for = set(subscription.unfinished)
    heard = [one for one in old if str(one.pk) in waited_for]
    heard += [one for one in new if one.seq > subscription.heard_seq]
    unfinished = []
    for message in heard:
        if message.sender_id == subscription.agent.user_id:
            continue
        if _may_go_on(message):
            unfinished.append(str(message.pk))
        elif look.state.paused_at is None:
            _decide(look, subscription, message)
    unfinished = unfinished[-limits.UNFINISHED :]
    if subscription.heard_seq < up_to or subscription.unfinished != unfinished:
        subscription.heard_seq = max(subscription.heard_seq, up_to)
        subscription.unfinished = unfinished
        subscription.save(update_fields=["heard_seq", "unfinished"])


def _may_go_on(message: Message) -> bool:
    """Whether an agent still writes it, or will when another process has taken its run over."""
    facts = message.agent or {}
    if message.is_deleted or not facts:
        return False
    if facts.get("state") == "writing":
        return True
    is_lost = facts.get("reason") == speaking.LOST
    return is_lost and AgentRun.objects.live().filter(pk=facts["run_id"]).exists()


def _decide(look: _Look, subscription: AgentSubscription, message: Message) -> None:
    trigger = _trigger(look, subscription, message)
    if trigger is None:
        return
    if trigger.parent is not None and not look.chains.may_answer(subscription.agent, trigger.parent):
        look.waits = True
        return
    try:
        with transaction.atomic():
            run = message_runs.begin(subscription, trigger, epoch=look.state.epoch)
    except DomainError as error:
        look.refusals.append((trigger.asker.pk, _refused(subscription, message, error)))
        return
    if run is not None:
        look.began.append(run.pk)
        look.chains.note_begun()


def _trigger(look: _Look, subscription: AgentSubscription, message: Message) -> Trigger | None:
    """Whether the agent answers this message: in a group only what names or answers it."""
    sender, user_id = message.sender, subscription.agent.user_id
    if sender is None or message.is_deleted or message.message_type == Message.Type.SYSTEM:
        return None
    # @all is for people: the conversation's own id, which stands for it, is nobody's.
    is_named = str(user_id) in message.mentions
    if sender.kind == sender.Kind.AGENT:
        return look.chains.trigger(message) if is_named else None
    answers = message.reply_to is not None and message.reply_to.sender_id == user_id
    # Nobody pays for an answer they have not asked for.
    speaks_up = subscription.speaks_up and subscription.agent.payer == Agent.Payer.OWNER
    if look.is_direct or is_named or answers or speaks_up:
        return Trigger(message, sender)
    return None


def _refused(subscription: AgentSubscription, message: Message, error: DomainError) -> AgentRefused:
    return AgentRefused(
        conversation_id=subscription.conversation_id,
        message_id=message.pk,
        agent_id=subscription.agent_id,
        user_id=subscription.agent.user_id,
        code=error.code,
        error=error.sentence,
        reset_at=error.context.get("reset_at"),
    )

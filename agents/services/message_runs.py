"""Runs that a message sets going: who asks, who pays, and what is said while a run waits for its turn."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from agents import limits
from agents.models import AgentRun
from agents.models import AgentSubscription
from agents.services import runs
from agents.services import snapshots
from messenger.models import Message

State = AgentRun.State


@dataclass(frozen=True, slots=True)
class Trigger:
    """A message that an agent answers; ``parent`` is the run that wrote it, where an agent has.

    The asker is the person at the beginning of the chain: everything is done with their rights.
    """

    message: Message
    asker: User
    parent: AgentRun | None = None

    @property
    def hop(self) -> int:
        return self.parent.hop + 1 if self.parent is not None else 0

    @property
    def text(self) -> str:
        return text_of(self.message)


def text_of(message: Message) -> str:
    """What a model reads of a message; a file is named."""
    media = message.media
    named = f"[{media.name}]" if media is not None else ""
    return "\n".join(part for part in (message.content, named) if part)


def begin(subscription: AgentSubscription, trigger: Trigger, *, epoch: int) -> AgentRun | None:
    """A new run, or None where a queued one of the same asker takes the message along, or one has answered it.

    The subscription is locked. Raises what :func:`agents.services.runs.begin` raises, except for NotFound: who reads an
    agent may talk to it.
    """
    agent = subscription.agent
    if AgentRun.objects.filter(agent=agent, trigger_message_id=trigger.message.pk).exists():
        return None
    if _joined(subscription, trigger, epoch):
        return None
    payer_id = runs.check(agent, trigger.asker)
    snapshot = snapshots.take(agent, asker_id=trigger.asker.pk)
    runs.require_model(snapshot, payer_id)
    return AgentRun.objects.create(
        agent=agent,
        version=agent.version,
        snapshot=snapshot.stored(),
        trigger=AgentRun.Trigger.MESSAGE,
        prompt=trigger.text[: limits.PROMPT_LENGTH],
        conversation_id=subscription.conversation_id,
        subscription=subscription,
        trigger_message_id=trigger.message.pk,
        asker=trigger.asker,
        payer_id=payer_id,
        parent=trigger.parent,
        hop=trigger.hop,
        epoch=epoch,
    )


def _joined(subscription: AgentSubscription, trigger: Trigger, epoch: int) -> bool:
    """What a person adds while their question waits for its turn belongs to it."""
    if trigger.parent is not None:
        return False
    queued = AgentRun.objects.filter(subscription=subscription, asker=trigger.asker, hop=0, epoch=epoch)
    found = queued.filter(state=State.QUEUED, attempts=0).select_for_update(of=("self",)).order_by("id").first()
    if found is None:
        return False
    prompt = f"{found.prompt}\n\n{trigger.text}"
    if len(prompt) > limits.PROMPT_LENGTH:
        return False
    found.prompt = prompt
    found.joined_message_ids = [*found.joined_message_ids, str(trigger.message.pk)]
    found.save(update_fields=["prompt", "joined_message_ids"])
    return True

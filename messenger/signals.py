"""The signals the messenger sends to the apps above it: after the commit, ids only.

What is said is signalled where an agent is a member and nowhere else, so people among themselves pay nothing for it;
who came and went, blocked or ended something is always signalled. System messages are not: nobody said them.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from uuid import UUID

from django.dispatch import Signal

from core.signals import send_on_commit

messages_written = Signal()
"""``messages: dict[UUID, list[UUID]]``: in these conversations these messages were said, in the order of ``seq``.

One signal for all that was written in one transaction, whoever wrote it. A message that grows is in it when it is
finished: half a word names nobody.
"""

messages_taken_back = Signal()
"""``conversation_id: UUID, message_ids: list[UUID]``: these were taken back; what they set going must stop."""

members_joined = Signal()
"""``conversation_id: UUID, user_ids: list[UUID], by: UUID``: they are members now; all of them, when a conversation
begins. ``by`` is who brought them in, or began it."""

members_left = Signal()
"""``conversation_id: UUID, user_ids: list[UUID]``: they left or were removed, and may see nothing more of it."""

pair_blocked = Signal()
"""``user_ids: list[UUID]``: the first has blocked the second, and there was no block between the two before."""

conversation_ended = Signal()
"""``conversation_id: UUID``: nobody is in it any more. Nobody left it one by one: ``members_left`` is not sent."""


def send_messages_written(messages: Iterable[tuple[UUID, UUID]]) -> None:
    """Send ``messages_written`` on commit, of pairs of conversation and message, when there are any."""
    found: dict[UUID, list[UUID]] = {}
    for conversation_id, message_id in messages:
        found.setdefault(conversation_id, []).append(message_id)
    if found:
        send_on_commit(messages_written, messages=found)


def send_messages_taken_back(conversation_id: UUID, message_ids: Collection[UUID]) -> None:
    """Send ``messages_taken_back`` on commit, when there are any."""
    if message_ids:
        send_on_commit(messages_taken_back, conversation_id=conversation_id, message_ids=list(message_ids))


def send_members_joined(conversation_id: UUID, user_ids: Iterable[UUID], *, by: UUID) -> None:
    """Send ``members_joined`` on commit."""
    send_on_commit(members_joined, conversation_id=conversation_id, user_ids=list(user_ids), by=by)


def send_members_left(conversation_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Send ``members_left`` on commit."""
    send_on_commit(members_left, conversation_id=conversation_id, user_ids=list(user_ids))


def send_pair_blocked(blocker_id: UUID, blocked_id: UUID) -> None:
    """Send ``pair_blocked`` on commit."""
    send_on_commit(pair_blocked, user_ids=[blocker_id, blocked_id])


def send_conversation_ended(conversation_id: UUID) -> None:
    """Send ``conversation_ended`` on commit."""
    send_on_commit(conversation_ended, conversation_id=conversation_id)

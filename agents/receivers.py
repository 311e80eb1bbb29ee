"""What agents do when the messenger tells of something; connected when the app is ready."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from agents import listening
from agents.runner import runners
from messenger import signals


@receiver(signals.members_joined)
def _join(*, conversation_id: UUID, user_ids: Sequence[UUID], by: UUID, **_: Any) -> None:
    if listening.join(conversation_id, user_ids, by=by):
        runners.wake_all()


@receiver(signals.members_left)
def _leave(*, conversation_id: UUID, user_ids: Sequence[UUID], **_: Any) -> None:
    listening.leave(conversation_id, user_ids)


@receiver(signals.conversation_ended)
def _end(*, conversation_id: UUID, **_: Any) -> None:
    listening.leave(conversation_id)


@receiver(signals.messages_written)
def _listen(*, messages: Mapping[UUID, Sequence[UUID]], **_: Any) -> None:
    for conversation_id in messages:
        if listening.listen(conversation_id):
            runners.wake_all()


@receiver(signals.messages_taken_back)
def _take_back(*, conversation_id: UUID, message_ids: Sequence[UUID], **_: Any) -> None:
    listening.take_back(conversation_id, message_ids)

"""What calls do when somebody else tells of something; connected when the app is ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts import events
from calls.services import ending
from messenger import signals


@receiver(events.sessions_revoked)
def _end_sessions(*, session_ids: Sequence[UUID], **_: Any) -> None:
    ending.end_sessions(session_ids)


@receiver(events.user_suspended)
def _end_suspended(*, user_id: UUID, **_: Any) -> None:
    ending.end_user(user_id)


@receiver(events.deletion_scheduled)
def _end_leaving(*, user_id: UUID, **_: Any) -> None:
    ending.end_user(user_id)


@receiver(signals.members_left)
def _end_membership(*, conversation_id: UUID, user_ids: Sequence[UUID], **_: Any) -> None:
    ending.end_membership(conversation_id, user_ids)


@receiver(signals.pair_blocked)
def _end_between(*, user_ids: Sequence[UUID], **_: Any) -> None:
    ending.end_between(user_ids)


@receiver(signals.conversation_ended)
def _end_conversation(*, conversation_id: UUID, **_: Any) -> None:
    ending.end_conversation(conversation_id)

"""What this app does when a signal is sent; importing the module connects it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts import events
from accounts.models import DataExportPart
from core import push
from core.files import blobs
from core.realtime import control


@receiver(events.sessions_revoked)
def _close_sockets_of_sessions(session_ids: Sequence[UUID], **_: Any) -> None:
    control.close_sessions(session_ids)
    push.forget_sessions(session_ids)


@receiver(events.user_suspended)
@receiver(events.deletion_scheduled)
def _close_sockets_of_user(user_id: UUID, **_: Any) -> None:
    control.close_user(user_id)


@receiver(post_delete, sender=DataExportPart)
def _loosen_bytes_of_part(instance: DataExportPart, **_: Any) -> None:
    blobs.loosen(instance.key)

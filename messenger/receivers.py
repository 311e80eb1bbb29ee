"""What this app does when a signal is sent; importing the module connects it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from accounts import events
from core import jobs
from messenger.services import renaming


@receiver(events.user_renamed)
def _show_person_anew(user_id: UUID, **_: Any) -> None:
    jobs.enqueue(renaming.KIND, payload={"user_id": str(user_id)})

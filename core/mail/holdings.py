"""What is kept of letters to people."""

from __future__ import annotations

from uuid import UUID

from core.mail.models import OutgoingMail
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches

HOLDINGS = [
    Holding(
        model="core.OutgoingMail",
        rows=lambda user_id: OutgoingMail.objects.filter(user_id=user_id),
        exported=False,
        reason="That a letter was sent; what stood in it is gone by then.",
    ),
]


def erase(user_id: UUID, work: Work) -> None:
    """Letters to the user."""
    in_batches(OutgoingMail.objects.filter(user_id=user_id), work)

"""What is kept of people's devices."""

from __future__ import annotations

from uuid import UUID

from core.personal import Holding
from core.personal import Work
from core.personal import in_batches
from core.push.models import PushNotice
from core.push.models import PushPreferences
from core.push.models import PushSubscription

HOLDINGS = [
    Holding(
        model="core.PushSubscription",
        # What is not exported is not decrypted for it.
        rows=lambda user_id: PushSubscription.objects.filter(user_id=user_id).defer("endpoint", "p256dh", "auth"),
        leave_out=("endpoint", "p256dh", "auth", "fingerprint", "session_id"),
    ),
    Holding(model="core.PushPreferences", rows=lambda user_id: PushPreferences.objects.filter(user_id=user_id)),
    Holding(
        model="core.PushNotice",
        rows=lambda user_id: PushNotice.objects.filter(user_id=user_id),
        exported=False,
        reason="That a device was told of something; what stood in it is gone by then.",
    ),
]
NOT_PERSONAL = {"core.PushKey": "The key of the site."}


def erase(user_id: UUID, work: Work) -> None:
    """Devices, wishes, and what was on its way."""
    in_batches(PushNotice.objects.filter(user_id=user_id), work)
    in_batches(PushSubscription.objects.filter(user_id=user_id), work)
    in_batches(PushPreferences.objects.filter(user_id=user_id), work)

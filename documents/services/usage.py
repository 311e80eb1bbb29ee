"""What a person's documents have used."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.db.models import Sum

from accounts.models import User
from billing import metering
from billing.models import UsageEntry
from core.errors import NotFound
from documents import shapes
from documents.models import Document
from documents.services.running.steps import FEATURE


def of(actor: User, user_id: UUID) -> shapes.DocumentUsageShape:
    """One's own, or anybody's for staff. Raises NotFound."""
    is_known = actor.pk == user_id or (actor.is_staff and User.objects.filter(pk=user_id).exists())
    if not is_known:
        raise NotFound
    written = Document.objects.filter(user_id=user_id, archived_at=None).aggregate(
        count=Count("pk"), pages=Sum("pages"), words=Sum("words")
    )
    # The ledger: documents that were deleted have cost what they did.
    asked = UsageEntry.objects.filter(user_id=user_id, feature=FEATURE).aggregate(
        calls=Count("pk"), prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens")
    )
    window = metering.allowance(user_id)
    prompt, completion = asked["prompt"] or 0, asked["completion"] or 0
    return shapes.DocumentUsageShape(
        user_id=user_id,
        documents=written["count"],
        pages=written["pages"] or 0.0,
        words=written["words"] or 0,
        calls=asked["calls"],
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=prompt + completion,
        tokens_left=window.left,
        resets_at=window.reset_at,
    )

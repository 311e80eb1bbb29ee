"""What staff do to documents: each act has a reason and stands in the audit log. Nobody's texts are read for it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from core.models import Job
from translation.models import Translation
from translation.models import TranslationChunk
from translation.services.documents import changing
from translation.services.documents import parts


@transaction.atomic
def cancel(actor: User, *, translation_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """End a document at work; what is not done costs nothing. False for one that is over."""
    found = Translation.objects.documents().filter(pk=translation_id).select_related("user").first()
    if found is None or found.user is None or found.is_over:
        return False
    changing.cancel(found.user, found.pk)
    audit.record("translation.cancelled", actor=actor, client=client, on=found.user, reason=reason)
    return True


@transaction.atomic
def let_go_on(actor: User, *, translation_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """The service was paid, or has its key: what waits for staff asks it again at once. False when nothing waits."""
    rows = Translation.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=translation_id, stage=Translation.Stage.WAITING_SERVICE).exclude(error_code="").first()
    if found is None:
        return False
    parts.to_stage(found, Translation.Stage.WORKING)
    waiting = TranslationChunk.objects.filter(translation=found).exclude(state__in=parts.OVER)
    keys = [f"{pk}:{number}" for pk, number in waiting.values_list("pk", "round")]
    parts.look_now(Job.objects.filter(kind=parts.CHUNK, key__in=keys))
    audit.record("translation.let_go_on", actor=actor, client=client, on=found.user, reason=reason)
    return True


@transaction.atomic
def retry(actor: User, *, translation_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """What has failed of a document is tried again. False when nothing has."""
    found = Translation.objects.documents().filter(pk=translation_id).select_related("user").first()
    if found is None or found.user is None or found.status != Translation.Status.FAILED:
        return False
    changing.retry(found.user, found.pk)
    audit.record("translation.retried", actor=actor, client=client, on=found.user, reason=reason)
    return True

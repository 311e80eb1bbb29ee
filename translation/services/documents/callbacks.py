"""Addresses that a service may call. Their token names the part; what is sent there is not believed."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.utils import timezone

from core.models import Job
from translation.models import TranslationChunk
from translation.services.documents import parts

_SALT = "translation.callback"
_LIFE_SECONDS = 7 * 24 * 3600


def address_for(chunk: TranslationChunk) -> str:
    """Of ours, for the service that has this part; empty where we cannot be reached from outside."""
    if not settings.PUBLIC_URL.startswith("https://"):
        return ""
    return f"{settings.PUBLIC_URL}/webhook/otranslator/{token_of(chunk)}"


def token_of(chunk: TranslationChunk) -> str:
    """Signed, and of no use for anything else."""
    return signing.dumps([str(chunk.pk), chunk.round], salt=_SALT)


def poke(token: str) -> bool:
    """Look at the part now. False for a token that we have not given."""
    try:
        found, number = signing.loads(token, salt=_SALT, max_age=_LIFE_SECONDS)
        chunk_id = UUID(found)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    now = timezone.now()
    rows = TranslationChunk.objects.filter(pk=chunk_id, round=number, state=parts.State.SENT)
    if rows.filter(Q(poll_at=None) | Q(poll_at__lte=now)).update(poll_at=now):
        parts.look_now(Job.objects.filter(kind=parts.CHUNK, key=f"{chunk_id}:{number}"))
    return True

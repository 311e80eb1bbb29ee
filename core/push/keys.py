"""The site's key: made when it is first needed, kept encrypted in the database, the same in every process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from webpush.vapid import VAPID

from core.push.models import PushKey


@dataclass(frozen=True, slots=True)
class SiteKey:
    """``public`` is what browsers subscribe with, ``private_pem`` what signs."""

    public: str
    private_pem: bytes


def site_key() -> SiteKey:
    """The key there is, made now if there is none: of two processes that begin at once, one's counts."""
    row = PushKey.objects.filter(slot="current").first()
    if row is None:
        private_pem, _public_pem, public = VAPID.generate_keys()
        made = PushKey(public=public, private=private_pem.decode())
        PushKey.objects.bulk_create([made], ignore_conflicts=True)
        row = PushKey.objects.get(slot="current")
    return _read(row.public, row.private.reveal())


@lru_cache(maxsize=2)
def _read(public: str, private: str) -> SiteKey:
    return SiteKey(public, private.encode())

"""The signed tickets in the addresses of the demo's pages."""

from __future__ import annotations

from django.core import signing

LIFETIME_SECONDS = 3600
_SALT = "billing.demo"


def sign(object_id: str) -> str:
    """What opens a page of the demo for an hour: whoever was given the address, as with the real pages."""
    return signing.dumps(object_id, salt=_SALT)


def read(text: str) -> str | None:
    """The id of what it opens, or None."""
    try:
        return str(signing.loads(text, salt=_SALT, max_age=LIFETIME_SECONDS))
    except signing.BadSignature:
        return None

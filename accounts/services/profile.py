"""What users say about themselves."""

from __future__ import annotations

from typing import TypedDict
from typing import Unpack

from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from accounts.services import registration
from core.errors import InvalidInput


class ProfileChanges(TypedDict, total=False):
    """The fields users may change themselves."""

    username: str
    bio: str
    language: str


def update_profile(actor: User, *, client: Client = NOBODY, **changes: Unpack[ProfileChanges]) -> User:
    """Change the actor's own profile; fields that are not given stay. Raises InvalidInput and Duplicate."""
    fields = [name for name, value in changes.items() if getattr(actor, name) != value]
    if not fields:
        return actor
    for name in fields:
        setattr(actor, name, changes[name])  # type: ignore[literal-required]
    if wrong := registration.field_problems(actor, *fields):
        raise InvalidInput(details=wrong)
    with transaction.atomic():
        registration.save_unique(actor, update_fields=fields)
        audit.record("profile.changed", actor=actor, client=client, on=actor, fields=sorted(fields))
    return actor

"""What users say about themselves."""

from __future__ import annotations

from typing import TypedDict
from typing import Unpack
from uuid import UUID

from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from accounts.services import registration
from core.errors import InvalidInput
from core.errors import NotFound
from core.files import links
from core.models import StoredFile


class ProfileChanges(TypedDict, total=False):
    """The fields users may change themselves."""

    username: str
    bio: str
    language: str
    avatar_id: UUID | None
    avatar_url: str


def update_profile(actor: User, *, client: Client = NOBODY, **changes: Unpack[ProfileChanges]) -> User:
    """Change the actor's own profile; fields that are not given stay.

    ``avatar_id`` is an own file of purpose avatar, or None for no picture; the one before is deleted. Raises
    InvalidInput and Duplicate, and NotFound for a picture that is not the actor's.
    """
    before = actor.avatar_url
    if "avatar_id" in changes:
        changes["avatar_url"] = _avatar_url(actor, changes.pop("avatar_id"))
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
        if "avatar_url" in fields:
            _delete_avatar(actor, before)
    return actor


def _avatar_url(actor: User, file_id: UUID | None) -> str:
    if file_id is None:
        return ""
    avatars = StoredFile.objects.visible_to(actor).filter(purpose=StoredFile.Purpose.AVATAR)
    file = avatars.filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return links.avatar_url(file)


def _delete_avatar(actor: User, url: str) -> None:
    if file_id := links.avatar_id(url):
        StoredFile.objects.filter(pk=file_id, owner=actor, purpose=StoredFile.Purpose.AVATAR).delete()

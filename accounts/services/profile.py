"""What users say about themselves."""

from __future__ import annotations

from typing import TypedDict
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
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
    time_zone: str
    avatar_id: UUID | None
    avatar_url: str


def update_profile(actor: User, *, client: ClientInfo = NOBODY, **changes: Unpack[ProfileChanges]) -> User:
    """Change the actor's own profile; fields that are not given stay.

    ``avatar_id`` is an own file of purpose avatar, or None for no picture; the one before is deleted. Raises
    InvalidInput and Duplicate, and NotFound for a picture that is not the actor's.
    """
    before = actor.avatar_url
    if "avatar_id" in changes:
        changes["avatar_url"] = own_avatar_url(actor, changes.pop("avatar_id"))
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
            delete_unused_avatar(actor.pk, before)
    return actor


def own_avatar_url(actor: User, file_id: UUID | None) -> str:
    """The lasting link of a picture the actor uploaded as an avatar; empty for None. Raises NotFound for others."""
    if file_id is None:
        return ""
    avatars = StoredFile.objects.visible_to(actor).filter(purpose=StoredFile.Purpose.AVATAR)
    file = avatars.filter(pk=file_id).first()
    if file is None:
        raise NotFound
    return links.avatar_url(file)


def delete_unused_avatar(owner_id: UUID, url: str) -> None:
    """The file behind a picture that was replaced goes, unless its owner or an agent of theirs shows it still."""
    file_id = links.avatar_id(url)
    if file_id and not User.objects.filter(Q(pk=owner_id) | Q(agent__owner=owner_id), avatar_url=url).exists():
        StoredFile.objects.filter(pk=file_id, owner=owner_id, purpose=StoredFile.Purpose.AVATAR).delete()

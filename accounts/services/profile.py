"""What users say about themselves."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any
from typing import TypedDict
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import events
from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from accounts.services import registration
from core import text
from core.errors import InvalidInput
from core.errors import NotFound
from core.files import links
from core.models import StoredFile
from core.realtime import streams
from core.realtime.names import user_stream


class ProfileChanges(TypedDict, total=False):
    """The fields users may change themselves."""

    username: str
    display_name: str
    bio: str
    language: str
    time_zone: str
    avatar_id: UUID | None
    avatar_url: str


def update_profile(actor: User, *, client: ClientInfo = NOBODY, **changes: Unpack[ProfileChanges]) -> User:
    """Change the actor's own profile; fields that are not given stay.

    ``avatar_id`` is an own file of purpose avatar, or None for no picture; the one before is deleted. An empty
    ``display_name`` takes it away. Raises InvalidInput and Duplicate, and NotFound for somebody else's picture.
    """
    before = actor.avatar_url
    if "avatar_id" in changes:
        changes["avatar_url"] = own_avatar_url(actor, changes.pop("avatar_id"))
    if "display_name" in changes:
        changes["display_name"] = cleaned_name(changes["display_name"])
    fields = [name for name, value in changes.items() if getattr(actor, name) != value]
    if not fields:
        return actor
    give(actor, {name: changes[name] for name in fields})  # type: ignore[literal-required]
    with transaction.atomic():
        save_given(actor, fields)
        audit.record("profile.changed", actor=actor, client=client, on=actor, fields=sorted(fields))
        streams.append(user_stream(actor.pk), events.ProfileUpdated(fields=sorted(fields)))
        if "avatar_url" in fields:
            delete_unused_avatar(actor.pk, before)
    return actor


SHOWN = frozenset({"username", "display_name", "avatar_url"})
"""What others see of a user wherever they meet them."""


def cleaned_name(name: str) -> str:
    """A display name as it is kept: one line that turns nothing around it and hides nothing between its letters.

    Empty stays empty. Raises InvalidInput when there is something and nothing of it can be seen.
    """
    cleaned = text.line(text.spelled(name))
    if name and not cleaned:
        raise InvalidInput(details={"display_name": [_("Use at least one letter that can be seen.")]})
    return cleaned


def give(user: User, values: Mapping[str, Any]) -> None:
    """Set these fields of a person or an agent. Raises InvalidInput with every broken rule by field."""
    for name, value in values.items():
        if name == "display_name":
            user.set_display_name(value)
        else:
            setattr(user, name, value)
    if wrong := registration.field_problems(user, *values):
        raise InvalidInput(details=wrong)


def save_given(user: User, fields: Collection[str]) -> None:
    """Save what :func:`give` has set, and tell of it where others see it. Raises Duplicate."""
    also = ["search_name"] if "display_name" in fields else []
    registration.save_unique(user, update_fields=[*fields, *also])
    if not SHOWN.isdisjoint(fields):
        events.send_user_renamed(user.pk)


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

"""Pictures of groups."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from accounts.services import profile
from core.errors import NotFound
from core.files import links
from core.models import StoredFile
from messenger.models import Conversation


def avatar_url(actor: User, file_id: UUID) -> str:
    """The lasting link of a picture the actor uploaded as an avatar. Raises NotFound for any other file."""
    file = StoredFile.objects.visible_to(actor).filter(pk=file_id, purpose=StoredFile.Purpose.AVATAR).first()
    if file is None:
        raise NotFound
    return links.avatar_url(file)


def delete_unused(url: str) -> None:
    """The file behind a picture that was replaced goes, unless its owner, an agent of theirs or another group shows it
    still."""
    file_id = links.avatar_id(url)
    file = file_id and StoredFile.objects.filter(pk=file_id, purpose=StoredFile.Purpose.AVATAR).first()
    if not file:
        return
    elsewhere = Conversation.objects.current().filter(avatar_url=url)
    if not elsewhere.exists():
        profile.delete_unused_avatar(file.owner_id, url)

"""Pictures of groups."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
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


def forget(url: str) -> None:
    """The file behind a picture that was replaced goes, unless somebody or another group shows it still."""
    file_id = links.avatar_id(url)
    file = file_id and StoredFile.objects.filter(pk=file_id, purpose=StoredFile.Purpose.AVATAR).first()
    if not file:
        return
    elsewhere = Conversation.objects.filter(avatar_url=url, deleted_at=None)
    if not elsewhere.exists() and not User.objects.filter(pk=file.owner_id, avatar_url=url).exists():
        file.delete()

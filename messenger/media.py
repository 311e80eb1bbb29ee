"""The files of messages and stories: who may see them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import Q
from django.db.models import QuerySet

from accounts.models import User
from core.models import StoredFile
from messenger.models import Message
from messenger.models import Story


def visible_files(actor: User, file_ids: Collection[UUID]) -> QuerySet[StoredFile]:
    """Those of the files that are the actor's own, or of a message or a story they may see."""
    messages = Message.objects.visible_to(actor).filter(media_id=OuterRef("pk"))
    stories = Story.objects.visible_to(actor).filter(media_id=OuterRef("pk"))
    files = StoredFile.objects.current().filter(pk__in=file_ids)
    return files.filter(Q(owner_id=actor.pk) | Exists(messages) | Exists(stories))

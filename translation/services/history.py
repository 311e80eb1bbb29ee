"""What a person had translated: found, shown, deleted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models.functions import Substr

from accounts.models import User
from core.errors import NotFound
from core.realtime import streams
from core.realtime.names import user_stream
from translation.errors import AlreadyRunning
from translation.events import TranslationDeleted
from translation.models import Translation
from translation.services import deleting

EXCERPT = 200
"""Characters of a text that a list shows."""


def listed(actor: User, *, kind: str = "", service: str = "", status: str = "", q: str = "") -> QuerySet[Translation]:
    """The actor's, newest first, each with the beginnings of its text as ``source_start`` and ``result_start``."""
    found = Translation.objects.visible_to(actor)
    for field, value in (("kind", kind), ("service", service), ("status", status)):
        if value:
            found = found.filter(**{field: value})
    if q:
        found = found.filter(Q(text__source__icontains=q) | Q(text__result__icontains=q) | Q(name__icontains=q))
    return found.annotate(
        source_start=Substr("text__source", 1, EXCERPT), result_start=Substr("text__result", 1, EXCERPT)
    ).order_by("-id")


def own(actor: User, translation_id: UUID) -> Translation:
    """One of the actor's, with its text where it has one. Raises NotFound."""
    found = Translation.objects.visible_to(actor).select_related("text").filter(pk=translation_id).first()
    if found is None:
        raise NotFound
    return found


def delete(actor: User, *, translation_id: UUID) -> None:
    """With its text, files and segments; figures stay for the revenue. Raises NotFound and AlreadyRunning."""
    found = own(actor, translation_id)
    if not found.is_over and found.stage not in {Translation.Stage.READY, Translation.Stage.PAYING}:
        raise AlreadyRunning
    deleting.empty(found)
    with transaction.atomic():
        streams.append(user_stream(actor.pk), TranslationDeleted(id=translation_id))

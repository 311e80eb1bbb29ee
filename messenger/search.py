"""Finding messages by what is in them.

A message matches when it contains all words of the question, anywhere, whatever their case: in the middle of a word, in
Cyrillic, in Chinese. On PostgreSQL a trigram index serves that, and a full text index finds what is written with other
punctuation than the question; without PostgreSQL every message one may see is looked through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField
from django.db.models import Func
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models import Value

from accounts.models import User
from accounts.models import display_name
from core import searching
from core.text import folded
from messenger.access import member_of
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation import messages
from messenger.presentation.conversations import NOBODY
from messenger.presentation.conversations import SAVED

MAX_CHARS = 200

_PUNCTUATION = re.compile(r"[^\w\s]")
"""Without it full text finds nothing that is not found by its letters."""


class _FullText(Func):
    """The text (already folded) has all words of the question, by the configuration that knows no language."""

    template = "(to_tsvector('simple'::regconfig, %(expressions)s))"
    arg_joiner = ") @@ plainto_tsquery('simple'::regconfig, "
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None: no matter."""

    words: str
    conversation_id: UUID | None = None
    sender_id: UUID | None = None
    before: datetime | None = None
    after: datetime | None = None
    message_type: str | None = None


def find(actor: User, wanted: Wanted) -> QuerySet[Message]:
    """The messages the actor may see that match. Raises NotFound for a conversation that is not theirs."""
    found = Message.objects.visible_to(actor).filter(_says(wanted.words), is_deleted=False)
    if wanted.conversation_id:
        member_of(actor, wanted.conversation_id)
        found = found.filter(conversation_id=wanted.conversation_id)
    exact = {
        "sender_id": wanted.sender_id,
        "created_at__lt": wanted.before,
        "created_at__gte": wanted.after,
        "message_type": wanted.message_type,
    }
    return found.filter(**{name: value for name, value in exact.items() if value is not None})


def _says(words: str) -> Q:
    everywhere = searching.says("search_text", words)
    if connection.vendor != "postgresql" or not _PUNCTUATION.search(words):
        return everywhere
    return everywhere | Q(_FullText("search_text", Value(folded(words))))


def hits(actor: User, message_ids: Sequence[UUID], words: str) -> list[dict[str, Any]]:
    """``{message, conversation, highlights}`` in the order of the ids; at most five queries, whatever their number."""
    shown = messages.shown(message_ids)
    where = _conversations(actor, {message["conversation_id"] for message in shown.values()})
    return [
        {
            "message": shown[message_id],
            "conversation": where[shown[message_id]["conversation_id"]],
            "highlights": searching.marks(shown[message_id]["content"], words),
        }
        for message_id in message_ids
        if message_id in shown
    ]


def _conversations(actor: User, conversation_ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """``{id, name, type, is_saved}`` of each; a direct one has the name of the other person."""
    found: dict[UUID, dict[str, Any]] = {
        row.pk: {"id": row.pk, "name": row.name, "type": row.type, "is_saved": row.is_saved}
        for row in Conversation.objects.filter(pk__in=conversation_ids)
    }
    direct = [row["id"] for row in found.values() if row["type"] == Conversation.Type.DIRECT]
    others = Participant.objects.filter(conversation_id__in=direct).exclude(user_id=actor.pk)
    names = {
        conversation_id: display_name(given, username, user_id)
        for conversation_id, given, username, user_id in others.values_list(
            "conversation_id", "user__display_name", "user__username", "user_id"
        )
    }
    for conversation_id in direct:
        nobody = SAVED if found[conversation_id]["is_saved"] else NOBODY
        found[conversation_id]["name"] = names.get(conversation_id, nobody)
    return found

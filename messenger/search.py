"""Finding messages by what is in them.

A message matches when it holds all words of the question, anywhere, whatever their case: in the middle of a word, in
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
from messenger.access import member_of
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation import messages
from messenger.presentation.conversations import NOBODY
from messenger.writing import folded

MAX_CHARS = 200
MAX_WORDS = 10
MAX_HIGHLIGHTS = 100

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
    everywhere = Q()
    for word in folded(words).split()[:MAX_WORDS]:
        everywhere &= Q(search_text__contains=word)
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
            "highlights": highlights(shown[message_id]["content"], words),
        }
        for message_id in message_ids
        if message_id in shown
    ]


def _conversations(actor: User, conversation_ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """``{id, name, type}`` of each; a direct one has the name of the other person."""
    rows = Conversation.objects.filter(pk__in=conversation_ids).values("id", "name", "type")
    found: dict[UUID, dict[str, Any]] = {row["id"]: dict(row) for row in rows}
    direct = [row["id"] for row in found.values() if row["type"] == Conversation.Type.DIRECT]
    others = Participant.objects.filter(conversation_id__in=direct).exclude(user_id=actor.pk)
    names = {
        conversation_id: display_name(username, user_id)
        for conversation_id, user_id, username in others.values_list("conversation_id", "user_id", "user__username")
    }
    for conversation_id in direct:
        found[conversation_id]["name"] = names.get(conversation_id, NOBODY)
    return found


def highlights(content: str, words: str) -> list[list[int]]:
    """Where the words stand in a text, as ``[start, end)`` in UTF-16 units (as JavaScript counts), in order, apart."""
    text, origins = _folded_with_origins(content)
    needle = folded(words)
    spans = []
    for word in {*needle.split()[:MAX_WORDS], *re.findall(r"\w+", needle)[:MAX_WORDS]}:
        spans += [(origins[at], origins[at + len(word) - 1] + 1) for at in _places(text, word)]
    units = _units(content)
    return [[units[start], units[end]] for start, end in _joined(sorted(spans))[:MAX_HIGHLIGHTS]]


def _folded_with_origins(content: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the position of the one it came from: ß becomes two."""
    parts = [folded(character) for character in content]
    origins = [position for position, part in enumerate(parts) for _ in part]
    return "".join(parts), origins


def _places(text: str, word: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word), text)]


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _units(content: str) -> list[int]:
    """The position in UTF-16 of each character, and of the end."""
    units = [0]
    for character in content:
        units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
    return units

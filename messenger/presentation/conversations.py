"""Conversations as one of their members sees them.

The unit is the membership: its row is the conversation and the one who looks at once. So a list of one person's
conversations and the events that tell a new group's members are built by the same few queries.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models import Window
from django.db.models.functions import RowNumber

from core import sql
from messenger import limits
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.models.messages import UNREAD
from messenger.presentation import messages
from messenger.presentation.people import COLUMNS
from messenger.presentation.people import UserBrief
from messenger.presentation.people import person
from messenger.shapes import ConversationShape
from messenger.shapes import Draft
from messenger.shapes import MessageShape
from messenger.shapes import ParticipantShape

NOBODY = "Deleted account"
"""The name of a direct conversation whose other member is gone."""

SAVED = "Saved messages"
"""The name of one's conversation with oneself; clients have their own words for it."""

_FIGURES = f"""
SELECT {{columns}},
  (SELECT s.last_seq FROM realtime_streams s WHERE s.id = p.conversation_id),
  (SELECT COUNT(*) FROM conversation_participants n WHERE n.conversation_id = p.conversation_id),
  (SELECT l.id FROM conversation_messages l
   WHERE l.conversation_id = p.conversation_id AND l.seq > p.cleared_seq ORDER BY l.seq DESC LIMIT 1),
  COUNT(m.id),
  COUNT(CASE WHEN REPLACE(CAST(m.mentions AS text), '-', '')
             LIKE '%%' || REPLACE(CAST(p.user_id AS text), '-', '') || '%%'
               OR REPLACE(CAST(m.mentions AS text), '-', '')
             LIKE '%%' || REPLACE(CAST(p.conversation_id AS text), '-', '') || '%%' THEN 1 END)
FROM conversation_participants p
LEFT JOIN conversation_messages m
  ON {UNREAD}
WHERE p.id IN ({{places}})
GROUP BY p.id
"""  # noqa: S608 - a fragment from code

_MEMBER = ("conversation_id", "role", "read_seq", "last_read_at", "joined_at", *(f"user__{name}" for name in COLUMNS))


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is counted for one membership."""

    last_seq: int
    members: int
    last_message: UUID | None
    unread: int
    mentions: int


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the conversations of some memberships are made of, by the ids of the conversations."""

    figures: dict[UUID, _Figures]
    """By the id of the membership."""
    members: dict[UUID, list[ParticipantShape]]
    pins: dict[UUID, list[UUID]]
    blocks: set[tuple[UUID, UUID]]
    messages: dict[UUID, MessageShape]
    """By their own ids."""


def shape(membership: Participant) -> ConversationShape:
    """One conversation, as the member of ``membership`` sees it now."""
    return shapes([membership.pk])[0]


def shapes(membership_ids: Sequence[UUID]) -> list[ConversationShape]:
    """Conversations in the order of the memberships, in a fixed number of queries; memberships that end are left out.

    Inside a transaction that has locked a conversation's stream, ``last_seq`` is the position its events follow from.
    """
    found = Participant.objects.select_related("conversation").in_bulk(list(membership_ids))
    rows = [found[key] for key in membership_ids if key in found]
    if not rows:
        return []
    ground = _ground(rows)
    return [_shape(row, ground) for row in rows if row.pk in ground.figures]


def participants(membership_ids: Sequence[UUID]) -> list[ParticipantShape]:
    """Members as all members see them, in the order given; one query."""
    rows = Participant.objects.filter(pk__in=membership_ids).values_list("pk", *_MEMBER)
    found = {row[0]: _member(row[1:]) for row in rows}
    return [found[key] for key in membership_ids if key in found]


def without_marks(members: Sequence[ParticipantShape], *, but: UUID) -> list[ParticipantShape]:
    """Members, of whom one is shown with what they have read: between blocked people nobody sees when the other was."""
    hidden = {"read_seq": 0, "last_read_at": None}
    return [member if member.user.id == but else member.model_copy(update=hidden) for member in members]


def draft(row: Participant) -> Draft | None:
    """What the member has begun to write."""
    if not row.draft or row.draft_updated_at is None:
        return None
    return Draft(content=row.draft, reply_to_id=row.draft_reply_to, updated_at=row.draft_updated_at)


def _ground(rows: Sequence[Participant]) -> _Ground:
    ids = {row.conversation_id for row in rows}
    figures = _figures([row.pk for row in rows])
    members = _members(ids)
    directs = {row.conversation_id for row in rows if row.conversation.type == Conversation.Type.DIRECT}
    people = {member.user.id for conversation in directs for member in members.get(conversation, ())}
    return _Ground(
        figures=figures,
        members=members,
        pins=_pins(ids),
        blocks=_blocks(people),
        messages=messages.shapes_of({figure.last_message for figure in figures.values() if figure.last_message}),
    )


def _figures(membership_ids: Sequence[UUID]) -> dict[UUID, _Figures]:
    statement = _FIGURES.format(
        columns=sql.columns(Participant, "p", ("id",)), places=", ".join(["%s"] * len(membership_ids))
    )
    found = sql.rows(Participant, ("id",), statement, [sql.identity(key) for key in membership_ids])
    return {
        key: _Figures(last_seq or 0, members, _uuid(last_message), unread, mentions)
        for key, last_seq, members, last_message, unread, mentions in found
    }


def _uuid(value: UUID | str | None) -> UUID | None:
    return UUID(value) if isinstance(value, str) else value


def _members(conversation_ids: Collection[UUID]) -> dict[UUID, list[ParticipantShape]]:
    """The first ``limits.SHOWN_MEMBERS`` of each conversation, in the order they came."""
    numbered = Participant.objects.filter(conversation_id__in=conversation_ids).annotate(
        number=Window(RowNumber(), partition_by=F("conversation_id"), order_by=F("id").asc())
    )
    rows = numbered.filter(number__lte=limits.SHOWN_MEMBERS).order_by("id").values_list(*_MEMBER)
    found: dict[UUID, list[ParticipantShape]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_member(row))
    return found


def _member(row: Sequence[Any]) -> ParticipantShape:
    """From the values of ``_MEMBER``."""
    _, role, read_seq, last_read_at, joined_at, *user = row
    return ParticipantShape(
        user=person(UserBrief(*user)), role=role, read_seq=read_seq, last_read_at=last_read_at, joined_at=joined_at
    )


def _pins(conversation_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Newest pin first."""
    pinned = Message.objects.filter(conversation_id__in=conversation_ids, pinned_at__isnull=False)
    found: dict[UUID, list[UUID]] = {}
    for conversation, message in pinned.order_by("-pinned_at", "-id").values_list("conversation_id", "pk"):
        found.setdefault(conversation, []).append(message)
    return found


def _blocks(people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Who blocks whom among these."""
    if not people:
        return set()
    return set(Block.objects.filter(blocker__in=people, blocked__in=people).values_list("blocker_id", "blocked_id"))


def _shape(row: Participant, ground: _Ground) -> ConversationShape:
    conversation, figures = row.conversation, ground.figures[row.pk]
    members = ground.members.get(conversation.pk, [])
    last = figures.last_message and ground.messages.get(figures.last_message)
    face = _face(row, members, ground.blocks)
    return ConversationShape(
        id=conversation.pk,
        type=conversation.type,
        created_by=conversation.created_by_id,
        is_ai_agent=conversation.is_ai_agent,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        participants=without_marks(members, but=row.user_id) if face["is_blocked"] else members,
        participant_count=figures.members,
        role=row.role,
        last_seq=figures.last_seq,
        read_seq=row.read_seq,
        cleared_seq=row.cleared_seq,
        unread_count=figures.unread,
        mention_count=figures.mentions,
        last_message=last or None,
        pinned_message_ids=ground.pins.get(conversation.pk, []),
        is_pinned=row.is_pinned,
        is_muted=row.is_muted,
        notify=row.notify,
        is_archived=row.is_archived,
        draft=draft(row),
        is_saved=row.conversation.is_saved,
        **face,
    )


def _face(row: Participant, members: Sequence[ParticipantShape], blocks: set[tuple[UUID, UUID]]) -> dict[str, Any]:
    """What it is called and looks like, and whether one may write: of a direct one the other person decides."""
    if row.conversation.type == Conversation.Type.GROUP:
        return {"name": row.conversation.name, "avatar_url": row.conversation.avatar_url, "is_blocked": False}
    other = next((member.user for member in members if member.user.id != row.user_id), None)
    if other is None:
        return {"name": SAVED if row.conversation.is_saved else NOBODY, "avatar_url": "", "is_blocked": False}
    blocked = bool({(row.user_id, other.id), (other.id, row.user_id)} & blocks)
    return {"name": other.name, "avatar_url": other.avatar_url, "is_blocked": blocked}

"""Rules that stand in one place: what a message loses, who is a member, who is blocked, what is unread."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.sql import identity
from core.sql import rows
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.models.conversations import ACTIVE_MEMBERSHIPS
from messenger.models.conversations import IS_BLOCKED
from messenger.models.messages import TAKEN_BACK
from messenger.models.messages import UNREAD
from messenger.services import erasing
from messenger.services import reads
from messenger.shapes import MessageShape
from messenger.shapes import ReplyTo
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import membership

# What is taken back --------------------------------------------------------------------------------------------------

KEPT_COLUMNS = {
    "id": "The stone is the same message.",
    "conversation": "The stone stands where the message stood.",
    "seq": "Positions have no gaps.",
    "sender": "Who took it back is no secret; goes with the account (services/erasing.py).",
    "client_id": "A repeat of the request must not write it again; goes with the account.",
    "fingerprint": "Tells that repeat from a mix-up; goes with the account.",
    "message_type": "Says that there was a picture, not which.",
    "reply_to": "Shows the other message, which is not taken back.",
    "system": "Of system messages, which nobody can take back.",
    "album_id": "Says which pictures were sent together, not what they showed.",
    "is_edited": "Says that there was another text, not which.",
    "edited_at": "Says when that was.",
    "is_forwarded": "Says that it was somebody's words, not whose.",
    "created_at": "Says when something was said.",
}
"""Columns that a message keeps when it is taken back, each with the reason why that may be."""

KEPT_FIELDS = KEPT_COLUMNS.keys() - {"sender", "client_id", "conversation"} | {"conversation_id", "reply_to"}
"""What the stored event of an erased person's message still shows."""


def unaccounted(names: Collection[str], lost: Collection[str], kept: Collection[str]) -> set[str]:
    """Names that are neither lost nor excused."""
    return set(names) - set(lost) - set(kept)


def columns() -> set[str]:
    return {field.name for field in Message._meta.concrete_fields}


def test_every_column_of_a_message_is_lost_or_excused_when_it_is_taken_back() -> None:
    assert unaccounted(columns(), TAKEN_BACK, KEPT_COLUMNS) == set()
    assert set(TAKEN_BACK) | set(KEPT_COLUMNS) == columns(), "there is no such column any more"
    assert not set(TAKEN_BACK) & set(KEPT_COLUMNS)


def test_a_column_that_nobody_thought_of_is_found() -> None:
    assert unaccounted(columns() | {"transcript"}, TAKEN_BACK, KEPT_COLUMNS) == {"transcript"}
    assert unaccounted(columns(), TAKEN_BACK.keys() - {"link_preview"}, KEPT_COLUMNS) == {"link_preview"}


@pytest.mark.parametrize("shape", [MessageShape, ReplyTo])
def test_every_field_of_an_erased_message_is_lost_or_excused_in_stored_events(
    shape: type[MessageShape] | type[ReplyTo],
) -> None:
    lost = {*erasing.TOMBSTONE, "content", "is_deleted", "sender", "client_id"}
    assert unaccounted(shape.model_fields, lost, KEPT_FIELDS) == set()
    assert unaccounted({*shape.model_fields, "transcript"}, lost, KEPT_FIELDS) == {"transcript"}


def test_what_was_taken_back_is_nowhere_in_its_row(alice: User, bob: User) -> None:
    talk = make_group(alice, bob)
    row = make_row(
        talk,
        alice,
        "canary",
        mentions=[str(bob.pk)],
        link_preview={"title": "canary"},
        forwarded_from=bob,
        pinned_at=timezone.now(),
        pinned_by=alice,
    )
    assert Message.objects.filter(pk=row.pk).take_back() == 1
    assert "canary" not in str(Message.objects.filter(pk=row.pk).values().get())
    row.refresh_from_db()
    assert (row.is_deleted, row.mentions, row.forwarded_from, row.pinned_at, row.pinned_by) == (
        True, [], None, None, None
    )  # fmt: skip


# The same in SQL -----------------------------------------------------------------------------------------------------


def found(statement: str, *parameters: UUID) -> set[UUID]:
    """The memberships ``p`` a statement selects."""
    return {row[0] for row in rows(Participant, ("id",), statement, [identity(one) for one in parameters])}


@pytest.mark.django_db
def test_who_is_a_member_is_one_rule_in_both_languages(alice: User, bob: User, charlie: User) -> None:
    make_direct(alice, bob)
    ended = make_group(alice, charlie)
    make_row(ended, alice)
    Conversation.objects.filter(pk=ended.pk).update(deleted_at=timezone.now() - timedelta(days=1))
    make_group(charlie)
    active = set(Participant.objects.active().values_list("pk", flat=True))
    assert len(active) == 3
    assert found(f"SELECT p.id FROM {ACTIVE_MEMBERSHIPS}") == active
    visible = {row.pk for user in (alice, bob, charlie) for row in Conversation.objects.visible_to(user)}
    assert visible == set(Participant.objects.active().values_list("conversation_id", flat=True))
    assert not Message.objects.visible_to(alice).exists()


@pytest.mark.django_db
def test_who_is_blocked_is_one_rule_in_both_languages(alice: User, bob: User, charlie: User) -> None:
    blocking, free, group = make_direct(alice, bob), make_direct(alice, charlie), make_group(alice, bob)
    for blocker, blocked in ((alice, bob), (bob, alice)):
        Block.objects.all().delete()
        Block.objects.create(blocker=blocker, blocked=blocked)
        expected = set(blocking.participants.values_list("pk", flat=True))
        assert found(f"SELECT p.id FROM {ACTIVE_MEMBERSHIPS} WHERE {IS_BLOCKED}") == expected
        pairs = [(alice, bob), (bob, alice), (alice, charlie), (charlie, bob)]
        assert [Block.objects.between(one, other).exists() for one, other in pairs] == [True, True, False, False]
        assert [Block.objects.between_any(one, [other]).exists() for one, other in pairs] == [True, True, False, False]
    assert free.participants.count() == group.participants.count() == 2


@pytest.mark.django_db
def test_what_is_unread_is_what_is_counted(alice: User, bob: User) -> None:
    talk = make_group(alice, bob)
    cleared, seen = make_row(talk, bob, "cleared"), make_row(talk, bob, "seen")
    make_row(talk, bob, "unread")
    make_row(talk, None, "by somebody who is gone")
    make_row(talk, alice, "her own")
    make_row(talk, bob, "", is_deleted=True)
    make_row(talk, None, "", message_type="system")
    Participant.objects.filter(user=alice).update(cleared_seq=cleared.seq, read_seq=seen.seq)
    mine = membership(talk, alice)
    others = Message.objects.filter(Q(sender=None) | ~Q(sender=alice), is_deleted=False, seq__gt=mine.read_seq)
    expected = set(others.exclude(message_type="system").values_list("content", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.content FROM {ACTIVE_MEMBERSHIPS} JOIN conversation_messages m ON {UNREAD} WHERE p.id = %s",
            [identity(mine.pk)],
        )
        assert {content for (content,) in cursor.fetchall()} == expected == {"unread", "by somebody who is gone"}
    assert reads.unread_in(mine) == reads.unread(alice).unread_count == 2
    Participant.objects.filter(user=alice).update(cleared_seq=seen.seq + 1)
    assert reads.unread_in(membership(talk, alice)) == 1

"""Somebody's account ends; the whole of it is proven in tests/test_privacy.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from core.models import StreamEvent
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.services import erasing
from messenger.services import messages
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import membership
from messenger.tests.reading import types

pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    """Counts, and never ends a run."""

    at: int | None = None

    def __init__(self) -> None:
        self.rows = 0

    def moved(self, rows: int, *, at: int | None = None) -> None:
        self.rows += rows


def erase(user: User) -> None:
    erasing.erase(user.pk, Work())


def test_the_last_admin_is_followed_by_who_has_been_there_longest(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob, charlie)
    erase(alice)
    assert [membership(group, user).role for user in (bob, charlie)] == ["admin", "member"]
    notes = Message.objects.filter(conversation=group, message_type="system").order_by("seq")
    assert [(note.system or {})["action"] for note in notes] == ["left", "promoted"]


def test_each_message_is_told_once_however_often_it_is_done(alice: User, bob: User) -> None:
    talk = make_direct(alice, bob)
    for number in range(erasing._AT_ONCE + 5):
        make_row(talk, alice, f"words {number}")
    kept = make_row(talk, bob, "his words")
    for _ in range(2):
        erase(alice)
    assert types(talk).count("message.deleted") == erasing._AT_ONCE + 5
    assert list(Message.objects.exclude(content="").values_list("pk", flat=True)) == [kept.pk]
    assert not Message.objects.filter(sender=alice).exists()
    assert Message.objects.get(pk=kept.pk).sender_id == bob.pk


def test_what_was_on_its_way_in_goes_as_well(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = make_direct(alice, bob)
    before = erasing._redact_mentions

    def meanwhile(user_id: UUID, work: Any) -> None:
        before(user_id, work)
        messages.send(alice, conversation_id=talk.pk, content="too late")

    monkeypatch.setattr(erasing, "_redact_mentions", meanwhile)
    erase(alice)
    assert not Message.objects.filter(content="too late").exists()
    assert not StreamEvent.objects.filter(payload__contains="too late").exists()


def test_nobody_is_left_nothing_is_left(alice: User, bob: User) -> None:
    talk = make_direct(alice, bob)
    make_row(talk, alice, "hers")
    erase(alice)
    assert Participant.objects.filter(conversation=talk).count() == 1
    erase(bob)
    assert not Conversation.objects.filter(pk=talk.pk).exists()
    assert not StreamEvent.objects.filter(stream_id=talk.pk).exists()


def test_only_what_shows_the_person_is_changed() -> None:
    her, him = "01990000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-000000000002"

    def person(user_id: str, name: str) -> dict[str, Any]:
        return {"id": user_id, "username": name, "name": name, "avatar_url": f"/{name}", "kind": "human"}

    def said(sender: dict[str, Any] | None, content: str, **more: Any) -> dict[str, Any]:
        return {"id": "m", "sender": sender, "content": content, "client_id": "c", "is_deleted": False} | more

    payload = said(
        person(him, "bob"),
        "his",
        reply_to={"id": "r", "sender": person(her, "alice"), "content": "hers", "is_deleted": False},
        forwarded_from=None,
        media={"name": "his.png"},
        mentions=[her],
    )
    erasing.redacting(her)(payload)
    assert payload == said(
        person(him, "bob"),
        "his",
        reply_to={"id": "r", "sender": None, "content": "", "is_deleted": True},
        forwarded_from=None,
        media={"name": "his.png"},
        mentions=[her],
    )
    forwarded = said(person(him, "bob"), "hers", forwarded_from=person(her, "alice"), media={"name": "hers.png"})
    erasing.redacting(her)(forwarded)
    assert forwarded == said(person(him, "bob"), "", forwarded_from=None, media=None, is_deleted=True)
    unknown = {"conversation_id": "c", "user_id": her, "read_seq": 4}
    erasing.redacting(her)(unknown)
    assert unknown == {"conversation_id": "c", "user_id": her, "read_seq": 4}

"""Files that are sent together, and messages that answer a story."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import NotFound
from messenger.errors import Blocked
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Story
from messenger.presentation.messages import shown
from messenger.services import messages
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_file
from messenger.tests.factories import make_group


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def make_story(teller: User, **fields: Any) -> Story:
    return Story.objects.create(
        user=teller,
        media=make_file(teller, purpose="story"),
        **({"expires_at": timezone.now() + timedelta(hours=1)} | fields),
    )


def test_files_of_one_album_are_messages_of_their_own(alice: User, talk: Conversation) -> None:
    album = uuid4()
    sent = [
        messages.send(alice, conversation_id=talk.pk, content="", media_id=make_file(alice, kind).pk, album_id=album)
        for kind in ("image", "video")
    ]
    assert [one.message.album_id for one in sent] == [album, album]
    assert [one.message.seq for one in sent] == [1, 2]
    assert {one["album_id"] for one in shown([one.message.id for one in sent]).values()} == {album}


def test_a_file_that_is_no_picture_stands_alone(alice: User, talk: Conversation) -> None:
    file = make_file(alice, "pdf")
    said = messages.send(alice, conversation_id=talk.pk, content="", media_id=file.pk, album_id=uuid4()).message
    assert (said.message_type, said.album_id) == ("file", None)
    with pytest.raises(InvalidInput):
        messages.send(alice, conversation_id=talk.pk, content="No file", album_id=uuid4())


def test_an_album_s_message_is_edited_deleted_and_forwarded_as_any(
    alice: User, bob: User, charlie: User, talk: Conversation
) -> None:
    album, other = uuid4(), make_group(alice, charlie)
    first, second = [
        messages.send(
            alice, conversation_id=talk.pk, content="", media_id=make_file(alice).pk, album_id=album
        ).message.id
        for _ in range(2)
    ]
    assert messages.edit(alice, message_id=first, content="The sea").album_id == album
    (copy,) = messages.forward(alice, message_id=first, conversation_ids=[other.pk])
    assert copy.message.album_id is None
    messages.delete(alice, message_id=second)
    gone = shown([second])[second]
    assert (gone["is_deleted"], gone["media"], gone["album_id"]) == (True, None, album)


def test_a_repeat_into_another_album_is_a_mix_up(alice: User, talk: Conversation) -> None:
    given: dict[str, Any] = {
        "conversation_id": talk.pk,
        "content": "",
        "media_id": make_file(alice).pk,
        "client_id": "c1",
    }
    album = uuid4()
    first = messages.send(alice, **given, album_id=album)
    again = messages.send(alice, **given, album_id=album)
    assert (again.duplicate, again.message.id) == (True, first.message.id)
    with pytest.raises(IdempotencyMismatch):
        messages.send(alice, **given, album_id=uuid4())


def test_a_story_is_answered_where_its_teller_reads_it(alice: User, bob: User, talk: Conversation) -> None:
    story = make_story(bob)
    said = messages.send(alice, conversation_id=talk.pk, content="Where is that?", story_id=story.pk).message
    assert said.story_id == story.pk
    row = Message.objects.get(pk=said.id)
    assert (row.story_id, row.message_type) == (story.pk, "text")
    key, _ = story.pk, story.delete()
    assert shown([said.id])[said.id]["story_id"] == key


def test_only_the_other_one_s_story_can_be_answered(alice: User, bob: User, charlie: User, talk: Conversation) -> None:
    make_direct(alice, charlie)
    over = timezone.now() - timedelta(seconds=1)
    for story in (make_story(charlie), make_story(alice), make_story(bob, expires_at=over)):
        with pytest.raises(NotFound):
            messages.send(alice, conversation_id=talk.pk, content="Nice", story_id=story.pk)
    group = make_group(alice, bob)
    with pytest.raises(NotFound):
        messages.send(alice, conversation_id=group.pk, content="Nice", story_id=make_story(bob).pk)
    Block.objects.create(blocker=bob, blocked=alice)
    with pytest.raises(Blocked):
        messages.send(alice, conversation_id=talk.pk, content="Nice", story_id=make_story(bob).pk)
    assert not Message.objects.exists()


def test_what_answered_a_story_and_is_taken_back_says_nothing_of_it(alice: User, bob: User, talk: Conversation) -> None:
    said = messages.send(alice, conversation_id=talk.pk, content="❤️", story_id=make_story(bob).pk).message
    messages.delete(alice, message_id=said.id)
    assert shown([said.id])[said.id]["story_id"] is None

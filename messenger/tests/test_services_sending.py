from __future__ import annotations

import json
import threading
from collections.abc import Callable
from uuid import UUID
from uuid import uuid4

import pytest
from django.db import connection
from django.db import connections
from django.db import transaction

from accounts.models import User
from conftest import make_user
from core.errors import DomainError
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import NotFound
from core.models import StreamEvent
from core.realtime import streams
from messenger.access import conversation_stream
from messenger.access import lock_conversation
from messenger.errors import Blocked
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation.messages import shapes_of
from messenger.presentation.messages import shown
from messenger.services import messages
from messenger.services import notes
from messenger.shapes import MessageShape
from messenger.shapes import SystemNote
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import membership


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def events_of(conversation: Conversation) -> list[StreamEvent]:
    return list(StreamEvent.objects.filter(stream_id=conversation.pk).order_by("seq"))


def test_a_message_is_stored_told_and_marks_its_sender_as_having_read(
    alice: User, bob: User, talk: Conversation
) -> None:
    before = talk.updated_at
    sent = messages.send(alice, conversation_id=talk.pk, content="Tea at five, @bob?", client_id="c1")
    row = Message.objects.get()
    assert (sent.duplicate, sent.message.id, sent.message.seq) == (False, row.pk, 1)
    assert (row.content, row.search_text, row.client_id) == ("Tea at five, @bob?", "tea at five, @bob?", "c1")
    assert sent.message.mentions == [bob.pk]
    assert sent.message.sender is not None
    assert sent.message.sender.username == "alice"
    assert membership(talk, alice).read_seq == 1
    assert membership(talk, alice).last_read_at == row.created_at
    assert membership(talk, bob).read_seq == 0
    assert Conversation.objects.get().updated_at == row.created_at > before
    (event,) = events_of(talk)
    assert (event.seq, event.type, event.subject) == (1, "message.new", row.pk)
    assert MessageShape.model_validate_json(event.payload) == sent.message == shapes_of([row.pk])[row.pk]


def test_what_rest_shows_is_what_the_event_shows(alice: User, talk: Conversation) -> None:
    first = messages.send(alice, conversation_id=talk.pk, content="One").message
    second = messages.send(alice, conversation_id=talk.pk, content="Two", reply_to_id=first.id).message
    assert second.reply_to is not None
    assert (second.reply_to.content, second.reply_to.seq) == ("One", 1)
    shape = shapes_of([second.id])[second.id]
    assert shape == second
    assert set(shown([second.id])[second.id]) == set(MessageShape.model_fields)
    assert json.loads(events_of(talk)[1].payload) == json.loads(shape.model_dump_json())


def test_a_repeat_answers_the_first_and_writes_nothing(alice: User, talk: Conversation) -> None:
    first = messages.send(alice, conversation_id=talk.pk, content="Once", client_id="c1")
    again = messages.send(alice, conversation_id=talk.pk, content="Once", client_id="c1")
    assert (again.duplicate, again.message) == (True, first.message)
    assert streams.head(conversation_stream(talk.pk)) == Message.objects.count() == len(events_of(talk)) == 1


def test_a_known_client_id_with_anything_else_is_a_mix_up(alice: User, bob: User, talk: Conversation) -> None:
    other = make_group(alice, bob)
    said = messages.send(alice, conversation_id=talk.pk, content="Once", client_id="c1").message
    attempts: list[dict[str, object]] = [
        {"conversation_id": talk.pk, "content": "Twice"},
        {"conversation_id": other.pk, "content": "Once"},
        {"conversation_id": talk.pk, "content": "Once", "reply_to_id": said.id},
    ]
    for attempt in attempts:
        with pytest.raises(IdempotencyMismatch):
            messages.send(alice, client_id="c1", **attempt)  # type: ignore[arg-type]
    assert messages.send(bob, conversation_id=talk.pk, content="Mine", client_id="c1").duplicate is False
    assert streams.head(conversation_stream(other.pk)) == 0


def test_a_stranger_finds_nothing_and_leaves_nothing(charlie: User, talk: Conversation) -> None:
    for conversation_id in (talk.pk, uuid4()):
        with pytest.raises(NotFound):
            messages.send(charlie, conversation_id=conversation_id, content="Let me in")
    assert Message.objects.count() == 0
    assert streams.head(conversation_stream(talk.pk)) == 0


@pytest.mark.parametrize("content", ["", "  \n", "x" * 10_001, "a\x00b", "\ud800"])
def test_nonsense_is_refused(alice: User, talk: Conversation, content: str) -> None:
    with pytest.raises(InvalidInput):
        messages.send(alice, conversation_id=talk.pk, content=content)


def test_neither_writes_to_the_other_once_one_has_blocked(alice: User, bob: User, talk: Conversation) -> None:
    first = messages.send(alice, conversation_id=talk.pk, content="Before", client_id="c1")
    Block.objects.create(blocker=bob, blocked=alice)
    for actor in (alice, bob):
        with pytest.raises(Blocked):
            messages.send(actor, conversation_id=talk.pk, content="After")
    repeat = messages.send(alice, conversation_id=talk.pk, content="Before", client_id="c1")
    assert repeat.message.id == first.message.id
    group = make_group(alice, bob)
    assert messages.send(alice, conversation_id=group.pk, content="In a group").message.seq == 1


def test_a_message_brings_a_hidden_conversation_back(alice: User, bob: User, talk: Conversation) -> None:
    Participant.objects.filter(user=bob).update(is_hidden=True)
    messages.send(alice, conversation_id=talk.pk, content="Are you there?")
    assert membership(talk, bob).is_hidden is False
    (event,) = StreamEvent.objects.filter(stream_id=bob.pk)
    assert event.type == "conversation.created"
    assert json.loads(event.payload)["conversation"]["last_message"]["content"] == "Are you there?"


def test_the_system_says_what_happened(alice: User, bob: User, talk: Conversation) -> None:
    with transaction.atomic():
        said = notes.write_system_message(talk, note=SystemNote(action="added", people=[]), actor=alice)
    assert (said.message_type, said.sender, said.content) == ("system", None, "")
    assert said.system is not None
    assert said.system.actor is not None
    assert said.system.actor.id == alice.pk
    assert shapes_of([said.id])[said.id] == said
    assert MessageShape.model_validate_json(events_of(talk)[0].payload) == said
    assert membership(talk, alice).read_seq == 0
    alice.username = "alice2"
    alice.save()
    renamed = shapes_of([said.id])[said.id].system
    assert renamed is not None
    assert renamed.actor is not None
    assert renamed.actor.name == "alice2"


# Crowds ---------------------------------------------------------------------------------------------------------------


def together(jobs: list[Callable[[], None]]) -> list[BaseException]:
    """Run all at once, each in a thread with a connection of its own; returns what went wrong."""
    gate, trouble = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], None]) -> None:
        try:
            gate.wait()
            job()
        except BaseException as error:
            trouble.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return trouble


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_with_one_client_id_are_one_message(alice: User, bob: User) -> None:
    talk = make_direct(alice, bob)
    outcomes: list[tuple[UUID, bool]] = []

    def send() -> None:
        sent = messages.send(alice, conversation_id=talk.pk, content="Once", client_id="c1")
        outcomes.append((sent.message.id, sent.duplicate))

    assert together([send] * 16) == []
    assert sorted(duplicate for _id, duplicate in outcomes) == [False] + [True] * 15
    assert {message_id for message_id, _duplicate in outcomes} == {Message.objects.get().pk}
    assert len(events_of(talk)) == streams.head(conversation_stream(talk.pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_client_id_in_two_conversations_at_once_is_one_message(alice: User, bob: User) -> None:
    talks = [make_direct(alice, bob), make_group(alice, bob)]

    def sender(talk: Conversation) -> Callable[[], None]:
        def send() -> None:
            messages.send(alice, conversation_id=talk.pk, content="Once", client_id="c1")

        return send

    trouble = together([sender(talks[number % 2]) for number in range(8)])
    assert {type(error) for error in trouble} == {IdempotencyMismatch}
    assert Message.objects.count() == StreamEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sixteen_people_write_twenty_each_without_a_gap(alice: User) -> None:
    people = [alice, *(make_user(f"user{number}") for number in range(15))]
    talk = make_group(*people)
    answered: list[int] = []

    def sender(user: User) -> Callable[[], None]:
        def send() -> None:
            for number in range(20):
                sent = messages.send(user, conversation_id=talk.pk, content=f"Hi {number}", client_id=f"c{number}")
                answered.append(sent.message.seq)

        return send

    assert together([sender(user) for user in people]) == []
    everything = list(range(1, 321))
    assert sorted(answered) == everything
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == everything
    assert [event.seq for event in events_of(talk)] == everything
    for user in people:
        last = Message.objects.filter(sender=user).order_by("-seq").values_list("seq", flat=True)[0]
        assert membership(talk, user).read_seq == last


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a transaction that writes has SQLite's database for itself")
def test_nobody_writes_after_their_removal_was_committed(alice: User, bob: User) -> None:
    talk = make_group(alice, bob)
    waiting = threading.Event()
    trouble: list[BaseException] = []

    def send() -> None:
        waiting.set()
        try:
            messages.send(bob, conversation_id=talk.pk, content="One more thing")
        except DomainError as error:
            trouble.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        lock_conversation(talk.pk)
        thread = threading.Thread(target=send)
        thread.start()
        waiting.wait()
        _until_somebody_waits_for_a_lock()
        Participant.objects.filter(conversation=talk, user=bob).delete()
    thread.join()
    assert [type(error) for error in trouble] == [NotFound]
    assert Message.objects.count() == 0


def _until_somebody_waits_for_a_lock() -> None:
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(2000):
        with connection.cursor() as cursor:
            cursor.execute(asleep)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waits.")

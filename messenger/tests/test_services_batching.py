"""Messages that are written together: each is written, or refused, as if it had been alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import DatabaseError
from django.db import connection
from django.db import connections
from django.db import transaction

from accounts.models import User
from conftest import make_user
from core.errors import DomainError
from core.errors import IdempotencyMismatch
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
from messenger.services import messages
from messenger.services.messages import Sent
from messenger.services.sending import group_commit
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import membership
from messenger.tests.test_services_sending import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]

Job = Callable[[], Sent]


def say(user: User, talk: Conversation, content: str = "Hi", client_id: str | None = None) -> Job:
    """To be called in a thread."""

    def send() -> Sent:
        try:
            return messages.send(user, conversation_id=talk.pk, content=content, client_id=client_id)
        finally:
            connections.close_all()

    return send


def meanwhile(talk: Conversation, jobs: list[Job], change: Callable[[], object] = lambda: None) -> list[Future[Sent]]:
    """All jobs wait in this order, and ``change`` is made in the transaction they wait for.

    On PostgreSQL that locks nothing but the stream of ``talk``; SQLite has one lock for everything.
    """
    line = group_commit.patient() if connection.vendor == "postgresql" else group_commit.quick()
    begun: list[Future[Sent]] = []
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool, transaction.atomic():
        lock_conversation(talk.pk)
        for job in jobs:
            begun.append(pool.submit(job))
            _until(lambda: line.waiting + sum(one.done() for one in begun) == len(begun))
        change()
    return begun


def _until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not condition():
        pause.wait(0.001)


def assert_whole(talk: Conversation, said: int) -> None:
    """So many messages and nothing else, without a gap."""
    everything = list(range(1, said + 1))
    assert list(Message.objects.filter(conversation=talk).order_by("seq").values_list("seq", flat=True)) == everything
    events = StreamEvent.objects.filter(stream_id=talk.pk, type="message.new").order_by("seq")
    assert list(events.values_list("seq", flat=True)) == everything
    assert list(events.values_list("subject", flat=True)) == list(
        Message.objects.filter(conversation=talk).order_by("seq").values_list("pk", flat=True)
    )
    assert streams.head(conversation_stream(talk.pk)) == said


@pytest.mark.parametrize("talks", [1, 10])
def test_thirty_two_people_write_twenty_each(alice: User, talks: int) -> None:
    people = [alice, *(make_user(f"user{number}") for number in range(31))]
    groups = [make_group(*people) for _ in range(talks)]
    answers: dict[int, list[Sent]] = {}

    def sender(place: int) -> Callable[[], None]:
        def send() -> None:
            answers[place] = [
                messages.send(
                    people[place],
                    conversation_id=groups[(place + number) % talks].pk,
                    content=f"{number}",
                    client_id=f"c{number}",
                )
                for number in range(20)
            ]

        return send

    assert together([sender(place) for place in range(32)]) == []
    for group in groups:
        assert_whole(group, 640 // talks)
    for place, user in enumerate(people):
        mine = Message.objects.filter(sender=user)
        assert {sent.message.id for sent in answers[place]} == set(mine.values_list("pk", flat=True))
        for group in groups:
            written = list(mine.filter(conversation=group).order_by("seq").values_list("content", "seq"))
            assert written == sorted(written, key=lambda row: int(row[0]))
            assert membership(group, user).read_seq == written[-1][1]
            assert group.updated_at < Conversation.objects.get(pk=group.pk).updated_at


def test_who_is_refused_does_not_delay_the_others(alice: User, bob: User, charlie: User) -> None:
    group, other, direct = make_group(alice, bob), make_group(charlie), make_direct(alice, bob)
    Block.objects.create(blocker=bob, blocked=alice)
    begun = meanwhile(
        group,
        [say(alice, group), say(charlie, group), say(bob, group), say(alice, direct), say(charlie, other)],
    )
    assert [begun[index].result().message.seq for index in (0, 2, 4)] == [1, 2, 1]
    for index, refusal in ((1, NotFound), (3, Blocked)):
        with pytest.raises(refusal):
            begun[index].result()
    assert_whole(group, 2)
    assert_whole(other, 1)
    assert_whole(direct, 0)


def test_a_member_who_is_removed_meanwhile_is_refused(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob, charlie)
    begun = meanwhile(
        group,
        [say(alice, group), say(bob, group), say(charlie, group), say(alice, group)],
        Participant.objects.filter(conversation=group, user=bob).delete,
    )
    with pytest.raises(NotFound):
        begun[1].result()
    assert [begun[index].result().message.seq for index in (0, 2, 3)] == [1, 2, 3]
    assert_whole(group, 3)


def test_one_client_id_several_times_is_one_message(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    before = messages.send(alice, conversation_id=group.pk, content="Before", client_id="before")
    begun = meanwhile(
        group,
        [
            say(bob, group),
            say(alice, group, "Hi", "c1"),
            say(alice, group, "Hi", "c1"),
            say(alice, group, "Something else", "c1"),
            say(alice, group, "Before", "before"),
            say(bob, group, "Hi", "c1"),
        ],
    )
    with pytest.raises(IdempotencyMismatch):
        begun[3].result()
    said = [begun[index].result() for index in (0, 1, 2, 4, 5)]
    assert [one.duplicate for one in said] == [False, False, True, True, False]
    assert said[1].message == said[2].message
    assert said[3].message == before.message
    assert_whole(group, 4)


def test_a_repeat_that_comes_first_may_be_refused_and_the_other_written(alice: User, bob: User) -> None:
    foreign, group = make_group(bob), make_group(alice)
    begun = meanwhile(group, [say(alice, group), say(alice, foreign, "Hi", "c1"), say(alice, group, "Hi", "c1")])
    with pytest.raises(NotFound):
        begun[1].result()
    assert begun[2].result().duplicate is False
    assert_whole(group, 2)
    assert_whole(foreign, 0)


def test_a_statement_that_fails_loses_nobody_elses_message(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    with poisoned():
        begun = meanwhile(group, [say(alice, group), say(alice, group), say(bob, group, "poison"), say(bob, group)])
    with pytest.raises((DomainError, DatabaseError)):
        begun[2].result()
    assert sorted(begun[index].result().message.seq for index in (0, 1, 3)) == [1, 2, 3]
    assert_whole(group, 3)


@contextmanager
def poisoned() -> Iterator[None]:
    """A database that refuses one text."""
    if connection.vendor == "postgresql":
        make = (
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$ LANGUAGE plpgsql;"
            " CREATE TRIGGER refuse BEFORE INSERT ON conversation_messages FOR EACH ROW"
            " WHEN (NEW.content = 'poison') EXECUTE FUNCTION refuse()"
        )
        drop = "DROP TRIGGER refuse ON conversation_messages; DROP FUNCTION refuse()"
    else:
        make = (
            "CREATE TRIGGER refuse BEFORE INSERT ON conversation_messages"
            " WHEN NEW.content = 'poison' BEGIN SELECT RAISE(FAIL, 'poison'); END"
        )
        drop = "DROP TRIGGER refuse"
    with connection.cursor() as cursor:
        cursor.execute(make)
        try:
            yield
        finally:
            cursor.execute(drop)


def test_a_hidden_conversation_comes_back_with_others_in_the_batch(alice: User, bob: User) -> None:
    direct, group = make_direct(alice, bob), make_group(alice, bob)
    Participant.objects.filter(conversation=direct, user=bob).update(is_hidden=True)
    begun = meanwhile(group, [say(alice, group), say(alice, direct), say(bob, group)])
    assert [one.result().message.seq for one in begun] == [1, 1, 2]
    assert membership(direct, bob).is_hidden is False


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a transaction that writes has SQLite's database for itself")
def test_a_stream_that_is_locked_does_not_delay_other_conversations(alice: User, bob: User) -> None:
    locked, free = make_group(alice, bob), make_group(alice, bob)
    with ThreadPoolExecutor(max_workers=2) as pool:
        with transaction.atomic():
            lock_conversation(locked.pk)
            waiting = pool.submit(say(alice, locked))
            assert pool.submit(say(bob, free)).result(20).message.seq == 1
            assert not waiting.done()
        assert waiting.result(20).message.seq == 1

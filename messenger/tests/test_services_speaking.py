"""A message that grows: two durable events, deltas between them, one writer, and an end in every case."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from core.errors import DomainError
from core.errors import Forbidden
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import NotFound
from core.models import Job
from core.realtime.bus import Message as Told
from core.realtime.bus import get_bus
from messenger.access import lock_conversation
from messenger.errors import Blocked
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import GrowingMessage
from messenger.models import Message
from messenger.services import blocks
from messenger.services import conversations
from messenger.services import messages
from messenger.services import participants
from messenger.services import reactions
from messenger.services import speaking
from messenger.services.speaking import Speech
from messenger.services.speaking import SpeechOver
from messenger.tests.factories import make_agent
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_row
from messenger.tests.factories import messages_of
from messenger.tests.reading import events
from messenger.tests.reading import types

pytestmark = pytest.mark.django_db(transaction=True)
RUN = UUID("01990000-0000-7000-8000-0000000000aa")


class Clock:
    """The monotonic clock of speaking, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(speaking, "time", clock)
    return clock


@pytest.fixture
def deltas(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The frames of all deltas that leave for the bus."""
    found: list[bytes] = []
    publish = get_bus().publish

    def note(message: Told) -> None:
        if message.frame.startswith(b'{"type":"message.delta"'):
            found.append(message.frame)
        publish(message)

    monkeypatch.setattr(get_bus(), "publish", note)
    yield found


def begin(agent: User, room: Conversation, text: str = "It is", **more: Any) -> Speech:
    given: dict[str, Any] = {"client_id": f"{RUN}:0", "run_id": RUN, "conversation_id": room.pk}
    return speaking.begin(agent, text=text, **(given | more))


def fall_silent(speech: Speech) -> None:
    """The writer has kept nothing for a lease."""
    before = timezone.now() - timedelta(seconds=1)
    assert GrowingMessage.objects.filter(pk=speech.message_id).update(lease_until=before)


def test_an_answer_is_two_durable_events(alice: User, agent: User, room: Conversation, deltas: list[bytes]) -> None:
    asked = messages.send(alice, conversation_id=room.pk, content="@helper, is it warm?").message
    speech = begin(agent, room, reply_to_id=asked.id, payer_id=alice.pk, hop=1)
    speaking.tell(speech, "It is 21")
    speaking.keep(speech, "It is 21 °C, @al")
    whole = "It is 21 °C, @alice, says https://example.com/secret"
    finished = speaking.finish(speech, whole, tokens=210, calls=2)

    assert types(room) == ["message.new", "message.new", "message.updated"]
    (_, question), (_, first), (_, last) = events(room)
    assert (question["agent"], first["content"], first["agent"]["state"]) == (None, "It is", "writing")
    assert first["agent"]["paid_by"]["username"] == "alice"
    assert first["reply_to"]["id"] == str(asked.id)
    assert last == finished.model_dump(mode="json")
    payer = {"id": str(alice.pk), "username": "alice", "name": "alice", "avatar_url": "", "kind": "human"}
    run = {"run_id": str(RUN), "state": "complete", "reason": None, "paid_by": payer}
    assert last["agent"] == run | {"tokens": 210, "calls": 2, "hop": 1, "attempt": 1}
    assert (last["content"], last["mentions"], last["is_edited"]) == (whole, [str(alice.pk)], False)
    assert len(deltas) == 1
    assert not GrowingMessage.objects.exists()
    assert not Job.objects.filter(kind="messenger.link_preview").exists()
    found = signed_in(alice).get("/api/messenger/search?q=says").json()["results"]
    assert [hit["message"]["id"] for hit in found] == [str(speech.message_id)]


def test_half_a_word_mentions_nobody(alice: User, agent: User, room: Conversation) -> None:
    speech = begin(agent, room, "Ask @alice")
    speaking.keep(speech, "Ask @alice, or @bob")
    assert Message.objects.get(pk=speech.message_id).mentions == []


def test_at_most_four_deltas_a_second(agent: User, room: Conversation, clock: Clock, deltas: list[bytes]) -> None:
    speech, text, told = begin(agent, room), "It is", list[float]()
    for _step in range(400):  # a piece each 20 ms, for 8 seconds
        text += " x"
        before = len(deltas)
        wait = speaking.tell(speech, text)
        assert (wait == 0) == (len(deltas) > before)
        if len(deltas) > before:
            told.append(clock.now)
        clock.now += 0.02
    assert len(told) > 24, "it is told as often as it may be"
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(told))
    assert speaking.tell(speech, text) == pytest.approx(told[-1] + 0.25 - clock.now)
    clock.now += 1
    assert speaking.tell(speech, text) == 0.0
    assert speaking.tell(speech, text) == 0.0, "nothing more to tell"
    assert speech.told == len(text)


def test_a_delta_begins_where_every_reader_has_the_text(
    agent: User, room: Conversation, clock: Clock, deltas: list[bytes]
) -> None:
    speech = begin(agent, room, "one")

    def told(text: str) -> bytes:
        clock.now += 1
        speaking.tell(speech, text)
        return deltas[-1].partition(b'"at":')[2]

    assert told("one two") == b'3,"text":" two"}}'
    assert told("one two 🍵") == b'3,"text":" two \xf0\x9f\x8d\xb5"}}', "what a lost delta said is said again"
    speaking.keep(speech, "one two 🍵 four")
    assert told("one two 🍵 four five") == b'9,"text":" four five"}}', "what was kept and not told is told"
    speaking.keep(speech, "one two 🍵 four five")
    assert told("one two 🍵 four five six") == b'19,"text":" six"}}'


def test_in_the_middle_the_history_has_what_was_kept(agent: User, room: Conversation, alice_client: JsonClient) -> None:
    speech = begin(agent, room)
    speaking.keep(speech, "It is 21")
    [shown] = alice_client.get(messages_of(room)).json()["results"]
    assert (shown["content"], shown["agent"]["state"], shown["is_edited"]) == ("It is 21", "writing", False)


def remove(_alice: User, agent: User, room: Conversation) -> None:
    participants.remove(_alice, conversation_id=room.pk, user_id=agent.pk)


def end(alice: User, _agent: User, room: Conversation) -> None:
    conversations.delete_conversation(alice, conversation_id=room.pk)


ENDINGS = {"removed": (remove, "stopped"), "ended": (end, "stopped")}


def assert_over(speech: Speech) -> None:
    """Its writer can do nothing more with it."""
    speech.tells_at = 0
    steps: list[Callable[[], object]] = [
        lambda: speaking.tell(speech, "It is 21 °C, and more than that"),
        lambda: speaking.keep(speech, "It is 21 °C"),
        lambda: speaking.finish(speech, "It is 21 °C"),
    ]
    for step in steps:
        with pytest.raises(SpeechOver):
            step()


@pytest.mark.parametrize("reason", ENDINGS)
def test_whose_agent_may_not_speak_any_more_ends_as_it_was_kept(
    alice: User, agent: User, room: Conversation, reason: str, deltas: list[bytes]
) -> None:
    speech = begin(agent, room)
    speaking.keep(speech, "It is 21")
    change, state = ENDINGS[reason]
    change(alice, agent, room)
    [updated] = [payload for name, payload in events(room) if name == "message.updated"]
    assert (updated["content"], updated["agent"]["state"], updated["agent"]["reason"]) == ("It is 21", state, reason)
    after = types(room)
    assert_over(speech)
    assert types(room) == after
    assert deltas == []
    assert not GrowingMessage.objects.exists()


def test_who_blocks_the_agent_hears_no_more_of_it(alice: User, agent: User) -> None:
    talk = make_direct(alice, agent)
    speech = begin(agent, talk)
    blocks.block(alice, user_id=agent.pk)
    shown = events(talk)[-1][1]["agent"]
    assert (shown["state"], shown["reason"]) == ("stopped", "blocked")
    assert_over(speech)
    with pytest.raises(Blocked):
        begin(agent, talk, client_id="other")


def test_a_retired_agent_writes_nothing(alice: User, agent: User, room: Conversation) -> None:
    speech = begin(agent, room)
    answer = messages.send(agent, conversation_id=room.pk, content="Yes").message
    before = events(room)
    User.objects.filter(pk=agent.pk).update(is_active=False)  # whoever runs it has read it before
    assert_over(speech)
    for write in (
        lambda: begin(agent, room),
        lambda: begin(agent, room, client_id="other"),
        lambda: messages.send(agent, conversation_id=room.pk, content="More"),
        lambda: messages.send(agent, conversation_id=room.pk, content="More, @alice", client_id="c2"),
        lambda: messages.forward(agent, message_id=answer.id, conversation_ids=[room.pk]),
        lambda: messages.edit(agent, message_id=answer.id, content="No"),
        lambda: messages.delete(agent, message_id=answer.id),
        lambda: reactions.add(agent, message_id=answer.id, emoji="👍"),
    ):
        with pytest.raises(Forbidden):
            write()
    assert events(room) == before
    fall_silent(speech)
    assert speaking.end_lost() == 1
    assert Message.objects.get(pk=speech.message_id).content == "It is"


def test_what_is_taken_back_stays_taken_back(alice: User, agent: User, room: Conversation) -> None:
    speech = begin(agent, room)
    speaking.keep(speech, "It is a secret")
    messages.delete(alice, message_id=speech.message_id)
    assert_over(speech)
    with pytest.raises(SpeechOver):
        begin(agent, room)
    stone = Message.objects.get(pk=speech.message_id)
    assert (stone.content, stone.agent, stone.is_deleted) == ("", None, True)
    assert types(room) == ["message.new", "message.deleted"]
    assert "secret" not in str(events(room))


def test_a_writer_that_falls_silent_is_ended_and_may_begin_anew(agent: User, room: Conversation) -> None:
    speech = begin(agent, room)
    speaking.keep(speech, "It is 21")
    assert speaking.end_lost() == 0, "its lease runs"
    fall_silent(speech)
    speaking.keep(speech, "It is 21 °C")  # it only slept
    assert speaking.end_lost() == 0
    fall_silent(speech)
    assert speaking.end_lost() == 1
    lost = events(room)[-1][1]
    assert (lost["content"], lost["agent"]["state"], lost["agent"]["reason"]) == ("It is 21 °C", "failed", "lost")
    assert_over(speech)

    again = begin(agent, room, "Now it is")
    assert (again.message_id, again.attempt) == (speech.message_id, 2)
    speaking.finish(again, "Now it is 22 °C")
    assert [(name, payload["content"], payload["agent"]["attempt"]) for name, payload in events(room)] == [
        ("message.new", "It is", 1),
        ("message.updated", "It is 21 °C", 1),
        ("message.updated", "Now it is", 2),
        ("message.updated", "Now it is 22 °C", 2),
    ]


def test_a_writer_that_is_heard_in_the_last_moment_writes_on(
    agent: User, room: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    speech = begin(agent, room)
    fall_silent(speech)

    def lock_and_be_heard(conversation_id: UUID) -> int:
        speaking.keep(speech, "It is 21")
        return lock_conversation(conversation_id)

    monkeypatch.setattr(speaking, "lock_conversation", lock_and_be_heard)
    assert speaking.end_lost() == 0
    monkeypatch.undo()
    assert speaking.finish(speech, "It is 21 °C").content == "It is 21 °C"


def test_who_begins_last_writes(agent: User, room: Conversation) -> None:
    """A run that another process took over: the first one may be asleep, and wakes up later."""
    first = begin(agent, room)
    second = begin(agent, room, "There are")
    assert (second.message_id, first.attempt, second.attempt) == (first.message_id, 1, 2)
    assert_over(first)
    speaking.keep(second, "There are 21")
    speaking.finish(second, "There are 21 °C")
    assert_over(second)
    with pytest.raises(SpeechOver):
        begin(agent, room)
    assert Message.objects.get(conversation=room).content == "There are 21 °C"


def test_a_writer_that_was_overtaken_writes_nothing_however_they_race(agent: User, room: Conversation) -> None:
    first, trouble, stop = begin(agent, room), list[BaseException](), threading.Event()

    def write_on() -> None:
        try:
            while not stop.is_set():
                speaking.keep(first, "The first one's")
        except BaseException as error:
            trouble.append(error)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        second = begin(agent, room, "The second one's")
        assert Message.objects.get(pk=second.message_id).content == "The second one's"
    finally:
        writer.join(20)
        stop.set()
    assert [type(error) for error in trouble] == [SpeechOver]
    assert Message.objects.get(pk=second.message_id).content == "The second one's"


def refusals(alice: User, agent: User, charlie: User) -> dict[type[DomainError], tuple[User, dict[str, Any]]]:
    elsewhere = make_row(make_direct(alice, charlie), alice)
    return {
        Forbidden: (alice, {}),
        InvalidInput: (agent, {"text": " \n"}),
        NotFound: (agent, {"reply_to_id": elsewhere.pk}),
        IdempotencyMismatch: (agent, {"client_id": "known", "run_id": uuid4()}),
    }


def test_what_is_refused_leaves_nothing(alice: User, agent: User, charlie: User, room: Conversation) -> None:
    speaking.finish(begin(agent, room, client_id="known"), "Said")
    before = types(room)
    for error, (who, given) in refusals(alice, agent, charlie).items():
        with pytest.raises(error):
            begin(who, room, **given)
    with pytest.raises(NotFound):
        begin(make_agent("stranger"), room)
    speech = begin(agent, room)
    for text in ("x" * 10_001, "a\x00b", ""):
        with pytest.raises(InvalidInput):
            speaking.keep(speech, text)
        with pytest.raises(InvalidInput):
            speaking.finish(speech, text)
    assert types(room) == [*before, "message.new"]
    assert GrowingMessage.objects.count() == 1
    Block.objects.create(blocker=alice, blocked=agent)
    assert begin(agent, room).attempt == 2, "in a group a block does not count"


def test_what_is_done_each_moment_takes_few_statements(
    agent: User, room: Conversation, django_assert_max_num_queries: Any
) -> None:
    speech = begin(agent, room)
    with django_assert_max_num_queries(2):
        speaking.tell(speech, "It is 21")
    with django_assert_max_num_queries(4):
        speaking.keep(speech, "It is 21")

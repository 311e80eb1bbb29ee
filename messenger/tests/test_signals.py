"""What the apps above are told: after the commit, once, ids only; of what people say among themselves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from accounts import contact_policy
from accounts.models import User
from core.findings import Finding
from messenger import doctor
from messenger import signals
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.services import agents
from messenger.services import blocks
from messenger.services import contacts
from messenger.services import conversations
from messenger.services import messages
from messenger.services import notes
from messenger.services import participants
from messenger.services import previews
from messenger.services import speaking
from messenger.services.sending import group_commit
from messenger.services.sending.draft import check_input
from messenger.shapes import SystemNote
from messenger.tests.factories import EverybodysAgents
from messenger.tests.factories import make_agent
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.reading import events
from messenger.tests.test_services_erasing import erase
from messenger.text import first_link

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = (
    "messages_written",
    "messages_taken_back",
    "members_joined",
    "members_left",
    "pair_blocked",
    "conversation_ended",
)
Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Every signal with its values, in order; none may come inside a transaction."""
    found: Heard = []
    receivers = []
    for name in NAMES:

        def receive(sender: None, signal: Any, name: str = name, **values: Any) -> None:
            assert not connection.in_atomic_block
            found.append((name, values))

        getattr(signals, name).connect(receive, weak=False)
        receivers.append((getattr(signals, name), receive))
    yield found
    for signal, receive in receivers:
        signal.disconnect(receive)


def say(user: User, room: Conversation, content: str = "Hi", **more: Any) -> Any:
    return messages.send(user, conversation_id=room.pk, content=content, **more).message.id


def test_what_is_said_among_people_is_nobodys_business(
    alice: User, bob: User, group: Conversation, heard: Heard
) -> None:
    said = say(alice, group)
    say(bob, group, "I see", reply_to_id=said)
    messages.delete(alice, message_id=said)
    assert heard == []


def test_what_is_said_with_an_agent_is_signalled_once_a_transaction(
    alice: User, bob: User, room: Conversation, group: Conversation, heard: Heard
) -> None:
    batch = [
        check_input(user, conversation_id=where.pk, content="Hi") for user in (alice, bob) for where in (room, group)
    ]
    group_commit.write_batch(batch, wait=True)
    ids = list(Message.objects.filter(conversation=room).order_by("seq").values_list("pk", flat=True))
    assert heard == [("messages_written", {"messages": {room.pk: ids}})]
    heard.clear()
    first = ids[0]
    answer = say(bob, room, "@helper, so?", reply_to_id=first)
    messages.delete(alice, message_id=first)
    assert heard == [
        ("messages_written", {"messages": {room.pk: [answer]}}),
        ("messages_taken_back", {"conversation_id": room.pk, "message_ids": [first]}),
    ]


def test_a_repeat_and_what_is_rolled_back_are_not_signalled(alice: User, room: Conversation, heard: Heard) -> None:
    say(alice, room, client_id="c1")
    say(alice, room, client_id="c1")
    assert len(heard) == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        say(alice, room)
        raise RuntimeError
    assert len(heard) == 1


def test_what_grows_is_signalled_when_it_is_whole(agent: User, room: Conversation, heard: Heard) -> None:
    speech = speaking.begin(agent, conversation_id=room.pk, client_id="r:0", text="It is", run_id=room.pk)
    speaking.keep(speech, "It is 21")
    assert heard == []
    speaking.finish(speech, "It is 21 °C")
    assert heard == [("messages_written", {"messages": {room.pk: [speech.message_id]}})]


def test_people_pay_no_statement_for_it(
    alice: User, room: Conversation, group: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does who has an agent among them, but for what the apps above ask."""
    monkeypatch.setattr(signals.messages_written, "receivers", [])
    say(alice, room), say(alice, group)  # what is asked for the first time only
    counted = []
    for where in (room, group):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            say(alice, where)
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_who_comes_and_goes(alice: User, bob: User, charlie: User, agent: User, heard: Heard) -> None:
    room = conversations.create_group(alice, name="Tea", participant_ids=[bob.pk]).conversation
    with contact_policy.registered(EverybodysAgents()):
        participants.add(alice, conversation_id=room.pk, user_ids=[agent.pk, charlie.pk])
    assert Conversation.objects.get(pk=room.pk).agent_count == 1
    participants.remove(alice, conversation_id=room.pk, user_id=agent.pk)
    assert Conversation.objects.get(pk=room.pk).agent_count == 0
    participants.remove(charlie, conversation_id=room.pk, user_id=charlie.pk)
    conversations.delete_conversation(alice, conversation_id=room.pk)
    talk = conversations.create_direct(alice, user_id=bob.pk)[0].conversation
    blocks.block(alice, user_id=bob.pk)
    blocks.block(alice, user_id=bob.pk)
    blocks.block(bob, user_id=alice.pk)

    def of(conversation: Conversation, *users: User) -> dict[str, Any]:
        return {"conversation_id": conversation.pk, "user_ids": [user.pk for user in users]}

    assert heard == [
        ("members_joined", of(room, alice, bob) | {"by": alice.pk}),
        ("members_joined", of(room, agent, charlie) | {"by": alice.pk}),
        ("members_left", of(room, agent)),
        ("members_left", of(room, charlie)),
        ("conversation_ended", {"conversation_id": room.pk}),
        ("members_joined", of(talk, alice, bob) | {"by": alice.pk}),
        ("pair_blocked", {"user_ids": [alice.pk, bob.pk]}),
    ]


def test_a_group_without_people_ends(alice: User, agent: User, heard: Heard) -> None:
    room = make_group(alice, agent)
    participants.remove(alice, conversation_id=room.pk, user_id=alice.pk)
    assert Conversation.objects.get(pk=room.pk).deleted_at
    assert ("conversation_ended", {"conversation_id": room.pk}) in heard


def test_who_ends_their_account_leaves_everything(alice: User, bob: User, room: Conversation, heard: Heard) -> None:
    said, talk = say(bob, room), make_direct(alice, bob)
    heard.clear()
    erase(bob)
    assert heard == [
        ("messages_taken_back", {"conversation_id": room.pk, "message_ids": [said]}),
        ("members_left", {"conversation_id": room.pk, "user_ids": [bob.pk]}),
        ("members_left", {"conversation_id": talk.pk, "user_ids": [bob.pk]}),
    ]


def test_the_doctor_finds_a_wrong_count_and_it_is_put_right(alice: User, agent: User, room: Conversation) -> None:
    def found() -> list[Finding]:
        return list(doctor.agent_counts())

    assert [one.state for one in found()] == ["ok"]
    other = make_group(alice, agent)
    Conversation.objects.filter(pk=room.pk).update(agent_count=0)  # as the release before would leave it
    Participant.objects.filter(conversation=other, user=agent).delete()
    assert [one.state for one in found()] == ["warn"]
    assert agents.recount_all() == 2
    assert [one.state for one in found()] == ["ok"]
    assert dict(Conversation.objects.values_list("pk", "agent_count")) == {room.pk: 1, other.pk: 0}


# What agents take no part in -----------------------------------------------------------------------------------------


def test_no_link_of_an_agent_is_looked_at(alice: User, agent: User, room: Conversation, monkeypatch: Any) -> None:
    """Nor when a person sends its words on: the address may carry away what the agent was told."""
    asked: list[str] = []
    monkeypatch.setattr(previews, "_read_page", asked.append)
    link = "https://example.com/?secret"
    by_agent = say(agent, room, link)
    forwarded = messages.forward(alice, message_id=by_agent, conversation_ids=[room.pk])[0].message.id
    by_alice = say(alice, room, "https://example.com/tea")
    for message_id in (by_agent, forwarded, by_alice):
        assert not previews.attach(message_id, first_link(Message.objects.get(pk=message_id).content) or "")
    assert asked == ["https://example.com/tea"]


def test_agents_have_no_presence(alice: User, bob: User, agent: User, room: Conversation) -> None:
    assert contacts.known(alice, [bob.pk, agent.pk]) == [bob.pk]


# Notes of calls and agents -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "note",
    [
        SystemNote(action="call_started", call_type="video"),
        SystemNote(action="call_ended", call_type="audio", seconds=725),
        SystemNote(action="call_missed", call_type="audio"),
        SystemNote(action="agents_stopped"),
        SystemNote(action="agents_resumed"),
    ],
    ids=lambda note: note.action,
)
def test_notes_of_calls_and_agents_keep_their_facts(alice: User, group: Conversation, note: SystemNote) -> None:
    with transaction.atomic():
        said = notes.write_system_message(group, note=note, actor=alice)
    shown = events(group)[-1][1]["system"]
    assert shown == said.model_dump(mode="json")["system"]
    assert (shown["action"], shown["call_type"], shown["seconds"]) == (note.action, note.call_type, note.seconds)
    assert shown["actor"]["username"] == "alice"


def test_agents_that_wait_are_named(agent: User, room: Conversation) -> None:
    other = make_agent("other")
    with transaction.atomic():
        notes.write_note(room, "agents_wait", actor=None, about=[agent.pk, other.pk])
    shown = events(room)[-1][1]["system"]
    assert [one["username"] for one in shown["people"]] == ["helper", "other"]

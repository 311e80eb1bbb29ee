"""Everything at once, with real threads: nothing waits for itself, nothing is lost, positions have no gaps."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from accounts.models import User
from conftest import make_user
from core.errors import DomainError
from core.models import StoredFile
from core.models import StreamEvent
from core.realtime import streams
from messenger.access import conversation_stream
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import ReadReceipt
from messenger.services import messages
from messenger.services import pins
from messenger.services import reactions
from messenger.services import reads
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_file
from messenger.tests.factories import make_group
from messenger.tests.factories import membership
from messenger.tests.test_services_sending import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_people_do_everything_at_once(alice: User, bob: User) -> None:
    people = [alice, bob, *(make_user(f"user{number}") for number in range(4))]
    talks = [make_group(*people), make_group(*people), make_group(*people)]
    for talk in talks:
        messages.send(alice, conversation_id=talk.pk, content="Begin")

    def busy(user: User, seed: int) -> Callable[[], None]:
        dice = random.Random(seed)

        def run() -> None:
            for number in range(12):
                _one_thing(user, dice, talks, f"{seed}-{number}")

        return run

    assert together([busy(user, seed) for seed, user in enumerate(people * 2)]) == []
    for talk in talks:
        head = streams.head(conversation_stream(talk.pk))
        events = StreamEvent.objects.filter(stream_id=talk.pk).order_by("seq")
        assert [event.seq for event in events] == list(range(1, head + 1))
        new = events.filter(type="message.new")
        assert list(new.values_list("subject", "seq")) == list(
            Message.objects.filter(conversation=talk).order_by("seq").values_list("pk", "seq")
        )


def _one_thing(user: User, dice: random.Random, talks: list[Conversation], client_id: str) -> None:
    talk = dice.choice(talks)
    rows = list(Message.objects.filter(conversation=talk).order_by("-seq")[:5])
    row = dice.choice(rows)
    others = [one.pk for one in dice.sample(talks, 2)]
    things: list[Callable[[], object]] = [
        lambda: messages.send(user, conversation_id=talk.pk, content="Hi", client_id=client_id, reply_to_id=row.pk),
        lambda: messages.send(user, conversation_id=talk.pk, content="Hi", client_id=client_id),
        lambda: messages.forward(user, message_id=row.pk, conversation_ids=others, client_id=client_id),
        lambda: messages.edit(user, message_id=row.pk, content=client_id),
        lambda: messages.delete(user, message_id=row.pk),
        lambda: reactions.add(user, message_id=row.pk, emoji="🔥"),
        lambda: pins.pin(user, message_id=row.pk),
        lambda: reads.mark(user, conversation_id=talk.pk, message_id=row.pk),
    ]
    try:
        dice.choice(things)()
    except DomainError as error:
        assert error.code in {"not_found", "forbidden"}, error.code


def test_a_position_never_goes_back(alice: User, bob: User) -> None:
    talk = make_direct(alice, bob)
    said = [messages.send(alice, conversation_id=talk.pk, content=f"{number}").message for number in range(8)]

    def reader(number: int) -> Callable[[], None]:
        def read() -> None:
            at = reads.mark(bob, conversation_id=talk.pk, message_id=said[number].id)
            assert at.read_seq >= said[number].seq

        return read

    order = [3, 0, 7, 5, 1, 6, 2, 4]
    assert together([reader(number) for number in order * 2]) == []
    moved = StreamEvent.objects.filter(stream_id=talk.pk, type="message.read").order_by("seq")
    positions = [int(event.payload.partition('"read_seq":')[2].partition(",")[0]) for event in moved]
    assert positions == sorted(set(positions))
    assert positions[-1] == membership(talk, bob).read_seq == said[7].seq
    assert ReadReceipt.objects.filter(user=bob).count() == 8


def test_one_emoji_of_one_person_is_one_reaction(alice: User, bob: User) -> None:
    talk = make_direct(alice, bob)
    said = messages.send(alice, conversation_id=talk.pk, content="Tea?").message
    outcomes: list[bool] = []

    def react() -> None:
        outcomes.append(reactions.add(bob, message_id=said.id, emoji="🔥"))

    assert together([react] * 8) == []
    assert sorted(outcomes) == [False] * 7 + [True]
    assert StreamEvent.objects.filter(type="reaction.added").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_a_file_is_there_as_long_as_a_message_shows_it(alice: User, bob: User, attempt: int) -> None:
    talk, group = make_direct(alice, bob), make_group(bob)
    picture = make_file(alice)
    said = messages.send(alice, conversation_id=talk.pk, content="", media_id=picture.pk).message
    refused: list[DomainError] = []

    def forward() -> None:
        try:
            messages.forward(bob, message_id=said.id, conversation_ids=[group.pk])
        except DomainError as error:
            refused.append(error)

    assert together([forward, lambda: messages.delete(alice, message_id=said.id)]) == []
    forwarded = Message.objects.filter(conversation=group).first()
    assert (forwarded is None) == bool(refused)
    assert StoredFile.objects.filter(pk=picture.pk).exists() == (forwarded is not None)
    assert forwarded is None or forwarded.media_id == picture.pk

"""How many answers are written for one person at once, over all processes."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from aichat.errors import TooManyAnswers
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import messages
from aichat.tests.factories import make_chat
from billing import metering
from billing.models import TokenHold
from conftest import JsonClient

pytestmark = pytest.mark.django_db(transaction=True)


def ask(user: User) -> ChatMessage:
    return messages.post_message(user, chat_id=make_chat(user).pk, content="Hello").message


def ask_at_once(user: User, count: int) -> list[bool]:
    """Each on a connection of its own, as another process would; whether they were taken."""
    chats = [make_chat(user).pk for _ in range(count)]
    start, taken = threading.Barrier(count), []

    def run(chat_id: object) -> None:
        try:
            start.wait(20)
            messages.post_message(user, chat_id=chat_id, content="Hello")  # type: ignore[arg-type]
            taken.append(True)
        except TooManyAnswers:
            taken.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[chat_id]) for chat_id in chats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(taken)


def test_the_sixth_is_refused_and_leaves_nothing(alice: User, bob: User, alice_client: JsonClient) -> None:
    first = [ask(alice) for _ in range(5)]
    chat = make_chat(alice)
    answer = alice_client.post(f"/api/chats/{chat.pk}/messages", {"content": "Hello"})
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "too_many_answers", "5")
    assert not ChatMessage.objects.filter(chat=chat).exists()
    assert TokenHold.objects.count() == 5
    ask(bob)
    answers.abandon(first[0].pk, 1)
    ask(alice)


def test_what_a_dead_process_left_does_not_count(alice: User) -> None:
    for _ in range(5):
        ask(alice)
    ChatMessage.objects.running().update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    ask(alice)


def test_those_who_begin_together_see_each_other(alice: User, settings: Settings) -> None:
    settings.ANSWERS_AT_ONCE = 2
    metering.allowance(alice.pk)
    assert ask_at_once(alice, 6) == [False] * 4 + [True] * 2
    assert ChatMessage.objects.running().count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
def test_a_look_before_the_hold_would_let_more_in(
    alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: looked at before the user's quota is locked, all of them see none."""
    settings.ANSWERS_AT_ONCE = 2
    hold, look, together = metering.hold, messages._require_room, threading.Barrier(6)

    def looks_first(user_id: object, **fields: object) -> object:
        look(alice)
        together.wait(20)
        return hold(user_id, **fields)  # type: ignore[arg-type]

    monkeypatch.setattr(metering, "hold", looks_first)
    monkeypatch.setattr(messages, "_require_room", lambda _user: nullcontext())
    assert ask_at_once(alice, 6) == [True] * 6

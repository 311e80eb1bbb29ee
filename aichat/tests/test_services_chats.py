"""What two threads at once do to a chat."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections
from django.db.models.deletion import Collector

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import chats
from aichat.services import messages
from aichat.tests.factories import make_chat
from billing.models import TokenHold
from core.errors import NotFound


@pytest.mark.django_db(transaction=True)
def test_a_question_that_comes_while_its_chat_is_deleted(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is too late, or the chat goes with it; never a chat that cannot go because of it."""
    chat = make_chat(alice)
    failures: list[Exception] = []

    def ask() -> None:
        try:
            messages.post_message(alice, chat_id=chat.pk, content="Wait!")
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    asking = threading.Thread(target=ask)
    delete = Collector.delete

    def after_all_was_gathered(collector: Collector) -> Any:
        if asking.ident is None:
            asking.start()
            asking.join(timeout=1)  # it must wait for us, so this runs out
        return delete(collector)

    monkeypatch.setattr(Collector, "delete", after_all_was_gathered)
    chats.delete_chat(alice, chat_id=chat.pk)
    asking.join(timeout=20)
    assert [type(error) for error in failures] == [NotFound]
    assert not Chat.objects.exists()
    assert not ChatMessage.objects.exists()
    assert not TokenHold.objects.exists()

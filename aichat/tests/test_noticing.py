"""Devices are told of an answer that took long and that nobody looks at; of no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from aichat.attempts import AnswerAttempt
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import messages
from aichat.services import noticing
from aichat.tests.factories import make_chat
from conftest import JsonClient
from core import llm
from core.jobs import worker
from core.llm.generation import Ending
from core.llm.generation import Generated
from core.llm.generation.attempt import EndStatus
from core.models import Job
from core.models import PushNotice
from core.models import PushSubscription
from tests.kit.push_service import PushService
from tests.kit.push_service import deliver
from tests.kit.push_service import push_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    with push_service(settings) as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def chat(alice: User) -> Chat:
    return make_chat(alice, title="Kitchen plans", title_source="user")


def begun(owner: User, chat: Chat) -> AnswerAttempt:
    attempt = messages.post_message(owner, chat_id=chat.pk, content="Think hard").attempt
    assert attempt is not None
    return attempt


def ended(attempt: AnswerAttempt, *, after: float, status: EndStatus = "complete", text: str = "It is mended.") -> None:
    """The answer ends so many seconds after it began."""
    finish = {"complete": "stop", "stopped": "stopped"}.get(status, "")
    generated = Generated(text, Ending(status, finish), llm.Usage(5, 5), responded=True)
    with time_machine.travel(timezone.now() + timedelta(seconds=after), tick=False):
        answers.finish(attempt, generated)


def later() -> None:
    """What waits to be told is told, when it is due."""
    for job in Job.objects.filter(kind=noticing.FINISHED, state=Job.State.QUEUED):
        with time_machine.travel(max(job.run_at, timezone.now()) + timedelta(seconds=0.01), tick=False):
            worker.run_job(job.pk)
    deliver()


def test_who_is_elsewhere_is_told_once_and_in_their_language(
    service: PushService, alice: User, bob: User, chat: Chat
) -> None:
    mine, other = service.device(alice), service.device(bob)
    alice.language = "uk"
    alice.save()
    ended(begun(alice, chat), after=21)
    later()
    later()
    assert [(one["title"], one["body"]) for one in mine.shown] == [("Kitchen plans", "It is mended.")]
    assert (mine.shown[0]["kind"], mine.shown[0]["tag"]) == ("answer", f"a:{chat.pk}")
    assert mine.shown[0]["url"] == f"/app/chat/{chat.pk}"
    assert other.shown == []


def test_a_device_that_shows_no_text_says_that_there_is_an_answer(
    service: PushService, alice: User, chat: Chat
) -> None:
    mine = service.device(alice)
    PushSubscription.objects.update(shows_text=False)
    ended(begun(alice, chat), after=21)
    later()
    assert [(one["title"], one["body"]) for one in mine.shown] == [("Your answer is ready", "")]


@pytest.mark.parametrize(("after", "status"), [(19, "complete"), (60, "stopped")], ids=["quick", "stopped"])
def test_what_was_quick_or_stopped_is_not_told(
    service: PushService, alice: User, chat: Chat, after: int, status: EndStatus
) -> None:
    service.device(alice)
    attempt = begun(alice, chat)
    ended(attempt, after=after, status=status)
    later()
    assert not PushNotice.objects.exists()
    assert not ChatMessage.objects.get(pk=attempt.answer_id).unseen


def test_who_asked_to_stop_is_there(service: PushService, alice: User, chat: Chat) -> None:
    service.device(alice)
    attempt = begun(alice, chat)
    messages.request_stop(alice, chat_id=chat.pk, message_id=attempt.answer_id)
    ended(attempt, after=60)  # it came to its end before its process had looked
    later()
    assert not PushNotice.objects.exists()


def test_who_sees_it_end_hears_nothing(
    service: PushService, alice: User, alice_client: JsonClient, charlie_client: JsonClient, chat: Chat
) -> None:
    service.device(alice)
    attempt = begun(alice, chat)
    ended(attempt, after=60)
    path = f"/api/chats/{chat.pk}/messages/{attempt.answer_id}/seen"
    assert alice_client.get(f"/api/chats/{chat.pk}/messages").json()["results"][0]["unseen"] is True
    assert charlie_client.post(path).status_code == 404
    assert alice_client.post(path).status_code == 204
    assert alice_client.post(path).status_code == 204
    assert alice_client.get(f"/api/chats/{chat.pk}/messages").json()["results"][0]["unseen"] is False
    later()
    assert not PushNotice.objects.exists()


def test_what_is_looked_at_on_one_device_goes_from_all(
    service: PushService, alice: User, alice_client: JsonClient, chat: Chat
) -> None:
    browsers = [service.device(alice), service.device(alice)]
    attempt = begun(alice, chat)
    ended(attempt, after=60)
    later()
    alice_client.post(f"/api/chats/{chat.pk}/messages/{attempt.answer_id}/seen")
    later()
    assert [[one["action"] for one in browser.shown] for browser in browsers] == [["show", "clear"]] * 2


def test_a_deleted_chat_is_not_left_on_locked_screens(
    service: PushService, alice: User, alice_client: JsonClient, chat: Chat
) -> None:
    mine = service.device(alice)
    ended(begun(alice, chat), after=60)
    later()
    alice_client.delete(f"/api/chats/{chat.pk}")
    later()
    assert [one["action"] for one in mine.shown] == ["show", "clear"]


def test_a_chat_that_is_gone_by_then_is_a_normal_end(service: PushService, alice: User, chat: Chat) -> None:
    service.device(alice)
    ended(begun(alice, chat), after=60)
    chat.delete()
    later()
    assert Job.objects.get(kind=noticing.FINISHED).state == Job.State.SUCCEEDED
    assert not PushNotice.objects.exists()


def test_an_answer_that_was_interrupted_is_told_as_such(service: PushService, alice: User, chat: Chat) -> None:
    mine = service.device(alice)
    attempt = begun(alice, chat)
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        assert answers.abandon_stale() == 1
    later()
    assert [one["body"] for one in mine.shown] == ["The answer could not be finished."]
    assert attempt.chat_id == chat.pk


def test_nothing_is_queued_for_who_has_no_device(alice: User, chat: Chat) -> None:
    ended(begun(alice, chat), after=60)
    assert not Job.objects.filter(kind=noticing.FINISHED).exists()

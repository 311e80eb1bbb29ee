"""Whom devices are told of: not who reads, not who mutes, each message once, also after a process died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from django.db import OperationalError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from core import push
from core.jobs import claims
from core.models import Job
from core.models import PushNotice
from messenger.models import Conversation
from messenger.models import NoticeScan
from messenger.models import Participant
from messenger.services import messages
from messenger.services import notifying
from messenger.services import reads
from messenger.services import speaking
from messenger.tests.factories import membership
from tests.kit.push_service import Browser
from tests.kit.push_service import PushService
from tests.kit.push_service import deliver
from tests.kit.push_service import push_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    with push_service(settings) as running:
        yield running
        assert running.complaints == []


def say(conversation: Conversation, sender: User, text: str, **fields: Any) -> Any:
    return messages.send(sender, conversation_id=conversation.pk, content=text, **fields).message


def look(after: float = 2) -> int:
    """A look so many seconds later, and what it queued."""
    with time_machine.travel(timezone.now() + timedelta(seconds=after), tick=False):
        told = notifying.look()
    deliver()
    return told


def shown(browser: Browser) -> list[tuple[str, str]]:
    return [(notice["title"], notice["body"]) for notice in browser.shown]


def test_who_is_elsewhere_is_told_once_and_in_their_language(
    service: PushService, alice: User, bob: User, talk: Conversation
) -> None:
    bob.language = "uk"
    bob.save()
    browser = service.device(bob)
    mine = service.device(alice)
    say(talk, alice, "Tea at five?")
    assert look() == 1
    assert look(3) == look(4) == 0
    assert shown(browser) == [("alice", "Tea at five?")]
    assert mine.shown == []
    assert browser.shown[0]["url"] == f"/app/messages/{talk.pk}"
    assert browser.shown[0]["tag"] == f"c:{talk.pk}"
    assert notifying._media_name("audio") == "Voice message"
    say(talk, alice, "one")
    say(talk, alice, "two")
    look()
    assert shown(browser)[1:] == [("alice", "two")]  # the newest stands for both


def test_who_reads_within_a_moment_hears_nothing(
    service: PushService, alice: User, bob: User, talk: Conversation
) -> None:
    browser = service.device(bob)
    said = say(talk, alice, "You see this")
    reads.mark(bob, conversation_id=talk.pk, message_id=said.id)
    assert look() == 0
    assert browser.shown == []


def test_a_moment_is_given_to_read(service: PushService, alice: User, bob: User, talk: Conversation) -> None:
    service.device(bob)
    say(talk, alice, "Hello")
    assert look(0.5) == 0
    assert look(2) == 1


@pytest.mark.parametrize("case", [("all", ["plain", "@bob", "answer"]), ("mentions", ["@bob", "answer"]), ("none", [])])
def test_each_member_says_what_they_want_to_hear_of(
    service: PushService,
    alice: User,
    bob: User,
    group: Conversation,
    case: tuple[str, list[str]],
) -> None:
    notify, told = case
    bob_client = signed_in(bob)
    browser = service.device(bob)
    said_by_bob = say(group, bob, "Who brings cake?")
    answer = bob_client.put(f"/api/messenger/conversations/{group.pk}/settings", {"notify": notify})
    assert answer.json() == {"is_pinned": False, "is_archived": False, "is_muted": notify == "none", "notify": notify}
    assert bob_client.get(f"/api/messenger/conversations/{group.pk}").json()["notify"] == notify
    for text, fields in (("plain", {}), ("@bob", {}), ("answer", {"reply_to_id": said_by_bob.id})):
        say(group, alice, text, **fields)
        look()
    assert shown(browser) == [("Tea", f"alice: {text}") for text in told]


def test_a_mention_is_heard_though_something_else_was_said_after_it(
    service: PushService, alice: User, bob: User, group: Conversation
) -> None:
    browser = service.device(bob)
    Participant.objects.filter(user=bob).update(only_mentions=True)
    say(group, alice, "@bob")
    say(group, alice, "and so on")
    look()
    assert shown(browser) == [("Tea", "alice: @bob")]


def test_all_by_an_admin_is_heard_by_everybody(
    service: PushService, alice: User, bob: User, charlie: User, group: Conversation
) -> None:
    """Alice looks after the group; Bob says the same as a word."""
    browsers = {user: service.device(user) for user in (alice, bob)}
    Participant.objects.filter(conversation=group).update(only_mentions=True)
    for who, text in ((bob, "@all, cake?"), (alice, "@All: tea!")):
        said = say(group, who, text)
        look()
        assert said.mentions == ([group.pk] if who == alice else [])
    assert shown(browsers[bob]) == [("Tea", "alice: @All: tea!")]
    assert shown(browsers[alice]) == []
    seen = {user.username: signed_in(user).get(f"/api/messenger/conversations/{group.pk}") for user in (alice, bob)}
    assert {name: answer.json()["mention_count"] for name, answer in seen.items()} == {"alice": 0, "bob": 1}


def test_in_a_talk_of_two_all_is_a_word(service: PushService, alice: User, bob: User, talk: Conversation) -> None:
    assert say(talk, alice, "@all").mentions == []


def test_muted_and_notify_say_the_same(bob: User, talk: Conversation, bob_client: JsonClient) -> None:
    url = f"/api/messenger/conversations/{talk.pk}/settings"
    assert bob_client.put(url, {"notify": "mentions"}).json()["is_muted"] is False
    assert bob_client.put(url, {"is_muted": True}).json()["notify"] == "none"
    assert bob_client.put(url, {"is_muted": False}).json()["notify"] == "mentions"
    assert bob_client.put(url, {"notify": "all"}).json()["notify"] == "all"
    assert bob_client.put(url, {"notify": "loud"}).status_code == 400


def test_reading_on_one_device_takes_it_from_the_others(
    service: PushService, alice: User, bob: User, talk: Conversation
) -> None:
    browser = service.device(bob)
    said = say(talk, alice, "Hello")
    look()
    reads.mark(bob, conversation_id=talk.pk, message_id=said.id)
    deliver()
    assert [notice["action"] for notice in browser.shown] == ["show", "clear"]
    reads.mark(bob, conversation_id=talk.pk, message_id=said.id)
    assert Job.objects.filter(state=Job.State.QUEUED, kind="core.send_push").count() == 0


def test_what_is_taken_back_goes_from_the_screen(
    service: PushService, alice: User, bob: User, talk: Conversation, alice_client: JsonClient
) -> None:
    browser = service.device(bob)
    said = say(talk, alice, "Oh no")
    look()
    assert alice_client.delete(f"/api/messenger/messages/{said.id}").status_code == 204
    deliver()
    assert [notice["action"] for notice in browser.shown] == ["show", "clear"]


def test_what_is_taken_back_at_once_is_told_to_nobody(
    service: PushService, alice: User, bob: User, talk: Conversation, alice_client: JsonClient
) -> None:
    browser = service.device(bob)
    said = say(talk, alice, "Oh no")
    alice_client.delete(f"/api/messenger/messages/{said.id}")
    assert look() == 0
    assert browser.shown == []


def test_the_blocked_and_the_removed_hear_nothing_more(
    service: PushService, alice: User, bob: User, group: Conversation
) -> None:
    browser = service.device(bob)
    say(group, alice, "Good bye")
    membership(group, bob).delete()
    assert look() == 0
    assert browser.shown == []


def test_an_answer_of_an_agent_is_told_when_it_is_whole(
    service: PushService, alice: User, agent: User, room: Conversation
) -> None:
    browser = service.device(alice)
    begun = speaking.begin(agent, conversation_id=room.pk, client_id="a-1", text="The", run_id=room.pk)
    assert look() == 0
    speaking.finish(begun, "The whole answer")
    (job,) = Job.objects.filter(kind=notifying.FINISHED)
    with time_machine.travel(job.run_at, tick=False):
        assert notifying.tell_finished(begun.message_id) == 1
    deliver()
    assert shown(browser) == [("Tea", f"{agent.username}: The whole answer")]


def test_a_process_that_died_while_it_looked_is_followed_by_another(
    service: PushService, alice: User, bob: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = service.device(bob)
    say(talk, alice, "Hello")

    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(push, "notify", die)
        with pytest.raises(Killed):
            look()
    assert look(3) == 0  # it may live yet
    assert look(40) == 1
    assert shown(browser) == [("alice", "Hello")]
    assert PushNotice.objects.count() == 1


def test_a_look_that_fails_is_made_up_for_by_the_next_one(
    service: PushService, alice: User, bob: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second later, and not when the lease of who failed has run out."""
    browser = service.device(bob)
    say(talk, alice, "Hello")
    with monkeypatch.context() as troubled, pytest.raises(OperationalError):
        troubled.setattr(notifying, "_tell", Mock(side_effect=OperationalError("database is locked")))
        look()
    assert look(3) == 1
    assert shown(browser) == [("alice", "Hello")]


def test_two_processes_do_not_tell_twice(service: PushService, alice: User, bob: User, talk: Conversation) -> None:
    service.device(bob)
    say(talk, alice, "Hello")
    with time_machine.travel(timezone.now() + timedelta(seconds=2), tick=False):
        NoticeScan.objects.create(pk=1, looked_until=timezone.now() - timedelta(seconds=5))
        claim = claims.claim(NoticeScan.objects.all(), 1, lease=timedelta(seconds=30))
        assert claim is not None
        assert notifying.look() == 0
        claims.release(claim)
        assert notifying.look() == 1


def test_idle_looks_write_nothing(service: PushService, bob: User) -> None:
    service.device(bob)
    look()
    with CaptureQueriesContext(connection) as asked:
        look(60)
    kinds = [query["sql"].split()[0] for query in asked if "jobs" not in query["sql"]]
    assert kinds == ["SELECT", "SELECT"]


def test_who_sends_pays_nothing(service: PushService, alice: User, bob: User, talk: Conversation) -> None:
    def questions() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            say(talk, alice, "Hello")
        return [query["sql"].split()[0] for query in asked]

    questions()
    before = questions()
    service.device(bob)
    assert questions() == before


def test_many_members_are_told_with_few_questions(
    service: PushService, alice: User, bob: User, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "_WAITING", notifying._WAITING.replace("LIMIT 2000", "LIMIT 3"))
    browser = service.device(bob)
    for number in range(8):
        say(talk, alice, f"text {number}")
    assert look() >= 1
    assert shown(browser)[-1] == ("alice", "text 7")
    assert membership(talk, bob).notified_seq == 8

"""Devices on which no page is open: they ring, fall silent, and are told what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from calls.services import answering
from calls.services import ending
from calls.services import preferences
from calls.tests.kit import begin
from calls.tests.kit import pass_time
from calls.tests.kit import pick_up
from core.models import PushNotice
from core.push import subscriptions
from messenger.models import Conversation
from messenger.models import Participant
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


def _device(service: PushService, user: User) -> Browser:
    browser = service.browser()
    subscriptions.subscribe(user, endpoint=browser.endpoint, **browser.subscription()["keys"])
    return browser


def _heard(browser: Browser) -> list[tuple[str, str, str]]:
    deliver()
    return [(notice["action"], notice["kind"], notice["body"]) for notice in browser.shown]


RINGS = ("show", "call", "Incoming call")


def test_a_call_rings_at_once_urgently_and_not_later(
    service: PushService, talk: Conversation, alice: User, bob: User
) -> None:
    phone, hers = _device(service, bob), _device(service, alice)
    begin(alice, talk)
    row = PushNotice.objects.get(kind="call")
    assert row.urgency == "high"
    assert timedelta(seconds=44) < row.expires_at - timezone.now() <= timedelta(seconds=45)
    assert _heard(phone) == [RINGS]
    (shown,) = phone.shown
    assert (shown["title"], shown["url"]) == ("alice", f"/app/messages/{talk.pk}")
    assert _heard(hers) == []


def test_a_ring_falls_silent_on_all_devices_when_it_is_answered(
    service: PushService, talk: Conversation, alice: User, bob: User
) -> None:
    phone, tablet = _device(service, bob), _device(service, bob)
    begun = begin(alice, talk)
    assert _heard(phone) == [RINGS]
    pick_up(bob, begun.call)
    for browser in (phone, tablet):
        assert [one[:2] for one in _heard(browser)] == [("show", "call"), ("clear", "clear")]


def test_a_ring_falls_silent_when_one_declines(
    service: PushService, talk: Conversation, alice: User, bob: User
) -> None:
    phone = _device(service, bob)
    begun = begin(alice, talk)
    deliver()
    answering.reject(bob, call_id=begun.call.pk)
    assert [one[:2] for one in _heard(phone)] == [("show", "call"), ("clear", "clear")]


@pytest.mark.parametrize("how", ["given up", "not answered"])
def test_what_was_missed_is_told_once(
    service: PushService, talk: Conversation, alice: User, bob: User, how: str
) -> None:
    phone = _device(service, bob)
    begun = begin(alice, talk, call_type="video")
    deliver()
    if how == "given up":
        ending.end(alice, call_id=begun.call.pk)
    else:
        pass_time(46)
    assert sorted(_heard(phone)) == sorted(
        [("show", "call", "Incoming video call"), ("clear", "clear", ""), ("show", "call_missed", "Missed call")]
    )
    pass_time(1)
    assert len(_heard(phone)) == 3


def test_a_ring_that_never_went_out_does_not_go_out_late(
    service: PushService, talk: Conversation, alice: User, bob: User
) -> None:
    phone = _device(service, bob)
    with transaction.atomic():  # so nothing is sent in between
        ending.end(alice, call_id=begin(alice, talk).call.pk)
    assert [one[1] for one in _heard(phone)] == ["call_missed"]


def test_who_wants_no_ringing_is_not_rung(
    service: PushService, group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    muted, quiet = _device(service, bob), _device(service, charlie)
    Participant.objects.filter(user=bob).update(is_muted=True)
    preferences.change(charlie, hide_address="never", ring=False)
    begin(alice, group)
    assert (_heard(muted), _heard(quiet)) == ([], [])


def test_in_a_group_it_says_who_calls_and_in_the_language_of_whom_it_rings(
    service: PushService, group: Conversation, alice: User, bob: User
) -> None:
    phone = _device(service, bob)
    User.objects.filter(pk=bob.pk).update(language="uk")
    begin(alice, group)
    deliver()
    (shown,) = phone.shown
    assert (shown["title"], shown["body"]) == ("Tea", "alice: Вхідний дзвінок")

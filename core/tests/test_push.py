"""Notices to devices, against a push service written from the RFCs, which reads them with the browsers' own keys."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.models import User
from accounts.services import cleanup
from core import crypto
from core import push
from core.models import Job
from core.models import PushKey
from core.models import PushNotice
from core.models import PushSubscription
from core.push import notices
from core.push import sending
from core.push import subscriptions
from tests.kit.push_service import Browser
from tests.kit.push_service import PushService
from tests.kit.push_service import deliver as run
from tests.kit.push_service import push_service

pytestmark = pytest.mark.django_db
URL = "/api/push/subscriptions"


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    with push_service(settings) as running:
        yield running
        assert running.complaints == []


def subscribe(client: APIClient, browser: Browser, **fields: Any) -> dict[str, Any]:
    answer = client.post(URL, browser.subscription() | fields, format="json")
    assert answer.status_code in (200, 201), answer.content
    found: dict[str, Any] = answer.json()
    return found


def notice(user: User, **changes: Any) -> push.Notice:
    values = {"kind": "message", "tag": "c:1", "title": "Борис", "body": "Чай о п'ятій? 🍵", "plain": "New message"}
    return push.Notice(**{"user_id": user.pk, "url": "/app/messages/1", **values, **changes})


def test_a_notice_reaches_every_device_that_wants_it(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    phone, laptop, silenced = service.browser(), service.browser(), service.browser()
    client = client_of(alice)
    subscribe(client, phone, device="Phone")
    subscribe(client, laptop)
    off = subscribe(client, silenced)
    assert client.patch(f"{URL}/{off['id']}", {"enabled": False}, format="json").json()["enabled"] is False
    assert push.notify([notice(alice)]) == 2
    run()
    for browser in (phone, laptop):
        (shown,) = browser.shown
        assert (shown["title"], shown["body"], shown["tag"]) == ("Борис", "Чай о п'ятій? 🍵", "c:1")
        assert (shown["url"], shown["action"], shown["sound"]) == ("/app/messages/1", "show", True)
    assert silenced.shown == []
    assert {(row.state, row.content) for row in PushNotice.objects.all()} == {("sent", None)}
    assert len({headers["topic"] for headers in service.requests}) == 1
    assert client.get(URL).json()["results"][-1]["used_at"] is not None


def test_nothing_that_was_written_leaves_for_a_device_that_shows_no_text(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    browser, client = service.browser(), client_of(alice)
    mine = subscribe(client, browser)
    client.patch(f"{URL}/{mine['id']}", {"shows_text": False, "has_sound": False}, format="json")
    push.notify([notice(alice, icon="/media/face.png")])
    run()
    (shown,) = browser.shown
    assert (shown["title"], shown["body"], shown["icon"], shown["sound"]) == ("New message", "", "", False)
    assert "Борис" not in str(shown)


def test_a_long_text_of_wide_letters_fits_into_one_record(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    browser = service.browser()
    subscribe(client_of(alice), browser)
    push.notify([notice(alice, title="👩‍👩‍👧‍👦" * 300, body="🍵\n" * 3000, icon="/media/" + "x" * 3000)])
    run()
    assert len(browser.shown[0]["body"]) == 240
    assert browser.shown[0]["icon"] == ""


QUIET = [
    ("22:00", "07:00", "Europe/Kyiv", "2026-01-10T21:30:00Z", False),  # 23:30 there
    ("22:00", "07:00", "Europe/Kyiv", "2026-01-10T19:30:00Z", True),  # 21:30
    ("22:00", "07:00", "America/New_York", "2026-01-10T21:30:00Z", True),  # 16:30
    ("13:00", "14:00", "Europe/Kyiv", "2026-07-10T10:30:00Z", False),  # 13:30, in summer
    ("13:00", "14:00", "Europe/Kyiv", "2026-01-10T10:30:00Z", True),  # 12:30, in winter
    ("22:00", "07:00", "", "2026-01-10T06:59:00Z", False),
    ("22:00", "07:00", "", "2026-01-10T07:00:00Z", True),
]


@pytest.mark.parametrize("case", QUIET)
def test_quiet_hours_go_by_the_clock_of_the_person(
    alice: User, client_of: Callable[..., APIClient], service: PushService, case: tuple[str, str, str, str, bool]
) -> None:
    start, end, zone, moment, rings = case
    client = client_of(alice)
    subscribe(client, service.browser())
    assert client.patch("/api/auth/me", {"time_zone": zone}, format="json").json()["user"]["time_zone"] == zone
    hours = {"quiet_from": start, "quiet_until": end}
    assert client.put("/api/push/preferences", hours, format="json").status_code == 200
    assert client.get("/api/push/preferences").json() == hours
    with time_machine.travel(datetime.fromisoformat(moment).astimezone(UTC), tick=False):
        assert push.notify([notice(alice)]) == int(rings)


def test_nonsense_is_refused_by_name(alice: User, client_of: Callable[..., APIClient], service: PushService) -> None:
    client, good = client_of(alice), service.browser().subscription()
    for body in (
        {**good, "endpoint": "ftp://push.example/x"},
        {**good, "endpoint": "not an address"},
        {**good, "endpoint": "https://push.exa mple/x"},
        {**good, "endpoint": "https://push.example:99999/x"},
        {**good, "endpoint": "https://[::1/x"},
        {**good, "keys": good["keys"] | {"p256dh": good["keys"]["auth"]}},
        {**good, "keys": good["keys"] | {"auth": "AAAA"}},
        {**good, "keys": {}},
        {},
    ):
        answer = client.post(URL, body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    for hours in ({"quiet_from": "22:00", "quiet_until": None}, {"quiet_from": "22:00", "quiet_until": "22:00"}):
        assert client.put("/api/push/preferences", hours, format="json").status_code == 400
    assert client.patch("/api/auth/me", {"time_zone": "Mars/Olympus"}, format="json").status_code == 400
    assert PushSubscription.objects.count() == 0


def test_a_browser_changes_hands_with_its_keys_and_not_without(
    alice: User, bob: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    browser, thief = service.browser(), Browser("")
    mine = subscribe(client_of(alice), browser, device="Mine")
    stolen = {"endpoint": browser.endpoint, "keys": thief.subscription()["keys"]}
    refused = client_of(bob).post(URL, stolen, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_taken")
    push.notify([notice(alice), notice(bob)])
    taken = subscribe(client_of(bob), browser)
    assert (taken["id"], taken["device"]) == (mine["id"], "")
    assert client_of(alice).get(URL).json()["results"] == []
    run()
    assert browser.shown == []  # what was meant for the one is not shown to the other
    push.notify([notice(bob, title="For Bob")])
    run()
    assert [shown["title"] for shown in browser.shown] == ["For Bob"]


def test_who_signs_out_is_written_to_no_more(
    alice: User, client_of: Callable[..., APIClient], service: PushService, django_capture_on_commit_callbacks: Any
) -> None:
    client, other = client_of(alice), client_of(alice)
    subscribe(client, service.browser())
    kept = subscribe(other, service.browser())
    assert [row["is_this"] for row in other.get(URL).json()["results"]] == [True, False]
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/api/auth/logout").status_code == 204
    assert [row["id"] for row in other.get(URL).json()["results"]] == [kept["id"]]
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    cleanup.purge_expired()
    assert not PushSubscription.objects.exists()


def test_one_odd_device_takes_no_other_along(
    alice: User, bob: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    good, odd = service.browser(), service.browser()
    subscribe(client_of(alice), good)
    mine = subscribe(client_of(bob), odd)
    PushSubscription.objects.filter(pk=mine["id"]).update(endpoint="https://push.exa mple/x")
    push.notify([notice(alice), notice(bob)])
    run()
    assert [shown["title"] for shown in good.shown] == ["Борис"]
    assert sorted(PushNotice.objects.values_list("state", "error")) == [
        ("failed", "A fault of ours kept it from being sent."),
        ("sent", ""),
    ]


def test_what_a_push_service_says_is_heard(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    browser = service.browser()
    subscribe(client_of(alice), browser)
    answers = [(429, {"Retry-After": "120"}), (503, {}), (500, {}), None]
    service.moods = lambda number: answers[number]
    push.notify([notice(alice)])
    for _attempt in answers[:-1]:
        assert browser.shown == []
        run()
    job = Job.objects.get(kind=notices.SEND)
    assert job.attempts <= 1  # waiting for somebody else costs no attempt
    run()
    assert [shown["title"] for shown in browser.shown] == ["Борис"]
    assert len(service.requests) == 4


def test_it_waits_as_long_as_it_is_told_and_not_beyond_its_use(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    subscribe(client_of(alice), service.browser())
    service.moods = lambda _number: (429, {"Retry-After": "120"})
    begun = timezone.now()
    push.notify([notice(alice, life=timedelta(seconds=300))])
    run()
    assert timedelta(seconds=118) < PushNotice.objects.get().due_at - begun < timedelta(seconds=125)
    run()
    run()
    row = PushNotice.objects.get()
    assert (row.state, row.error, row.content) == ("failed", "It could not be sent while it was of use.", None)
    assert len(service.requests) == 3


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_has_ended_is_removed(
    alice: User, client_of: Callable[..., APIClient], service: PushService, status: int
) -> None:
    subscribe(client_of(alice), service.browser())
    service.moods = lambda _number: (status, {})
    push.notify([notice(alice)])
    run()
    row = PushNotice.objects.get()
    assert (row.state, row.error, row.subscription_id) == ("failed", "The browser has ended its subscription.", None)
    assert not PushSubscription.objects.exists()


def test_a_process_that_dies_while_it_sends_leaves_its_reason(
    alice: User, client_of: Callable[..., APIClient], service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = service.browser()
    subscribe(client_of(alice), browser)
    push.notify([notice(alice)])

    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_settle", die)  # the notice has left, and nothing of it is written down
        with pytest.raises(Killed):
            run()
    assert [len(browser.shown), PushNotice.objects.get().state] == [1, "sending"]
    Job.objects.update(state=Job.State.QUEUED, lease_until=None)
    run()
    row = PushNotice.objects.get()
    assert (row.state, row.error) == ("failed", "The process that sent it was lost; it may have arrived.")
    assert len(browser.shown) == 1  # control: it does not ring twice


def test_reading_takes_away_what_was_shown_and_what_waits(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    phone = service.browser()
    subscribe(client_of(alice), phone)
    push.notify([notice(alice)])
    run()
    push.notify([notice(alice, body="More")])
    assert notices.clear(alice.pk, "c:1") == 1
    assert notices.clear(alice.pk, "c:1") == 0
    assert notices.clear(alice.pk, "c:2") == 0
    run()
    assert [(shown["action"], shown["body"]) for shown in phone.shown] == [("show", "Чай о п'ятій? 🍵"), ("clear", "")]


def test_no_silent_push_for_services_that_punish_it(alice: User, service: PushService) -> None:
    browser = service.browser()
    subscriptions.subscribe(alice, endpoint=browser.endpoint, **browser.subscription()["keys"])
    push.notify([notice(alice)])
    run()
    PushSubscription.objects.update(host="web.push.apple.com")
    assert notices.clear(alice.pk, "c:1") == 0


def test_an_address_inside_the_house_is_not_called(alice: User, settings: Any) -> None:
    with push_service(settings) as service:
        browser = service.browser()
        subscriptions.subscribe(alice, endpoint=browser.endpoint, **browser.subscription()["keys"])
        settings.PUSH_NETWORKS = []
        push.notify([notice(alice)])
        run()
        assert service.requests == []
    assert PushNotice.objects.get().error == "This site may not call the address of the push service."
    assert not PushSubscription.objects.exists()


def test_a_trial_comes_whatever_the_hour(
    alice: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    client, browser = client_of(alice), service.browser()
    mine = subscribe(client, browser)
    client.put("/api/push/preferences", {"quiet_from": "00:00", "quiet_until": "23:59"}, format="json")
    assert client.post(f"{URL}/{mine['id']}/test").json() == {"queued": 1}
    run()
    assert browser.shown[0]["kind"] == "trial"


def test_a_stranger_finds_nothing(
    alice: User, bob: User, client_of: Callable[..., APIClient], service: PushService
) -> None:
    client, charlie = client_of(alice), client_of(bob)
    mine = subscribe(client, service.browser())
    for answer in (
        charlie.patch(f"{URL}/{mine['id']}", {"enabled": False}, format="json"),
        charlie.delete(f"{URL}/{mine['id']}"),
        charlie.post(f"{URL}/{mine['id']}/test"),
        charlie.delete(f"{URL}/{uuid4()}"),
    ):
        assert answer.status_code == 404
    assert charlie.get(URL).json()["results"] == []
    assert client.get(URL).json()["results"] == [mine]


def test_the_key_is_made_once_and_kept_encrypted(alice: User, client_of: Callable[..., APIClient]) -> None:
    first, again = (client_of(alice).get("/api/push/key").json()["public_key"] for _ in range(2))
    assert first == again
    assert len(first) == 87
    crypto.rotate_all(batch=10)
    assert client_of(alice).get("/api/push/key").json()["public_key"] == first
    assert PushKey.objects.count() == 1


def test_only_so_many_devices_of_one_person(alice: User, service: PushService) -> None:
    for _ in range(21):
        browser = service.browser()
        subscriptions.subscribe(alice, endpoint=browser.endpoint, **browser.subscription()["keys"])
    assert PushSubscription.objects.count() == 20


def test_old_notices_are_forgotten(alice: User, client_of: Callable[..., APIClient], service: PushService) -> None:
    subscribe(client_of(alice), service.browser())
    push.notify([notice(alice, life=timedelta(minutes=1))])
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        sending.forget()
    assert PushNotice.objects.get().state == "failed"
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        sending.forget()
    assert not PushNotice.objects.exists()

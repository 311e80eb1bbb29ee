from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from core.api import throttles
from core.errors import RateLimited
from core.redis import Pause

pytestmark = [pytest.mark.urls("core.tests.urls"), pytest.mark.django_db]
OPEN, SCOPED = "/api/test/open", "/api/test/scoped"


@pytest.fixture(autouse=True)
def _tight(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"anonymous": (3, 60), "user": (5, 60), "login": (2, 60)}
    monkeypatch.setattr(throttles, "_pause", Pause("Nothing is counted", seconds=2.0))


def statuses(client: Any, count: int, path: str = OPEN, **headers: str) -> list[int]:
    return [client.get(path, **headers).status_code for _ in range(count)]


def test_one_address_too_many_requests(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "_now", time.time)
    with time_machine.travel(datetime(2026, 5, 1, 12, 0, 20, tzinfo=UTC), tick=False) as clock:
        assert statuses(client, 3) == [200, 200, 200]
        refused = client.get(OPEN)
        body = refused.json()
        assert refused.status_code == 429
        assert (body["error"], body["code"], body["retry_after"]) == ("Rate limit exceeded", "rate_limited", 40)
        assert refused.headers["Retry-After"] == "40"
        clock.shift(39)
        assert client.get(OPEN).status_code == 429
        clock.shift(1)
        assert client.get(OPEN).status_code == 200


def test_users_count_by_themselves_and_not_by_address(
    alice: AbstractBaseUser, bob: AbstractBaseUser, client_of: Callable[[AbstractBaseUser], APIClient]
) -> None:
    assert statuses(client_of(alice), 6) == [200] * 5 + [429]
    assert statuses(client_of(bob), 5) == [200] * 5
    assert statuses(APIClient(), 4) == [200] * 3 + [429]


def test_a_scope_counts_on_top(client: Client) -> None:
    assert statuses(client, 3, SCOPED) == [200, 200, 429]
    # Every request counted for the address, too.
    assert statuses(client, 1) == [429]


def test_limits_can_be_switched_off(client: Client, settings: LazySettings) -> None:
    settings.RATE_LIMIT_ENABLED = False
    assert set(statuses(client, 10, SCOPED)) == {200}


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_a_client_cannot_invent_its_address(client: Client, settings: LazySettings, proxies: int) -> None:
    settings.TRUSTED_PROXIES = proxies
    # What the trusted proxies append stands on the right; what the client wrote stands left of it.
    appended = ["203.0.113.7", "10.0.0.2"][:proxies]
    seen = [
        client.get(OPEN, headers={"X-Forwarded-For": ", ".join([f"198.51.100.{number}", *appended])}).status_code
        for number in range(4)
    ]
    assert seen == [200, 200, 200, 429]


@pytest.mark.parametrize(("proxies", "trail"), [(1, "{}"), (2, "{}, 10.0.0.2"), (1, "8.8.8.8, {}")])
def test_clients_behind_proxies_are_told_apart(
    client: Client, settings: LazySettings, proxies: int, trail: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    for number in range(5):
        header = trail.format(f"198.51.100.{number}")
        assert client.get(OPEN, headers={"X-Forwarded-For": header}).status_code == 200


def test_a_missing_hop_falls_back_to_the_peer(client: Client, settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = 2
    seen = [client.get(OPEN, headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code for number in range(4)]
    assert seen == [200, 200, 200, 429]


def test_an_ipv6_host_does_not_escape_by_moving_within_its_network(client: Client) -> None:
    seen = [client.get(OPEN, REMOTE_ADDR=f"2001:db8:1:2::{number}").status_code for number in range(4)]
    assert seen == [200, 200, 200, 429]
    assert client.get(OPEN, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


def test_parallel_requests_are_all_counted(settings: LazySettings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login": (10, 3600)}
    refused: list[int] = []
    barrier = threading.Barrier(20)

    def one() -> None:
        barrier.wait(10)
        try:
            throttles.hit("login", "somebody")
        except RateLimited:
            refused.append(1)

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 10


def test_without_a_cache_the_api_goes_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError("cache is down")

    backend = type(cache._connections["default"])  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        patch.setattr(backend, "count", down)
        assert set(statuses(client, 5)) == {200}


def test_a_cache_that_hangs_is_not_asked_by_every_request(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def hang(*_args: object, **_kwargs: object) -> None:
        asked.append(1)
        raise TimeoutError

    backend = type(cache._connections["default"])  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        patch.setattr(backend, "count", hang)
        assert set(statuses(client, 5, SCOPED)) == {200}
        assert len(asked) == 1

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from core import http
from core.http import breaker
from core.redis import Pause
from core.tests.http_peer import Server
from core.tests.http_peer import shop


def _fail(client: Any, times: int) -> None:
    for _ in range(times):
        assert client.post("/x").status_code == 500


def test_the_circuit_opens_for_all_and_closes_again(server: Server) -> None:
    server.say("/x", 500)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        with shop(server) as client:
            _fail(client, breaker.FAILURES)
        # Another client, as another process would make: only the cache is shared.
        with shop(server) as other:
            with pytest.raises(http.CircuitOpen) as caught:
                other.post("/x")
            assert (caught.value.status, caught.value.retry_after) == (503, 60)
            assert len(server.seen) == breaker.FAILURES
            clock.shift(61)
            server.say("/x", 200)
            assert other.post("/x").status_code == 200
            assert other.post("/x").status_code == 200


def test_half_open_lets_one_through_and_its_failure_opens_again(server: Server) -> None:
    server.say("/x", 500)
    with time_machine.travel(1_800_000_000, tick=False) as clock, shop(server) as client:
        _fail(client, breaker.FAILURES)
        clock.shift(61)
        circuit = breaker.Breaker("shop", "127.0.0.1")
        assert circuit.seconds_closed_to_us() == 0
        assert circuit.seconds_closed_to_us() == 1  # somebody is trying
        circuit.failed()
        with pytest.raises(http.CircuitOpen) as caught:
            client.post("/x")
        assert caught.value.retry_after == 60


def test_a_success_forgets_the_failures(server: Server) -> None:
    server.say("/x", 500)
    server.say("/ok", 200)
    with shop(server) as client:
        for _ in range(3):
            _fail(client, breaker.FAILURES - 1)
            assert client.post("/ok").status_code == 200


def test_a_refusal_of_ours_or_of_theirs_is_no_failure(server: Server) -> None:
    server.say("/x", 429)
    with shop(server) as client:
        for _ in range(breaker.FAILURES + 1):
            assert client.post("/x").status_code == 429
    with http.client(role="inner", retries=0) as client:
        for _ in range(breaker.FAILURES + 1):
            with pytest.raises(http.AddressRefused):
                client.get("http://127.0.0.1/")


def test_circuits_of_two_hosts_are_apart() -> None:
    for _ in range(breaker.FAILURES):
        breaker.Breaker("user-url", "a.test").failed()
    assert breaker.Breaker("user-url", "a.test").seconds_closed_to_us() == 60
    assert breaker.Breaker("user-url", "b.test").seconds_closed_to_us() == 0


def test_a_target_that_fails_takes_no_other_along(server: Server) -> None:
    server.say("/x", 500)
    server.say("/ok")
    with shop(server, circuit="flow-1") as failing, shop(server, circuit="flow-2") as other, shop(server) as plain:
        _fail(failing, breaker.FAILURES)
        with pytest.raises(http.CircuitOpen):
            failing.get("/ok")
        assert other.get("/ok").status_code == plain.get("/ok").status_code == 200
    with shop(server, circuit="flow-1") as again, pytest.raises(http.CircuitOpen):
        again.get("/ok")


def test_without_a_cache_calls_go_through(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError("cache is down")

    monkeypatch.setattr(breaker, "_pause", Pause("Every call goes through", seconds=2.0))
    for name in ("get", "set", "add", "incr", "delete", "delete_many"):
        monkeypatch.setattr(type(cache._connections["default"]), name, down)  # type: ignore[attr-defined]
    server.say("/ok")
    with shop(server) as client:
        assert client.get("/ok").status_code == 200
    monkeypatch.undo()

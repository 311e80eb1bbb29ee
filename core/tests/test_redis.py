from __future__ import annotations

import logging
import socket
import time
from types import SimpleNamespace

import pytest

from core import redis


def test_after_a_failure_nobody_asks_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(redis, "time", SimpleNamespace(monotonic=lambda: clock.now))
    pause = redis.Pause("Nothing is counted", seconds=2.0)
    seen = [pause.is_on]
    pause.begin(ConnectionError())
    seen.append(pause.is_on)
    clock.now = 102.1
    seen.append(pause.is_on)
    pause.begin(ConnectionError())
    pause.end()
    seen.append(pause.is_on)
    assert seen == [False, True, False, False]


def test_an_absence_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    pause = redis.Pause("Nothing is counted", seconds=0.0)
    with caplog.at_level(logging.WARNING, logger="core.redis"):
        for _ in range(3):
            pause.begin(ConnectionError("refused"))
        pause.end()
        pause.begin(ConnectionError("refused again"))
    assert [record.getMessage().count("Nothing is counted") for record in caplog.records] == [1, 1]


def test_a_server_that_says_nothing_is_given_up_and_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = redis.client(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", socket_timeout=0.2)
        begun = time.monotonic()
        with pytest.raises(redis.GONE):
            client.ping()
        assert time.monotonic() - begun < 2

"""Real servers as real processes: a run is lost with none of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from agents.tests.asking import Event
from agents.tests.asking import parse
from agents.tests.asking import text_of
from tests.kit.processes import manage
from tests.kit.servers import Server
from tests.kit.servers import serving

SLOW = {"DEMO_WORD_PACE": "100ms", "RATE_LIMIT_ENABLED": "false"}
QUICK = {"DEMO_WORD_PACE": "5ms"}


class Owner:
    """Somebody with a browser and an agent; ``url`` may point at another process from one request to the next."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.http = httpx2.Client(timeout=60, trust_env=False)
        account = {"username": "dora", "email": "dora@example.com", "password": "correct-horse-7"}
        token = self.http.post(f"{self.url}/api/auth/register", json=account).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        granted = manage("grant_plan", "dora", "premium_pro", "--reason", "a test", env=server.env)
        assert granted.returncode == 0, granted.stderr
        self.agent = self.call("POST", "agents", {"name": "Clerk", "model": "demo"})["id"]

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.http.request(method, f"{self.url}/api/{path}", json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @contextmanager
    def stream(self, method: str, path: str, body: Any = None, **headers: str) -> Iterator[Iterator[Event]]:
        with self.http.stream(method, f"{self.url}/api/agents/{path}", json=body, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            yield _events(answer)

    def ask(self, text: str) -> Any:
        return self.stream("POST", f"{self.agent}/execute", {"input": text})

    def follow(self, run_id: str, last_id: str) -> Any:
        return self.stream("GET", f"runs/{run_id}/stream", **{"Last-Event-ID": last_id})

    def until(self, run_id: str, condition: Callable[[dict[str, Any]], object], seconds: float = 60) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not condition(run := self.call("GET", f"agents/runs/{run_id}")):
            assert time.monotonic() < deadline, run
            time.sleep(0.1)
        return run


def _events(answer: httpx2.Response) -> Iterator[Event]:
    buffer = ""
    for chunk in answer.iter_text():
        buffer += chunk
        while "\n\n" in buffer:
            raw, buffer = buffer.split("\n\n", 1)
            if (event := parse(raw)) is not None:
                yield event


def _begun(events: Iterator[Event]) -> tuple[str, list[Event]]:
    seen = [next(events)]
    while seen[-1].event != "message":
        seen.append(next(events))
    return seen[0].data["run"]["id"], seen


def test_kill_nine_in_mid_answer_another_process_begins_it_anew_and_all_is_paid(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW) as server:
        dora = Owner(server)
        with dora.ask("What is Kintsugi?") as events:
            run_id, seen = _begun(events)
            dora.until(run_id, lambda run: run["trace"][0]["text"])
            server.kill()
            with pytest.raises(httpx2.TransportError):
                seen += events
        with server.beside(tmp_path, **QUICK) as second:
            dora.url = second.url
            with dora.follow(run_id, seen[-1].id) as events:
                late = list(events)
            assert late[-1].data["state"] == "complete"
            begun = [one for one in late if one.event == "step"]
            assert begun[-1].data["attempt"] == 2
            run = dora.call("GET", f"agents/runs/{run_id}")
            assert (run["state"], run["steps"]) == ("complete", 1)
            assert text_of(late[late.index(begun[-1]) :], 1) == run["text"]
            usage = dora.call("GET", "subscription/usage")
            assert (usage["tokens_held"], usage["tokens_used"]) == (0, run["total_tokens"])


def test_a_server_that_is_asked_to_stop_lets_go_and_another_one_goes_on_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW) as server, server.beside(tmp_path, **QUICK) as second:
        dora = Owner(server)
        with dora.ask("What is Kintsugi?") as events:
            run_id, _seen = _begun(events)
        began = time.monotonic()
        assert server.stop(30) == 0, server.log
        dora.url = second.url
        run = dora.until(run_id, lambda run: run["state"] == "complete")
        assert time.monotonic() - began < 20, "its lease would have run out only then"
        assert run["trace"][0]["attempt"] == 2
        usage = dora.call("GET", "subscription/usage")
        assert (usage["tokens_held"], usage["tokens_used"]) == (0, run["total_tokens"])


def test_another_process_shows_and_stops_what_this_one_runs(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW) as server, server.beside(tmp_path) as elsewhere:
        dora = Owner(server)
        with dora.ask("What is Kintsugi?") as events:
            run_id, here = _begun(events)
            dora.url = elsewhere.url
            with dora.follow(run_id, "") as followed:
                there = [next(followed) for _ in range(4)]
                began = time.monotonic()
                dora.call("POST", f"agents/runs/{run_id}/stop")
                there += followed
            here += events
        assert time.monotonic() - began < 10
        assert here[-1].data["state"] == there[-1].data["state"] == "stopped"
        assert text_of(here, 1) == text_of(there, 1) == dora.call("GET", f"agents/runs/{run_id}")["text"]
        assert dora.call("GET", "subscription/usage")["tokens_held"] == 0

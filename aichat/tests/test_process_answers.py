"""Real servers as real processes: nothing is buffered, ends with a connection, or is lost with a process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aichat.tests.talking import Event
from aichat.tests.talking import parse
from aichat.tests.talking import text_of
from tests.kit.servers import serving

SERVE = ("serve",)
DAPHNE = ("runserver", "--noreload", "127.0.0.1:{port}")
SLOW = {"DEMO_WORD_PACE": "100ms", "DEFAULT_MODEL": "demo", "RATE_LIMIT_ENABLED": "false"}
QUICK = {"DEMO_WORD_PACE": "10ms"}


class Person:
    """Somebody with a browser; ``url`` may point at another process from one request to the next."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx2.Client(timeout=60, trust_env=False)
        account = {"username": "dora", "email": "dora@example.com", "password": "correct-horse-7"}
        token = self.http.post(f"{url}/api/auth/register", json=account).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.chat = self.call("POST", "chats", {"title": "So that no title is made"})["id"]

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.http.request(method, f"{self.url}/api/{path}", json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @contextmanager
    def stream(self, method: str, path: str, body: Any = None, **headers: str) -> Iterator[Iterator[Event]]:
        url = f"{self.url}/api/chats/{self.chat}/messages{path}"
        headers |= {"Accept": "text/event-stream", "Accept-Encoding": "gzip, br"}
        with self.http.stream(method, url, json=body, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in answer.headers
            yield _events(answer)

    def ask(self, content: str, **body: str) -> Any:
        return self.stream("POST", "", {"content": content} | body)

    def answer(self) -> dict[str, Any]:
        """The newest message."""
        newest: dict[str, Any] = self.call("GET", f"chats/{self.chat}/messages?limit=1")["results"][0]
        return newest

    def usage(self) -> dict[str, Any]:
        return self.call("GET", "subscription/usage")

    def until(self, condition: Any, seconds: float = 30) -> dict[str, Any]:
        """The newest message once it satisfies ``condition``."""
        deadline = time.monotonic() + seconds
        while not condition(message := self.answer()):
            assert time.monotonic() < deadline, message
            time.sleep(0.05)
        return message


def _events(answer: httpx2.Response) -> Iterator[Event]:
    buffer = ""
    for chunk in answer.iter_text():
        buffer += chunk
        while "\n\n" in buffer:
            raw, buffer = buffer.split("\n\n", 1)
            if (event := parse(raw)) is not None:
                yield event


@pytest.mark.parametrize("command", [SERVE, DAPHNE], ids=["uvicorn", "daphne"])
def test_the_first_word_leaves_before_the_last_is_written(tmp_path: Path, command: tuple[str, ...]) -> None:
    with serving(tmp_path, *command, **SLOW | QUICK) as server:
        dora = Person(server.url)
        with dora.ask("What is Kintsugi?") as events:
            start, first = next(events), next(events)
            assert dora.answer()["status"] in {"pending", "streaming"}, "the answer is still being written"
            rest = list(events)
        assert start.data["message"]["id"] == dora.answer()["id"]
        assert len(rest) > 5, "words came one by one, not in one piece"
        assert text_of([first, *rest]) == dora.answer()["content"]
        assert rest[-1].data["status"] == "complete"


def test_kill_nine_in_mid_answer_keeps_the_text_and_charges_it_once(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW) as server:
        dora = Person(server.url)
        with dora.ask("What is Kintsugi?", client_id="once") as events:
            seen = [next(events) for _ in range(4)]
            stored = dora.until(lambda message: message["content"])
            seen.append(next(events))
            server.kill()
            with pytest.raises(httpx2.TransportError):
                seen += events
        message_id = seen[0].data["message"]["id"]

        with server.beside(tmp_path, **QUICK) as second:
            dora.url = second.url
            assert dora.usage()["tokens_held"] > 0, "nobody has noticed yet"
            with dora.stream("GET", f"/{message_id}/stream", **{"Last-Event-ID": seen[-1].id}) as events:
                *late, end = events
            assert (end.event, end.data["code"]) == ("error", "interrupted")
            message = dora.answer()
            assert (message["status"], message["id"]) == ("incomplete", message_id)
            assert message["content"].startswith(stored["content"])
            assert text_of([*seen, *late]).startswith(message["content"])
            usage = dora.usage()
            assert usage["tokens_held"] == 0
            assert usage["tokens_used"] == message["total_tokens"] > 0

            with dora.ask("What is Kintsugi?", client_id="once") as events:
                again = list(events)
            assert again[0].data["message"]["id"] == message_id
            assert dora.usage()["tokens_used"] == usage["tokens_used"]

            with dora.stream("POST", f"/{message_id}/continue", {}) as events:
                start, *more, done = events
            assert start.position == len(message["content"])
            assert done.data["status"] == "complete"
            whole = dora.answer()["content"]
            assert whole == message["content"] + text_of(more)
            assert dora.usage()["tokens_held"] == 0


def test_another_process_shows_and_stops_what_this_one_writes(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW) as server, server.beside(tmp_path) as elsewhere:
        dora = Person(server.url)
        with dora.ask("What is Kintsugi?") as events:
            start, first = next(events), next(events)
            path = f"/{start.data['message']['id']}"
            dora.url = elsewhere.url
            with dora.stream("GET", f"{path}/stream", **{"Last-Event-ID": first.id}) as followed:
                there = [next(followed), next(followed)]
                assert dora.answer()["status"] in {"pending", "streaming"}
                dora.call("POST", f"chats/{dora.chat}/messages{path}/stop")
                there += followed
            here = list(events)
        assert here[-1] == there[-1]
        assert there[-1].data["status"] == "stopped"
        assert text_of(there) == text_of(here)
        message = dora.answer()
        assert message["content"] == text_of([first, *here])
        usage = dora.usage()
        assert (usage["tokens_held"], usage["tokens_used"]) == (0, message["total_tokens"])


def test_thinking_is_seen_from_another_process_and_kept_and_charged_when_its_own_dies(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW) as server, server.beside(tmp_path) as elsewhere:
        dora = Person(server.url)
        with dora.ask("/demo think 60 s", effort="high") as events:
            start = next(events)
            assert next(events).event == "thinking"
            path = f"/{start.data['message']['id']}/stream"
            dora.url = elsewhere.url
            stored = dora.until(lambda message: message["reasoning"])["reasoning"]
            with dora.stream("GET", path) as followed:
                seen = next(followed)
                assert (seen.event, seen.data["from"]) == ("thinking", 0)
                assert seen.data["delta"].startswith(stored)
                server.kill()
                *_, end = followed
            with pytest.raises(httpx2.TransportError):
                list(events)
        assert (end.event, end.data["code"]) == ("error", "interrupted")
        message, usage = dora.answer(), dora.usage()
        assert message["reasoning"].startswith(seen.data["delta"])
        assert (message["content"], message["status"]) == ("", "incomplete")
        assert (usage["tokens_held"], usage["tokens_used"]) == (0, message["total_tokens"])
        assert message["completion_tokens"] > 0
        assert message["cost"]


def test_a_server_that_is_asked_to_stop_leaves_an_answer_to_continue(tmp_path: Path) -> None:
    with serving(tmp_path, **SLOW | {"DEMO_WORD_PACE": "1s"}) as server:
        dora = Person(server.url)
        with dora.ask("What is Kintsugi?") as events:
            next(events), next(events)
        assert server.stop(30) == 0, server.log
        with server.beside(tmp_path) as second:
            dora.url = second.url
            message = dora.answer()
            assert (message["status"], message["error"]["code"]) == ("incomplete", "interrupted")
            assert message["content"]
            assert dora.usage()["tokens_held"] == 0

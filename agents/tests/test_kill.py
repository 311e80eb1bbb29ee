"""Runs whose processes are killed at any point: what leaves the house once leaves it once, and everything is paid once.

``AGENT_KILL_RUNS`` says of how many (``make prove-agents``: 500); the controls have to go red.
"""

from __future__ import annotations

import json
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.models import User
from agents.models import Agent
from agents.models import AgentRun
from agents.models import AgentStep
from agents.services import runs
from agents.tests import mortal
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from agents.tests.kit import SECRET
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry

logger = logging.getLogger(__name__)

RUNS = int(os.environ.get("AGENT_KILL_RUNS", "6"))
SEED = int(os.environ.get("SEED", "1"))
CONTROL_SEEDS = 3
WORD = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


class Counting:
    """A server whose every effect is counted by the word that was sent; what it knows a repeat by is looked at."""

    def __init__(self) -> None:
        self.effects: dict[str, Counter[str]] = defaultdict(Counter)
        self.keys: dict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("get_it", self.path.partition("=")[2], "")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(body["function"], body["arguments"]["word"], self.headers["webhook-id"])

            def _answer(self, function: str, word: str, key: str) -> None:
                time.sleep(random.uniform(0, 0.01))
                outer.note(function, word, key)
                time.sleep(random.uniform(0, 0.01))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_args: None  # type: ignore[method-assign] # whoever asked is dead
        self.host = f"127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def note(self, function: str, word: str, key: str) -> None:
        with self._lock:
            if function == "keyed_it":
                self.keys[word].add(key)
                if key in self._known:
                    return
                self._known.add(key)
            self.effects[function][word] += 1

    def twice(self, function: str) -> list[str]:
        return [word for word, times in self.effects[function].items() if times > 1]


@pytest.fixture
def counting() -> Iterator[Counting]:
    server = Counting()
    yield server
    server.http.shutdown()
    server.http.server_close()


def ask(alice: User, server: Counting, count: int) -> Agent:
    """An agent with a function of every kind, and so many runs that call each once."""
    agent = make_agent(alice)
    hook = {"function_type": "webhook", "http_method": "POST", "effect": "write"}
    hook |= {"auth_kind": "hmac", "secret": SECRET}
    for name, fields in {"get_it": {}, "keyed_it": hook | {"repeat": "keyed"}, "unsafe_it": hook}.items():
        given = {"endpoint_url": f"http://{server.host}/{name}", "confirm": "never", "parameters": WORD}
        add_function(agent, name=name, **given | fields)
    for number in range(count):
        words = [f"r{number}{letter}" for letter in "abc"]
        question = f"get_it “{words[0]}” then keyed_it “{words[1]}” then unsafe_it “{words[2]}”"
        runs.begin(alice, agent.pk, runs.Question(text=question))
    return agent


def live(server: Counting, **order: Any) -> Counter[str]:
    """Let processes work on them, and die."""
    given: dict[str, Any] = {
        "database": str(connection.settings_dict["NAME"]),
        "hosts": [server.host],
        "seed": SEED,
    } | order
    done = subprocess.run(
        [sys.executable, "-m", "agents.tests.mortal", json.dumps(given)],
        check=False,
        capture_output=True,
        text=True,
        timeout=given["seconds"] + 120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    if done.stderr:
        logger.warning(done.stderr[-4000:])
    return Counter(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.timeout(4 * 3600)
@pytest.mark.django_db(transaction=True)
def test_whenever_its_process_dies_a_run_ends_and_nothing_happens_twice(alice: User, counting: Counting) -> None:
    ask(alice, counting, RUNS)
    seen = live(counting, seconds=max(240, 12 * RUNS), death=0.004 if RUNS > 50 else 0.01)
    logger.warning(
        "%s %s %s",
        dict(seen),
        dict(Counter(AgentRun.objects.values_list("state", "reason"))),
        dict(Counter(AgentStep.objects.filter(kind="tool").values_list("name", "state"))),
    )
    assert seen["killed"] > 0, "or nothing was tried"
    assert not AgentRun.objects.filter(state__in=["queued", "running"]).exists(), "every run ends or waits"
    assert not counting.twice("unsafe_it")
    assert not counting.twice("keyed_it")
    assert {len(keys) for keys in counting.keys.values()} <= {1}, "a repeat has the id of what it repeats"
    assert not AgentStep.objects.filter(state__in=["open", "sending"], run__finished_at__isnull=False).exists()
    _paid_once()
    for run in AgentRun.objects.filter(state="complete"):
        states = dict(run.trace.filter(kind="tool").values_list("name", "state"))
        assert (states["get_it"], states["keyed_it"]) == ("done", "done")
        assert states["unsafe_it"] in ("done", "unknown")


def _paid_once() -> None:
    assert not TokenHold.objects.filter(state=TokenHold.State.HELD).exists()
    assert set(TokenQuota.objects.values_list("tokens_held", flat=True)) == {0}
    for run in AgentRun.objects.all():
        booked = UsageEntry.objects.filter(reference=str(run.pk)).aggregate(total=Sum("total_tokens"))["total"] or 0
        steps = run.trace.filter(kind="model")
        spent = sum(step.prompt_tokens + step.completion_tokens for step in steps)
        assert booked == spent == run.prompt_tokens + run.completion_tokens
        attempts = sum(step.attempt for step in steps)
        assert UsageEntry.objects.filter(reference=str(run.pk)).count() == attempts, "each attempt is settled once"


@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mutant", mortal.MUTANTS)
@pytest.mark.skipif("AGENT_KILL_RUNS" not in os.environ, reason="the controls take minutes: make prove-agents")
def test_without_one_of_the_things_it_hangs_on_something_happens_twice(
    alice: User, counting: Counting, mutant: str
) -> None:
    """The proof must find its mutants, or it proves nothing."""
    ask(alice, counting, min(RUNS, 40))
    sleep = 0.03 if mutant == "no_fence" else 0.0
    for seed in range(CONTROL_SEEDS):
        live(counting, mutant=mutant, seconds=120, seed=seed, death=0.001, in_call=0.2, sleep=sleep)
        if counting.twice("unsafe_it") or counting.twice("keyed_it") or _is_unpaid():
            return
        ask_more(alice, counting, seed)
    pytest.fail(f"nobody has noticed {mutant}")


def ask_more(alice: User, server: Counting, seed: int) -> None:
    agent = Agent.objects.get()
    for number in range(20):
        words = [f"s{seed}r{number}{letter}" for letter in "abc"]
        question = f"get_it “{words[0]}” then keyed_it “{words[1]}” then unsafe_it “{words[2]}”"
        runs.begin(alice, agent.pk, runs.Question(text=question))
    assert server.host


def _is_unpaid() -> bool:
    try:
        _paid_once()
    except AssertionError:
        return True
    return False

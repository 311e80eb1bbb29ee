"""Processes that run agents and die of it: ``python -m agents.tests.mortal '{"database": …}'``.

A supervisor, which never touches the database itself, forks workers again and again. Before and after any statement,
and before, in and after any call, a worker may kill itself without a chance to clean up, or fall asleep for longer than
its lease while others go on with its runs. Prints what happened as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import tests.environment  # noqa: F401 - the settings are to be those of the test run

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

LEASE_SECONDS = 1.0
MUTANTS = ("mark_after", "no_fence", "key_per_attempt")


@dataclass(frozen=True)
class Order:
    """What is to be run, and how dangerous that is: chances of death and sleep at each statement, and in each call."""

    database: str
    hosts: list[str]
    seed: int = 1
    workers: int = 2
    seconds: float = 300.0
    death: float = 0.004
    in_call: float = 0.05
    sleep: float = 0.002
    mutant: str = ""


def supervise(order: Order) -> None:
    """Until every run has ended, or waits for a person."""
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = order.database
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = order.hosts
    settings.RATE_LIMIT_ENABLED = False
    import django

    django.setup()
    dice, seen = random.Random(order.seed), Counter[str]()
    began = time.monotonic()
    judge = _fork(lambda: _wait_for_the_end(order.seconds))
    workers = {_fork(lambda: _work(order, dice.random())) for _number in range(order.workers)}
    asleep: dict[int, float] = {}
    while os.waitpid(judge, os.WNOHANG)[0] == 0:
        for worker in list(workers):
            ended, status = os.waitpid(worker, os.WNOHANG | os.WUNTRACED)
            if ended and os.WIFSTOPPED(status):
                asleep[worker] = time.monotonic() + 2.5 * LEASE_SECONDS
                seen["slept"] += 1
            elif ended:
                workers.discard(worker)
                asleep.pop(worker, None)
                seen["killed" if os.WIFSIGNALED(status) else "ended"] += 1
                seed = dice.random()
                workers.add(_fork(lambda seed=seed: _work(order, seed)))
        for worker, until in list(asleep.items()):
            if time.monotonic() > until:
                del asleep[worker]
                os.kill(worker, signal.SIGCONT)
        time.sleep(0.01)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    # What the last ones have left is taken up by one that lives.
    survivor = _fork(lambda: _work(Order(order.database, order.hosts, death=0, in_call=0, sleep=0), 0.0))
    os.waitpid(_fork(lambda: _wait_for_the_end(60)), 0)
    os.kill(survivor, signal.SIGKILL)
    os.waitpid(survivor, 0)
    sys.stdout.write(json.dumps({**seen, "seconds": round(time.monotonic() - began)}) + "\n")


def _fork(life: Any) -> int:
    child = os.fork()
    if child:
        return child
    try:
        life()
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(1)


def _wait_for_the_end(seconds: float) -> None:
    from django.db import DatabaseError

    from agents.models import AgentRun

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(DatabaseError):  # SQLite's is locked now and then
            if not AgentRun.objects.filter(state__in=["queued", "running"]).exists():
                os._exit(0)
        time.sleep(0.2)
    os._exit(1)


def _work(order: Order, seed: float) -> None:
    from agents import limits
    from agents.runner import runners

    hazards = Hazards(order, random.Random(seed))
    hazards.install()
    if order.mutant:
        mutate(order.mutant)
    limits.LEASE = timedelta(seconds=LEASE_SECONDS)
    limits.RUNS_OF_A_PAYER = 8
    runners.LOOK_SECONDS, runners.RENEW_EVERY = 0.2, 1
    asyncio.run(runners.serve())


class Hazards:
    """What may happen to a worker at any moment."""

    def __init__(self, order: Order, dice: random.Random) -> None:
        self._order = order
        self._dice = dice

    def install(self) -> None:
        """Around every statement, and every call."""
        from django.db.backends.signals import connection_created

        from agents import egress

        connection_created.connect(self._surround, weak=False)
        send = egress.send

        async def deadly(*arguments: Any, **options: Any) -> Any:
            self._pass(self._order.in_call, may_sleep=True)
            if self._dice.random() < self._order.in_call:
                asyncio.get_running_loop().call_later(self._dice.uniform(0, 0.02), _die)
            answer = await send(*arguments, **options)
            self._pass(self._order.in_call, may_sleep=True)
            return answer

        _replace(egress, "send", deadly)

    def _surround(self, connection: Any, **_kwargs: Any) -> None:
        def surround(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            # Who sleeps in a transaction holds up the others instead of being overtaken.
            self._pass(self._order.death, may_sleep=not connection.in_atomic_block)
            result = execute(sql, params, many, context)
            self._pass(self._order.death, may_sleep=False)
            return result

        connection.execute_wrappers.append(surround)

    def _pass(self, death: float, *, may_sleep: bool) -> None:
        if self._dice.random() < death:
            _die()
        if may_sleep and self._dice.random() < self._order.sleep:
            os.kill(os.getpid(), signal.SIGSTOP)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _replace(module: Any, name: str, function: Any) -> None:
    setattr(module, name, function)


def mutate(name: str) -> None:
    """Take away one of the things that everything hangs on."""
    from agents.runner import journal
    from agents.runner import tool_steps
    from agents.runner import watching
    from core.ids import uuid7
    from core.jobs import claims

    match name:
        case "mark_after":
            _replace(journal, "sending", lambda *_arguments, **_options: None)
        case "no_fence":
            _replace(claims, "held", lambda row: type(row)._default_manager.filter(pk=row.pk))
            _replace(watching, "look", lambda held, **_options: {pk: watching.Look("") for pk, _fence in held})
        case "key_per_attempt":
            _replace(tool_steps, "key_of", lambda _step: uuid7())
        case _:
            raise ValueError(name)


if __name__ == "__main__":
    supervise(Order(**json.loads(sys.argv[1])))

"""Processes that translate documents and die of it: ``python -m translation.tests.mortal '{"database": …}'``.

A supervisor, which never touches the database itself, forks workers that do jobs until every document has ended. Before
and after any statement, and around any call of a service, a worker may kill itself. Prints what happened as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import tests.environment  # noqa: F401 - the settings are to be those of the test run

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

MUTANTS = {"no_doubts": "deepl", "key_per_attempt": "otranslator", "sent_twice": "deepl", "paid_before_stored": "llm"}
"""With the service that each is tried by."""


@dataclass(frozen=True)
class Order:
    """What is to be worked on, and how dangerous that is: chances of death at each statement, and around each call.

    After so many ``kills`` workers live on. A job of one that takes longer than ``lease`` is taken from it.
    """

    database: str
    media: str
    services: dict[str, Any]
    """Of ``settings.TRANSLATION``: keys and addresses."""
    model: str = ""
    """The address of a server of language models."""
    kills: int = 1_000_000
    lease: float = 5.0
    seed: int = 1
    workers: int = 2
    seconds: float = 240.0
    death: float = 0.004
    in_call: float = 0.1
    mutant: str = ""


def supervise(order: Order) -> None:
    """Until every document has ended."""
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = order.database
    settings.MEDIA_ROOT = order.media
    settings.RATE_LIMIT_ENABLED = False
    settings.TRANSLATION = replace(settings.TRANSLATION, **order.services)
    if order.model:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL, settings.DEFAULT_MODEL = "sk-canary-7f3a", order.model, ""
    import django

    django.setup()
    dice, seen = random.Random(order.seed), Counter[str]()
    began = time.monotonic()
    judge = _fork(lambda: _wait_for_the_end(order.seconds))
    workers = {_fork(lambda: _work(order, dice.random())) for _number in range(order.workers)}
    while True:
        ended, verdict = os.waitpid(judge, os.WNOHANG)
        if ended:
            break
        for worker in list(workers):
            gone, status = os.waitpid(worker, os.WNOHANG)
            if gone:
                workers.discard(worker)
                seen["killed" if os.WIFSIGNALED(status) else "ended"] += 1
                seed = dice.random()
                safe = seen["killed"] >= order.kills
                life = replace(order, death=0, in_call=0) if safe else order
                workers.add(_fork(lambda seed=seed, life=life: _work(life, seed)))
        time.sleep(0.01)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    if verdict:
        # What the last ones have left is taken up by one that lives.
        survivor = _fork(lambda: _work(replace(order, death=0, in_call=0), 0.0))
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

    from translation.models import Translation

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(DatabaseError):  # SQLite's is locked now and then
            if not Translation.objects.filter(status="processing").exists():
                os._exit(0)
        time.sleep(0.2)
    os._exit(1)


def _work(order: Order, seed: float) -> None:
    """Do the jobs that wait; those whose worker died are taken back as the sweeper does."""
    import logging
    from datetime import timedelta

    from django.db import DatabaseError
    from django.db.models import F
    from django.utils import timezone

    from core.jobs import registry
    from core.jobs import services
    from core.jobs import worker
    from core.llm import discovery
    from core.models import Job
    from translation import books_worker
    from translation import formats
    from translation import paging
    from translation import reading

    logging.disable(logging.CRITICAL)
    if order.model:
        discovery.search()
    _replace(paging, "_ask", lambda command, **arguments: books_worker.answer(command, arguments))
    _replace(reading, "extract", formats.extract)
    _replace(reading, "merge", formats.merge)
    _replace(services, "poke", lambda *_arguments, **_options: True)
    registry.find("translation.sweep")
    dice = random.Random(seed)
    _Hazards(order, dice).install()
    if order.mutant:
        mutate(order.mutant)
    ours = Job.objects.filter(kind__startswith="translation.").exclude(kind="translation.sweep")
    while True:
        try:
            now = timezone.now()
            # Whoever takes longer here is dead, or may as well be: leases are a minute, and tests have no minutes.
            dead = ours.filter(state=Job.State.RUNNING, started_at__lt=now - timedelta(seconds=order.lease))
            dead.update(state=Job.State.QUEUED, lease_until=None, run_at=now, attempts=0, fence=F("fence") + 1)
            waiting = ours.filter(state=Job.State.QUEUED).values_list("pk", flat=True)
            job = dice.choice(list(waiting[:20]) or [None])
            if job is None:
                time.sleep(0.05)
                continue
            Job.objects.filter(pk=job, state=Job.State.QUEUED).update(run_at=now)
            worker.run_job(job)
        except DatabaseError:
            time.sleep(0.02)


class _Hazards:
    """What may happen to a worker at any moment."""

    def __init__(self, order: Order, dice: random.Random) -> None:
        self._order = order
        self._dice = dice

    def install(self) -> None:
        """Around every statement, and every call of a service."""
        from django.db import connection
        from django.db.backends.signals import connection_created

        from translation.providers.deepl.adapter import DeepLProvider
        from translation.providers.demo import DemoProvider
        from translation.providers.llm.adapter import LLMProvider
        from translation.providers.otranslator import OTranslatorProvider

        connection.close()
        connection_created.connect(self._surround, weak=False)
        whole = ["begin", "look", "fetch"]
        deadly = {DeepLProvider: whole, OTranslatorProvider: whole, DemoProvider: ["translate"]}
        for owner, names in {**deadly, LLMProvider: ["translate"]}.items():
            for name in names:
                _replace(owner, name, self._deadly(getattr(owner, name)))

    def _deadly(self, call: Any) -> Any:
        def deadly(*arguments: Any, **options: Any) -> Any:
            self._pass(self._order.in_call)
            answer = call(*arguments, **options)
            self._pass(self._order.in_call)
            return answer

        return deadly

    def _surround(self, connection: Any, **_kwargs: Any) -> None:
        def surround(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            self._pass(self._order.death)
            result = execute(sql, params, many, context)
            self._pass(self._order.death)
            return result

        connection.execute_wrappers.append(surround)

    def _pass(self, death: float) -> None:
        if self._dice.random() < death:
            os.kill(os.getpid(), signal.SIGKILL)


def _replace(owner: Any, name: str, function: Any) -> None:
    setattr(owner, name, function)


def mutate(name: str) -> None:
    """Take away one of the things that everything hangs on."""
    from core.ids import uuid7
    from translation.providers.deepl.adapter import DeepLProvider
    from translation.services import metered
    from translation.services.documents import parts
    from translation.services.documents import paying

    match name:
        case "no_doubts":
            known = parts.change

            def forgetful(chunk: Any, **changes: Any) -> None:
                known(chunk, **{key: value for key, value in changes.items() if key != "doubtful"})

            _replace(parts, "change", forgetful)
        case "key_per_attempt":
            _replace(paying, "key_of", lambda chunk: f"translation:{chunk.pk}:{uuid7()}")
        case "sent_twice":
            begin = DeepLProvider.begin

            def impatient(provider: Any, *arguments: Any) -> Any:
                begin(provider, *arguments)
                return begin(provider, *arguments)

            _replace(DeepLProvider, "begin", impatient)
        case "paid_before_stored":
            made = metered.TokenMeter.__init__

            def eager(meter: Any, *arguments: Any, **options: Any) -> None:
                made(meter, *arguments, **{**options, "settles_at_once": True})

            _replace(metered.TokenMeter, "__init__", eager)
        case _:
            raise ValueError(name)


if __name__ == "__main__":
    supervise(Order(**json.loads(sys.argv[1])))

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

_LEASE_SECONDS = 5
MUTANTS = ("no_doubts", "key_per_attempt")


@dataclass(frozen=True)
class Order:
    """What is to be worked on, and how dangerous that is: chances of death at each statement, and around each call."""

    database: str
    media: str
    otranslator: str = ""
    key: str = ""
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
    settings.TRANSLATION = replace(
        settings.TRANSLATION, otranslator_api_key=order.key, otranslator_api_base=order.otranslator
    )
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
                workers.add(_fork(lambda seed=seed: _work(order, seed)))
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
    from datetime import timedelta

    from django.db import DatabaseError
    from django.db.models import F
    from django.utils import timezone

    from core.jobs import registry
    from core.jobs import services
    from core.jobs import worker
    from core.models import Job
    from translation import formats
    from translation import reading

    _replace(reading, "extract", formats.extract)
    _replace(reading, "merge", formats.merge)
    _replace(services, "poke", lambda *_arguments, **_options: True)
    registry.find("translation.sweep")
    dice = random.Random(seed)
    _Hazards(order, dice).install()
    if order.mutant:
        mutate(order.mutant)
    ours = Job.objects.filter(kind__startswith="translation.")
    while True:
        try:
            now = timezone.now()
            # Whoever takes longer here is dead, or may as well be: leases are a minute, and tests have no minutes.
            dead = ours.filter(state=Job.State.RUNNING, started_at__lt=now - timedelta(seconds=_LEASE_SECONDS))
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

        from translation.providers.demo import DemoProvider
        from translation.providers.otranslator import OTranslatorProvider

        connection.close()
        connection_created.connect(self._surround, weak=False)
        for owner, names in ((DemoProvider, ["translate"]), (OTranslatorProvider, ["begin", "look", "fetch"])):
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
        case _:
            raise ValueError(name)


if __name__ == "__main__":
    supervise(Order(**json.loads(sys.argv[1])))

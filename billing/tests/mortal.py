"""Client processes of the concurrency proof: ``python -m billing.tests.mortal '{"keys": …}'``.

A supervisor, which never touches the database itself, forks three generations of clients. Those of the first two kill
themselves, without a chance to clean up, after some hold or in the middle of some settlement's transaction; those of
the last one send everything again and live. Prints ``settled <key>`` and ``died``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from dataclasses import replace
from typing import Any
from uuid import UUID

import tests.environment  # noqa: F401 - the settings are to be those of the test run

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

CLIENTS = 3
MOST_HOLDS = 6
"""Of a deadly life."""


def supervise(order: dict[str, Any]) -> None:
    """Generation after generation."""
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = order["database"]
    import django

    django.setup()
    for generation, deadly in enumerate((True, True, False)):
        seeds = [order["seed"] + CLIENTS * generation + number for number in range(CLIENTS)]
        children = [_fork(order["unit"], order["keys"], seed, deadly=deadly) for seed in seeds]
        for child in children:
            if os.waitpid(child, 0)[1]:
                _say("died")


def _fork(unit: str, keys: list[tuple[str, str]], seed: int, *, deadly: bool) -> int:
    child = os.fork()
    if child:
        return child
    try:
        live(unit, keys, random.Random(seed), deadly=deadly)
    finally:
        os._exit(0)


def live(unit: str, keys: list[tuple[str, str]], dice: random.Random, *, deadly: bool) -> None:
    """Sends every key twice, in an order of its own; a deadly life ends with one of its first holds.

    All deadly lives together have fewer holds than the balances allow, so that each finds one to die with, in whatever
    order the machine lets them run.
    """
    from django.conf import settings

    from billing.tests import crowd
    from billing.tests import crowds

    engine = crowds.CROWDS[unit]()
    engine.set_limit(settings)
    left = dice.randint(2, MOST_HOLDS - 1) if deadly else len(keys) * 2
    inside = dice.random() < 0.5
    for user, key in dice.sample(keys * 2, 2 * len(keys)):
        try:
            held = engine.hold(UUID(user), key)
        except crowd.REFUSALS:
            continue
        if not left and inside:
            _die_inside(crowds.MODULES[unit])
        elif not left:
            _die()
        left = max(left - 1, 0)
        if engine.settle(key, dice.randint(0, held.amount)):
            _say(f"settled {key}")


def _say(line: str) -> None:
    # One write a line: the clients share the pipe.
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_inside(module: Any) -> None:
    """From now on a settlement ends the process when everything is written and nothing is committed."""
    post = module.BOOK.post

    def die(*arguments: Any) -> None:
        post(*arguments)
        _die()

    module.BOOK = replace(module.BOOK, post=die)


if __name__ == "__main__":
    supervise(json.loads(sys.argv[1]))

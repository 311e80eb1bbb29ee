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
from typing import Any
from uuid import UUID

import tests.environment  # noqa: F401 - the settings are to be those of the test run

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

CLIENTS = 3


def supervise(order: dict[str, Any]) -> None:
    """Generation after generation."""
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = order["database"]
    import django

    django.setup()
    for generation, deadly in enumerate((True, True, False)):
        seeds = [order["seed"] + CLIENTS * generation + number for number in range(CLIENTS)]
        children = [_fork(order["keys"], seed, deadly=deadly) for seed in seeds]
        for child in children:
            if os.waitpid(child, 0)[1]:
                _say("died")


def _fork(keys: list[tuple[str, str]], seed: int, *, deadly: bool) -> int:
    child = os.fork()
    if child:
        return child
    try:
        live(keys, random.Random(seed), deadly=deadly)
    finally:
        os._exit(0)


def live(keys: list[tuple[str, str]], dice: random.Random, *, deadly: bool) -> None:
    """Sends every key twice, in an order of its own; a deadly life is short."""
    from django.conf import settings

    from billing import metering
    from billing.metering import settlement
    from billing.tests import crowd

    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": crowd.LIMIT}
    engine = crowd.Engine()
    last = dice.randint(20, 60) if deadly else 2 * len(keys)
    inside = dice.random() < 0.5
    for number, (user, key) in enumerate(dice.sample(keys * 2, 2 * len(keys))):
        if number == last and inside:
            _die_inside(settlement)
        try:
            held = engine.hold(UUID(user), key)
        except metering.TokenLimitExceeded:
            continue
        if number >= last and not inside:
            _die()
        if engine.settle(key, dice.randint(0, held.amount)):
            _say(f"settled {key}")


def _say(line: str) -> None:
    # One write a line: the clients share the pipe.
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_inside(settlement: Any) -> None:
    """From now on a settlement ends the process when everything is written and nothing is committed."""
    post = settlement._post

    def die(*arguments: Any) -> None:
        post(*arguments)
        _die()

    settlement._post = die


if __name__ == "__main__":
    supervise(json.loads(sys.argv[1]))

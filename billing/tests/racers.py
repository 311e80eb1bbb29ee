"""Processes that move one order, or one plan, at the same moment: ``python -m billing.tests.racers '{"acts": …}'``.

Each act is done by a process of its own; they begin together. Prints one line for each: the act and its outcome.
``broken`` takes the lock away and lets all of them read before any of them writes; ``die`` kills the process that asks
the provider for a refund between the provider's answer and the commit that notes it down, ``careless`` opens pages and
takes money for plans as if nobody else did.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import tests.environment  # noqa: F401 - the settings are to be those of the test run

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

SAID = "act: "
"""Begins the lines that are meant for the test; letters of the house come out here as well."""

_PATIENCE = 20
"""Seconds until a racer stops waiting for the others."""


def main(task: dict[str, Any]) -> None:
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = task["database"]
    import django

    django.setup()
    start = multiprocessing.get_context("fork").Barrier(len(task["acts"]))
    children = [_fork(act, start, task) for act in task["acts"]]
    for child in children:
        os.waitpid(child, 0)


def _fork(act: list[Any], start: Any, task: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        from django.db import connection

        connection.ensure_connection()
        if task.get("broken"):
            _without_lock(start)
        if task.get("careless"):
            _without_looking(start)
        if task.get("die"):
            _die_between()
        start.wait(_PATIENCE)
        outcome = _outcome(act)
        os.write(sys.stdout.fileno(), f"{SAID}{act[0]} {outcome}\n".encode())
    finally:
        os._exit(0)


def _outcome(act: list[Any]) -> str:
    from accounts.models import User
    from billing.payments import orders
    from billing.payments import plan_pages
    from billing.payments import refunds
    from billing.providers.demo import actions
    from core.errors import DomainError

    name, subject, *rest = act
    acts: dict[str, Callable[[], Any]] = {
        "deliver": lambda: orders.deliver(UUID(subject), key=rest[0], units=rest[1]),
        "close": lambda: orders.close(UUID(subject), reason="Enough").state,
        "cancel": lambda: orders.cancel(UUID(subject)).state,
        "make": lambda: refunds.make(UUID(subject)),
        "choose": lambda: plan_pages.open_page(User.objects.get(pk=subject), plan=rest[0]).id,
        "buy": lambda: actions.pay_checkout(subject).data["state"],
    }
    try:
        return str(acts[name]())
    except DomainError as error:
        return error.code
    except Exception as error:
        return f"{type(error).__name__}"


def _without_lock(start: Any) -> None:
    from billing.models import Order
    from billing.payments import orders

    def read(order_id: UUID) -> Order:
        order: Order = Order.objects.get(pk=order_id)
        start.wait(_PATIENCE)
        return order

    orders._lock = read


def _without_looking(start: Any) -> None:
    """A page for everybody who asks, all made before any is noted down, and nobody looks for a second subscription."""
    from billing.payments import doubles
    from billing.providers.demo.adapter import DemoProvider
    from core.ids import uuid7

    make = DemoProvider.create_checkout

    def create(self: DemoProvider, customer_id: str, **fields: Any) -> Any:
        return make(self, customer_id, **fields | {"key": str(uuid7())})

    DemoProvider.create_checkout = create  # type: ignore[method-assign]
    DemoProvider.expire_checkout = DemoProvider.retrieve_checkout  # type: ignore[method-assign,assignment]

    doubles.ids = lambda _subscriptions: set()  # type: ignore[assignment]


def _die_between() -> None:
    from billing.payments import refunds

    def die(refund_id: UUID) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return False

    refunds._note = die


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

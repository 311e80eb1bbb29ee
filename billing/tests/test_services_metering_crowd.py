"""The concurrency proof, and the proof that it can fail. Seeds are printed and can be given: ``CROWD_SEED=…``."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.metering import MeteringUnavailable
from billing.metering import proof
from billing.metering import sweep
from billing.metering.books import BOOKS
from billing.metering.engine import Book
from billing.metering.tokens import book
from billing.metering.tokens import sql
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests import crowd
from billing.tests import crowd_minutes
from billing.tests import crowds
from billing.tests import mortal
from billing.tests.order_kit import paid_order
from conftest import make_user
from core.ids import uuid7
from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("CROWD_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)


@pytest.fixture
def users(settings: Settings) -> list[UUID]:
    for engine in crowds.CROWDS.values():
        engine().set_limit(settings)
    return [make_user(f"member_{number}").pk for number in range(8)]


@pytest.fixture(params=BOOKS, ids=lambda book: book.unit)
def any_book(request: pytest.FixtureRequest) -> Book[Any, Any, Any, Any]:
    found: Book[Any, Any, Any, Any] = request.param
    return found


def run(engine: crowd.Engine, users: list[UUID], **options: bool | float) -> crowd.Crowd:
    print(f"CROWD_SEED={SEED}")  # noqa: T201 - shown when the test fails
    one = crowd.Crowd(engine, users, SEED, **options)  # type: ignore[arg-type]
    one.run()
    return one


def test_40_requests_on_a_balance_for_10_are_granted_10_times(
    users: list[UUID], any_book: Book[Any, Any, Any, Any]
) -> None:
    engine = crowds.CROWDS[any_book.unit]()
    one = run(engine, users, crashes=0.0, full_price=True)
    assert one.violations() == []
    assert one.created == dict.fromkeys(users, crowd.BALANCE)
    assert engine.used() == [engine.limit] * len(users)


def test_nothing_is_overspent_or_leaked_when_clients_die(
    users: list[UUID], settings: Settings, any_book: Book[Any, Any, Any, Any]
) -> None:
    settings.HOLD_TTL_SECONDS = 0.05
    one = run(crowds.CROWDS[any_book.unit](), users)
    assert one.violations() == []
    assert proof.check() == []
    assert all(one.created[user] >= crowd.BALANCE for user in users)
    entries, holds = any_book.entries._default_manager, any_book.holds._default_manager
    assert entries.count() == holds.count() == one.created.total()
    assert 0 < one.settled.total() < one.created.total(), "some were settled by their client, the rest by the sweeper"


@pytest.mark.parametrize(
    ("unit", "ttl"), [*((book.unit, 0.05) for book in BOOKS), (BOOKS[0].unit, 0.0), (BOOKS[0].unit, 90)]
)
def test_settlements_race_with_the_sweeper_and_with_resets(
    users: list[UUID], settings: Settings, unit: str, ttl: float
) -> None:
    settings.HOLD_TTL_SECONDS = ttl
    engine = crowds.CROWDS[unit]()
    one = run(engine, users, resets=True)
    assert one.violations() == []
    assert proof.check() == []
    assert engine.has_reset()


def test_extensions_race_for_the_last_minutes(users: list[UUID], settings: Settings) -> None:
    """Every call that runs wants twice as much as it began with; nobody ever gets more than there is."""
    settings.HOLD_TTL_SECONDS = 1  # a busy machine needs longer between holding and extending than a twentieth of it
    engine = crowd_minutes.Extends()
    one = run(engine, users)
    assert one.violations() == []
    assert proof.check() == []
    assert engine.grown, "some were extended"
    assert engine.refused, "some were not, as nothing was left"


def test_the_platform_limit_holds_for_all_users_together(users: list[UUID], settings: Settings) -> None:
    settings.HOLD_TTL_SECONDS = 0.05
    settings.DAILY_TOKEN_LIMIT = 3 * crowd.LIMIT
    one = run(crowd.Engine(), users)
    assert one.violations() == []
    assert proof.check() == []
    assert sum(PlatformDay.objects.values_list("tokens_used", flat=True)) <= 3 * crowd.LIMIT
    assert one.created.total() >= 3 * crowd.BALANCE


def test_what_orders_fund_counts_for_the_platform_and_for_no_window(users: list[UUID], settings: Settings) -> None:
    one = run_funded(users, settings)
    assert one.violations() == []
    assert proof.check() == []
    funded = UsageEntry.objects.exclude(funded_by="")
    assert set(funded.values_list("window", flat=True)) == {0}
    day = PlatformDay.objects.get()
    assert day.tokens_used == UsageEntry.objects.aggregate(total=Sum("total_tokens"))["total"]
    assert day.tokens_used > sum(TokenQuota.objects.values_list("tokens_used", flat=True)) > 0
    made = {user: TokenHold.objects.filter(user_id=user).exclude(funded_by="").count() for user in users}
    assert made == dict.fromkeys(users, crowd.REQUESTS // 4), "a window that is used up refuses none of them"


def test_the_checker_finds_a_window_that_pays_for_what_an_order_funds(
    users: list[UUID], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pays_all_the_same(cursor: Any, claim: Any, used: Any) -> None:
        post(cursor, claim, used)
        if claim.funded_by:
            cursor.execute(sql.CHARGE, (0, claim.charged, claim.user_id))

    post = book.BOOK.post
    monkeypatch.setattr(book, "BOOK", replace(book.BOOK, post=pays_all_the_same))
    one = run_funded(users, settings)
    assert "used differs from the ledger" in one.violations()
    assert "used" in {finding.kind for finding in proof.check()}


def run_funded(users: list[UUID], settings: Settings) -> crowd.Crowd:
    settings.DAILY_TOKEN_LIMIT = 100 * crowd.LIMIT
    orders = {pk: paid_order(User.objects.get(pk=pk)).reference for pk in users}
    return run(crowd.PartlyFunded(orders), users, sweeper=True)


@pytest.mark.parametrize(
    ("engine", "options", "expected"),
    [
        (crowd.ChecksThenActs, {"crashes": 0.0, "full_price": True}, "overspent"),
        (crowd.SettlesUnguarded, {"crashes": 0.0}, "settled twice"),
        (crowd.SettlesUnguarded, {"crashes": 0.0}, "used differs from the ledger"),
        (crowd.ForgetsTheWindow, {"resets": True}, "used differs from the ledger"),
        (crowd.Engine, {"sweeper": False, "crashes": 0.9}, "leaked"),
        (crowd_minutes.ChecksThenActs, {"crashes": 0.0, "full_price": True}, "overspent"),
        (crowd_minutes.SettlesUnguarded, {"crashes": 0.0}, "used differs from the ledger"),
        (crowd_minutes.ForgetsTheMonth, {"resets": True}, "used differs from the ledger"),
        (crowd_minutes.ExtendsUnguarded, {"crashes": 0.0}, "overspent"),
        (crowd_minutes.ExtendsTheHoldAlone, {}, "the balance holds other than its holds"),
    ],
)
def test_the_checker_finds_what_is_broken(
    users: list[UUID], engine: type[crowd.Engine], options: dict[str, bool | float], expected: str
) -> None:
    found = run(engine(), users, **options).violations()
    assert any(line.startswith(expected) for line in found), found


def test_the_checker_finds_a_reset_that_forgets_what_is_held(users: list[UUID]) -> None:
    engine = crowd.ForgetsHeldOnReset()
    engine.hold(users[0], "open")
    engine.reset(users[0])
    assert [finding.kind for finding in proof.check()] == ["held"]


@pytest.mark.timeout(240)
def test_processes_are_killed_in_the_middle(users: list[UUID], any_book: Book[Any, Any, Any, Any]) -> None:
    """Real processes die by SIGKILL after a hold or inside a settlement's transaction; clients send it all again."""
    print(f"CROWD_SEED={SEED}")  # noqa: T201 - shown when the test fails
    connection.close()
    keys = [(str(user), f"{user}:{number}") for user in users[:4] for number in range(crowd.REQUESTS)]
    order = {"unit": any_book.unit, "keys": keys, "seed": SEED, "database": str(connection.settings_dict["NAME"])}
    supervisor = subprocess.run(
        [sys.executable, "-m", "billing.tests.mortal", json.dumps(order)],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seen = Counter(supervisor.stdout.splitlines())
    assert 2 * mortal.CLIENTS * mortal.MOST_HOLDS < 4 * crowd.BALANCE, "none has spent all before another comes"
    assert seen.pop("died") == 2 * mortal.CLIENTS, "the first two generations were killed"
    sweep(timezone.now() + timedelta(days=1))
    assert crowds.CROWDS[any_book.unit]().violations(users) == []
    assert proof.check() == []
    assert max(seen.values()) == 1, "no key was settled twice"
    holds = any_book.holds._default_manager
    assert all(holds.filter(user_id=user).count() >= crowd.BALANCE for user in users[:4])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server process to kill")
def test_a_database_backend_killed_during_settlement_leaves_the_ledger_exact(
    users: list[UUID], monkeypatch: pytest.MonkeyPatch, any_book: Book[Any, Any, Any, Any]
) -> None:
    engine, module = crowds.CROWDS[any_book.unit](), crowds.MODULES[any_book.unit]
    keys = [str(uuid7()) for _ in range(5)]
    for key in keys:
        engine.hold(users[0], key)
    post = any_book.post
    killed: list[bool] = []

    def killing_post(cursor: Any, *arguments: Any) -> None:
        if len(killed) < 3:
            killed.append(True)
            with connection.cursor() as own:
                own.execute("SELECT pg_backend_pid()")
                (pid,) = own.fetchone()
            crowd.spawn(lambda: _terminate(pid)).join()
        post(cursor, *arguments)

    monkeypatch.setattr(module, "BOOK", replace(any_book, post=killing_post))
    outcomes = []
    for key in keys:
        try:
            outcomes.append(engine.settle(key, engine.amount // 5))
        except MeteringUnavailable:
            outcomes.append(engine.settle(key, engine.amount // 5))
    assert outcomes == [True] * 5
    assert len(killed) == 3
    assert engine.violations(users) == []
    assert engine.used() == [engine.amount]


def _terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

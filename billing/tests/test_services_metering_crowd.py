"""The concurrency proof, and the proof that it can fail. Seeds are printed and can be given: ``CROWD_SEED=…``."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from billing.metering import MeteringUnavailable
from billing.metering import proof
from billing.metering import sweep
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests import crowd
from billing.tests import mortal
from conftest import make_user
from core.ids import uuid7
from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("CROWD_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)


@pytest.fixture
def users(settings: Settings) -> list[UUID]:
    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": crowd.LIMIT}
    return [make_user(f"member_{number}").pk for number in range(8)]


def run(engine: crowd.Engine, users: list[UUID], **options: bool | float) -> crowd.Crowd:
    print(f"CROWD_SEED={SEED}")  # noqa: T201 - shown when the test fails
    one = crowd.Crowd(engine, users, SEED, **options)  # type: ignore[arg-type]
    one.run()
    return one


def test_40_requests_on_a_balance_for_10_are_granted_10_times(users: list[UUID]) -> None:
    one = run(crowd.Engine(), users, crashes=0.0, full_price=True)
    assert one.violations() == []
    assert one.created == dict.fromkeys(users, crowd.BALANCE)
    assert {quota.tokens_used for quota in TokenQuota.objects.all()} == {crowd.LIMIT}


def test_nothing_is_overspent_or_leaked_when_clients_die(users: list[UUID], settings: Settings) -> None:
    settings.HOLD_TTL_SECONDS = 0.05
    one = run(crowd.Engine(), users)
    assert one.violations() == []
    assert proof.check() == []
    assert all(one.created[user] >= crowd.BALANCE for user in users)
    assert UsageEntry.objects.count() == TokenHold.objects.count() == one.created.total()
    assert 0 < one.settled.total() < one.created.total(), "some were settled by their client, the rest by the sweeper"


@pytest.mark.parametrize("ttl", [0.0, 0.05, 90])
def test_settlements_race_with_the_sweeper_and_with_resets(users: list[UUID], settings: Settings, ttl: float) -> None:
    settings.HOLD_TTL_SECONDS = ttl
    one = run(crowd.Engine(), users, resets=True)
    assert one.violations() == []
    assert proof.check() == []
    assert TokenQuota.objects.filter(window__gt=1).exists()


def test_the_platform_limit_holds_for_all_users_together(users: list[UUID], settings: Settings) -> None:
    settings.HOLD_TTL_SECONDS = 0.05
    settings.DAILY_TOKEN_LIMIT = 3 * crowd.LIMIT
    one = run(crowd.Engine(), users)
    assert one.violations() == []
    assert proof.check() == []
    assert sum(PlatformDay.objects.values_list("tokens_used", flat=True)) <= 3 * crowd.LIMIT
    assert one.created.total() >= 3 * crowd.BALANCE


@pytest.mark.parametrize(
    ("engine", "options", "expected"),
    [
        (crowd.ChecksThenActs, {"crashes": 0.0, "full_price": True}, "overspent"),
        (crowd.SettlesUnguarded, {"crashes": 0.0}, "settled twice"),
        (crowd.SettlesUnguarded, {"crashes": 0.0}, "used differs from the ledger"),
        (crowd.ForgetsTheWindow, {"resets": True}, "used differs from the ledger"),
        (crowd.Engine, {"sweeper": False, "crashes": 0.9}, "leaked"),
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
def test_processes_are_killed_in_the_middle(users: list[UUID]) -> None:
    """Real processes die by SIGKILL after a hold or inside a settlement's transaction; clients send it all again."""
    print(f"CROWD_SEED={SEED}")  # noqa: T201 - shown when the test fails
    connection.close()
    keys = [(str(user), f"{user}:{number}") for user in users[:4] for number in range(crowd.REQUESTS)]
    order = {"keys": keys, "seed": SEED, "database": str(connection.settings_dict["NAME"])}
    supervisor = subprocess.run(
        [sys.executable, "-m", "billing.tests.mortal", json.dumps(order)],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seen = Counter(supervisor.stdout.splitlines())
    # One that comes when the others have spent every balance has no hold to die with.
    assert seen.pop("died") >= mortal.CLIENTS, "at least half of the first two generations were killed"
    sweep(timezone.now() + timedelta(days=1))
    assert crowd.violations(users) == []
    assert proof.check() == []
    assert max(seen.values()) == 1, "no key was settled twice"
    assert all(TokenHold.objects.filter(user_id=user).count() >= crowd.BALANCE for user in users[:4])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server process to kill")
def test_a_database_backend_killed_during_settlement_leaves_the_ledger_exact(
    users: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.metering import settlement

    engine = crowd.Engine()
    keys = [str(uuid7()) for _ in range(5)]
    for key in keys:
        engine.hold(users[0], key)
    post = settlement._post
    killed: list[bool] = []

    def killing_post(cursor: object, *arguments: object) -> None:
        if len(killed) < 3:
            killed.append(True)
            with connection.cursor() as own:
                own.execute("SELECT pg_backend_pid()")
                (pid,) = own.fetchone()
            crowd.spawn(lambda: _terminate(pid)).join()
        post(cursor, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(settlement, "_post", killing_post)
    outcomes = []
    for key in keys:
        try:
            outcomes.append(engine.settle(key, 500))
        except MeteringUnavailable:
            outcomes.append(engine.settle(key, 500))
    assert outcomes == [True] * 5
    assert len(killed) == 3
    assert crowd.violations(users) == []
    assert TokenQuota.objects.get(pk=users[0]).tokens_used == 2500


def _terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

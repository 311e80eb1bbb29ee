"""hold + settle pairs a second, against the same two transactions in bare SQL on the same database.

    python bench/metering.py [--rounds 7] [--count 300]

Runs in a database of its own (``bench_metering``) beside the configured one, and drops it again. The baseline executes
the same five statements in the same two transactions through the driver alone, with ready-made parameters and the
driver's defaults (psycopg prepares them on the server).
"""

# ruff: noqa: E402 - Django has to be set up before its models are imported
from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

import django

django.setup()

from django.db import connection
from django.db import connections
from django.utils import timezone

from accounts.models import User
from bench import rounds as alternating
from billing import metering
from billing.metering import engine
from billing.metering.tokens import sql
from billing.metering.tokens.book import BOOK
from billing.models import UsageEntry
from core.ids import uuid7
from core.sql import identity
from core.sql import moment

PROMPT, ANSWER = 100, 900
HELD, USED = 1010, 700


class Bare:
    """The two transactions through the driver alone, on one connection."""

    def __init__(self) -> None:
        self.native = connection.vendor == "postgresql"
        self.connection: Any = self._postgresql() if self.native else self._sqlite()
        self.now = moment(timezone.now())
        self.reserve, self.insert, self.claim, self.charge, self.entry = (
            self._statement(text)
            for text in (
                sql.reserve(),
                engine.insert_sql(BOOK),
                engine.claim_sql(BOOK),
                sql.CHARGE,
                sql.INSERT_ENTRY,
            )
        )

    def _postgresql(self) -> Any:
        import psycopg

        known = connection.settings_dict
        return psycopg.connect(
            dbname=known["NAME"],
            user=known["USER"] or None,
            password=known["PASSWORD"] or None,
            host=known["HOST"] or None,
            port=known["PORT"] or None,
            autocommit=True,
        )

    def _sqlite(self) -> Any:
        bare = sqlite3.connect(connection.settings_dict["NAME"], timeout=20, isolation_level=None)
        bare.executescript(connection.settings_dict["OPTIONS"]["init_command"])
        return bare

    def _statement(self, text: str) -> str:
        return text if self.native else text.replace("%s", "?")

    def pair(self, user_id: Any) -> None:
        """One hold and one settlement."""
        number = uuid7()
        hold_id, key = (number if self.native else number.hex), str(number)
        execute = self.connection.cursor().execute
        execute("BEGIN" if self.native else "BEGIN IMMEDIATE")
        held = (hold_id, key, user_id, HELD, self.now, self.now)
        execute(self.insert, (*held, ANSWER, "bench", "model", "reference", True, None, "", "", 0, None))
        execute(self.reserve, (HELD, user_id, self.now, HELD))
        execute("COMMIT")
        execute("BEGIN" if self.native else "BEGIN IMMEDIATE")
        execute(self.claim, (USED, key)).fetchone()
        (window,) = execute(self.charge, (HELD, USED, user_id)).fetchone()
        used = (hold_id, user_id, "bench", "model", 100, 600)
        execute(
            self.entry,
            (*used, USED, "provider", "reference", 0, window, "", self.now, 0, 0, None, "", None, None, ""),
        )
        execute("COMMIT")


def measure(threads: int, *, rounds: int, count: int) -> alternating.Comparison:
    """``threads`` at once, each for a user of its own."""
    users = [_user(f"bench_{threads}_{number}") for number in range(threads)]

    def bare(number: int) -> None:
        runner = Bare()
        for _ in range(count):
            runner.pair(identity(users[number]))
        runner.connection.close()

    def ours(number: int) -> None:
        for _ in range(count):
            key = str(uuid7())
            metering.hold(
                users[number],
                key=key,
                prompt_tokens=PROMPT,
                max_tokens=ANSWER,
                feature="bench",
                model="model",
                reference="reference",
            )
            metering.settle(key, prompt_tokens=100, completion_tokens=600, source="provider")
        connections.close_all()

    return alternating.compare(
        lambda: alternating.rate(bare, threads=threads, count=count),
        lambda: alternating.rate(ours, threads=threads, count=count),
        rounds=rounds,
    )


def _user(name: str) -> UUID:
    user = User.objects.create_user(username=name)
    from billing.models import TokenQuota
    from billing.plans import next_boundary

    TokenQuota.objects.create(
        user=user, tier="unlimited", tokens_limit=-1, reset_at=next_boundary("unlimited", timezone.now())
    )
    return user.pk


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--count", type=int, default=300, help="pairs a thread and round")
    options = arguments.parse_args()

    original = connection.settings_dict["NAME"]
    test_name = "bench_metering"
    if connection.vendor == "sqlite":
        test_name = str(Path(original).with_name("bench_metering.sqlite3"))
    connection.settings_dict["TEST"]["NAME"] = test_name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        print(alternating.versions())
        for threads in (1, 8):
            print(f"{threads} thread(s)\n{measure(threads, rounds=options.rounds, count=options.count)}", flush=True)
        print(f"{UsageEntry.objects.filter(feature='bench').count()} pairs in the ledger")
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)


if __name__ == "__main__":
    main()

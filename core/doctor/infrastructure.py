"""What all rooms stand on: database, clock, Redis, disk."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from core import redis
from core.backup import databases
from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn
from core.observability.redaction import redact

_OLDEST_POSTGRESQL = 14  # what Django 5.2 needs: https://docs.djangoproject.com/en/5.2/ref/databases/#postgresql-notes
_GIB = 1024**3


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("database", database)
    yield Check("migrations", migrations, needs="database")
    yield Check("clock", clock, needs="database")
    yield Check("redis", redis_server)
    yield Check("disk", disk)


def database() -> Iterator[Finding]:
    """Asked without the pool, whose own error would only say that it waited."""
    if connection.vendor != "postgresql":
        yield _sqlite(Path(str(connection.settings_dict["NAME"])))
        return
    try:
        with psycopg.connect(make_conninfo(**databases.parameters() | {"connect_timeout": 5})) as client:
            version = client.info.server_version // 10000
            yield from _connections(client)
    except psycopg.Error as error:
        said = redact(str(error)).strip().splitlines()[0]
        yield fail("database", f"It cannot be reached: {said}. Look at DATABASE_URL, and whether the server runs.")
        return
    if version < _OLDEST_POSTGRESQL:
        yield fail("database", f"PostgreSQL {version} is too old. Move to {_OLDEST_POSTGRESQL} or newer.")
    else:
        yield ok("database", f"PostgreSQL {version} answers.")


def _connections(client: psycopg.Connection[Any]) -> Iterator[Finding]:
    row = client.execute(
        "SELECT current_setting('max_connections')::int, count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend'"
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    allowed, open_now = row
    wanted = settings.CONFIG.db_pool_max
    if wanted >= allowed:
        yield warn(
            "database connections",
            f"One process may open {wanted} (DB_POOL_MAX), and the server allows {allowed} in all. Lower DB_POOL_MAX "
            f"or raise max_connections.",
        )
    else:
        yield ok("database connections", f"{open_now} of {allowed} are open; a process opens at most {wanted}.")


def _sqlite(path: Path) -> Finding:
    if not path.is_file():
        return fail("database", f"There is no database at {path} yet. Run `manage.py migrate`.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as client:
            [(mode,)] = client.execute("PRAGMA journal_mode").fetchall()
            [(verdict,)] = client.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        return fail("database", f"{path} cannot be read: {error}. Restore it from a backup.")
    if verdict != "ok":
        return fail("database", f"{path} is damaged ({verdict}). Restore it from a backup.")
    if mode != "wal":
        return warn("database", f"SQLite's journal mode is {mode}: readers wait for writers. The next start sets WAL.")
    return ok("database", f"SQLite {sqlite3.sqlite_version} in WAL mode. For more than a few people use PostgreSQL.")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield fail("migrations", f"{len(waiting)} were not applied. Run `manage.py migrate`.")
    else:
        yield ok("migrations", "All are applied.")


def clock() -> Iterator[Finding]:
    """Sessions and holds compare this machine's time with what is stored."""
    if connection.vendor != "postgresql":
        yield ok("clock", "The database has this machine's clock.")
        return
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    after = timezone.now()
    apart = max(before - theirs, theirs - after, timedelta(0)).total_seconds()
    sentence = f"It is {apart:.1f} s apart from the database's."
    if apart > 30:
        yield fail("clock", f"{sentence} Tokens will be refused. Keep both machines' time with NTP.")
    elif apart > 2:
        yield warn("clock", f"{sentence} Keep both machines' time with NTP.")
    else:
        yield ok("clock", "It agrees with the database's.")


def redis_server() -> Iterator[Finding]:
    if settings.EMBEDDED:
        yield ok("redis", "Not used: cache, queue, worker and beat live in the serving process.")
        return
    try:
        with redis.client(
            settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5, decode_responses=True
        ) as client:
            known: dict[str, Any] = client.info()
    except (*redis.GONE, ValueError) as error:
        yield fail("redis", f"It cannot be asked: {redact(str(error))} Look at REDIS_URL, and whether the server runs.")
        return
    yield ok("redis", f"Redis {known.get('redis_version', '?')} answers.")
    policy = known.get("maxmemory_policy", "noeviction")
    if known.get("maxmemory") and policy != "noeviction":
        yield warn(
            "redis memory",
            f"maxmemory-policy is {policy}: when memory is full, queued work is thrown away, to be found again by the "
            f"sweeper only. Set it to noeviction.",
        )
    if known.get("aof_enabled") in {0, "0"}:
        yield warn(
            "redis persistence",
            "appendonly is off: a restart forgets the queue (the sweeper finds its work again) and rate limits.",
        )


def disk() -> Iterator[Finding]:
    for what, path in (("disk", Path(settings.VAR_DIR)), ("disk for temporary files", Path(tempfile.gettempdir()))):
        usage = shutil.disk_usage(path)
        sentence = f"{usage.free / _GIB:.1f} GiB of {usage.total / _GIB:.0f} GiB are free at {path}."
        if usage.free < _GIB // 5:
            yield fail(what, f"{sentence} Uploads and backups will fail: make room.")
        elif usage.free < _GIB or usage.free < usage.total // 20:
            yield warn(what, f"{sentence} Make room before it is full.")
        else:
            yield ok(what, sentence)

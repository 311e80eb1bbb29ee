"""Dumping and restoring a database with its own tools: pg_dump and pg_restore, or SQLite's online backup."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core.backup import BackupError
from core.backup.figures import Cursor
from core.observability.redaction import redact

ERRORS = (psycopg.Error, sqlite3.Error)
"""What a statement on a cursor of :func:`opened` may raise."""

_KEYWORDS = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
_DUMP = ("--format=custom", "--compress=6", "--no-owner", "--no-privileges")
_LONGEST_PREFIX = 63 - len("_verify_") - 12
"""PostgreSQL cuts names at 63 bytes; a scratch database says whose it is."""
_RESTORE = ("--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--single-transaction")


def dump_name() -> str:
    """What the dump is called."""
    return "database.dump" if connection.vendor == "postgresql" else "database.sqlite3"


Look = Callable[[Cursor, Cursor], None]
"""Takes two cursors on one state of a database; the second one streams, and is for what may be millions of rows."""


def dump(target: Path, look: Look) -> str:
    """Write a dump, and ``look`` at the very state that was dumped; returns the server's version."""
    return _dump_postgresql(target, look) if connection.vendor == "postgresql" else _dump_sqlite(target, look)


def is_empty(cursor: Cursor) -> bool:
    """There is no table of ours yet."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema()")
    else:
        cursor.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return not cursor.fetchone()[0]


def restore(source: Path) -> None:
    """Fill the configured database, which must be empty, from a dump; all or nothing."""
    if connection.vendor == "postgresql":
        _pg_restore(source, parameters())
    else:
        _copy_sqlite(source, Path(str(connection.settings_dict["NAME"])))


@contextmanager
def scratch(source: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """A new database from a dump, gone afterwards: its name (a path for SQLite) and its URL, empty for SQLite."""
    if connection.vendor != "postgresql":
        copy = folder / "kintsugi.sqlite3"
        _copy_sqlite(source, copy)
        yield str(copy), ""
        return
    name = f"{parameters()['dbname'][:_LONGEST_PREFIX]}_verify_{uuid.uuid4().hex[:12]}"
    try:
        with psycopg.connect(make_conninfo(**parameters()), autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise BackupError(
            f"No scratch database can be made, which needs the right CREATEDB: {redact(str(error)).strip()}"
        ) from None
    try:
        _pg_restore(source, parameters() | {"dbname": name})
        url = urlsplit(settings.CONFIG.database_url.get_secret_value())
        yield name, urlunsplit(url._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(make_conninfo(**parameters()), autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def opened(name: str | None = None) -> Iterator[tuple[Cursor, Cursor]]:
    """Two cursors, as ``Look`` takes them, of another database of the same kind (None: the configured one)."""
    if connection.vendor == "postgresql":
        place = parameters() | ({"dbname": name} if name else {})
        with _refusals(), psycopg.connect(make_conninfo(**place)) as client:
            yield client.cursor(), client.cursor(name="files")
        return
    with closing(sqlite3.connect(name or str(connection.settings_dict["NAME"]))) as client:
        yield client.cursor(), client.cursor()


def tool(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is not on this machine. Install the PostgreSQL client of the server's version "
            f"(Debian: postgresql-client), or run this command where it is."
        )
    return found


# PostgreSQL --------------------------------------------------------------------------------------------------------


def parameters() -> dict[str, Any]:
    """What libpq needs of Django's settings."""
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name in _KEYWORDS}


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        raise BackupError(f"The database cannot be reached: {redact(str(error)).strip()}") from None


def _dump_postgresql(target: Path, look: Look) -> str:
    program = tool("pg_dump")
    with _refusals(), psycopg.connect(make_conninfo(**parameters())) as client:
        client.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        client.read_only = True
        client.execute("SET idle_in_transaction_session_timeout = 0")  # the snapshot waits for pg_dump
        row = client.execute("SELECT pg_export_snapshot(), current_setting('server_version')").fetchone()
        assert row is not None  # noqa: S101 - it always answers
        target.touch(mode=0o600)
        _run([program, *_DUMP, f"--snapshot={row[0]}", f"--file={target}"], parameters())
        with client.cursor() as cursor, client.cursor(name="files") as streaming:
            look(cursor, streaming)
    return f"PostgreSQL {row[1]}"


def _pg_restore(source: Path, parameters: dict[str, Any]) -> None:
    _run([tool("pg_restore"), *_RESTORE, str(source)], parameters)


def _run(command: list[str], parameters: dict[str, Any]) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where other users do not see it."""
    password = parameters.get("password")
    place = make_conninfo(**{name: value for name, value in parameters.items() if name != "password"})
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run(  # noqa: S603 - no shell, and nothing of a user's
        [*command[:-1], f"--dbname={place}", command[-1]],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = redact(done.stderr.decode("utf-8", "replace")).strip().splitlines()
        raise BackupError(f"{Path(command[0]).name} failed: {' '.join(said[:3]) or f'exit {done.returncode}'}")


# SQLite ------------------------------------------------------------------------------------------------------------


def _dump_sqlite(target: Path, look: Look) -> str:
    target.touch(mode=0o600)
    _copy_sqlite(Path(str(connection.settings_dict["NAME"])), target)
    with closing(sqlite3.connect(target)) as copy:
        # A file of its own, without a log beside it that could be left behind.
        copy.execute("PRAGMA journal_mode=DELETE")
        look(copy.cursor(), copy.cursor())
    return f"SQLite {sqlite3.sqlite_version}"


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup in one step: one moment, readers and (with WAL) writers go on."""
    if not source.is_file():
        raise BackupError(f"There is no database at {source}.")
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            [(verdict,)] = new.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        raise BackupError(f"{source.name} cannot be copied: {error}") from None
    if verdict != "ok":
        raise BackupError(f"{source.name} is damaged: {verdict}")

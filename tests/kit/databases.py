"""Databases of one's own: new ones, migrated ones, and their loss."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from tests.kit.processes import environment
from tests.kit.processes import manage

if TYPE_CHECKING:
    from psycopg import Connection

_SQLITE_FILE = "kintsugi.sqlite3"


@contextlib.contextmanager
def database(template: str = "") -> Iterator[dict[str, str]]:
    """Settings for a fresh database: SQLite below VAR_DIR, or a new one on the PostgreSQL that is under test.

    With a ``template`` the one on PostgreSQL is a copy of it.
    """
    redis = {"REDIS_URL": os.environ["REDIS_URL"]} if os.environ.get("REDIS_URL") else {}
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield redis
        return
    name = f"kintsugi_{uuid.uuid4().hex[:12]}"
    with _server(url) as connection:
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        try:
            yield redis | {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def migrated_database(var_dir: Path) -> Iterator[dict[str, str]]:
    """The same with the tables of all apps: a copy, as migrating takes longer than all else."""
    template = _template()
    with database(template) as settings:
        if "DATABASE_URL" not in settings:
            shutil.copy(template, var_dir / _SQLITE_FILE)
        yield settings


def migrate(env: Mapping[str, str]) -> None:
    """Bring the database named by the environment up to date."""
    migrated = manage("migrate", "--verbosity", "0", env=env, timeout=180)
    assert migrated.returncode == 0, migrated.stderr


def lose(var_dir: Path, url: str = "") -> None:
    """The database with this address is dropped and made anew, empty; without one, the SQLite files are deleted."""
    if not url:
        for path in var_dir.glob(f"{_SQLITE_FILE}*"):
            path.unlink()
        return
    name = urlsplit(url).path.strip("/")
    with _server(url) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')


@cache
def _template() -> str:
    """A migrated database to copy: a name on PostgreSQL, or an SQLite file."""
    kept = contextlib.ExitStack()
    atexit.register(kept.close)
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
    settings = kept.enter_context(database())
    migrate(environment(folder, **settings))
    url = settings.get("DATABASE_URL")
    return urlsplit(url).path.strip("/") if url else str(folder / _SQLITE_FILE)


def _server(url: str) -> Connection[tuple[Any, ...]]:
    """A connection for statements about whole databases."""
    import psycopg

    return psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True)

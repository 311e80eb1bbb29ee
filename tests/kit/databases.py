"""Databases of one's own: new ones, migrated ones, and their loss."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
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
    if not _url():
        yield redis
        return
    name = f"kintsugi_{uuid.uuid4().hex[:12]}"
    with _server(_url()) as connection:
        _create(connection, name, template)
    try:
        yield redis | _named(name)
    finally:
        drop(name)  # by a connection of its own: the server may have crashed meanwhile


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


def fill(name: str) -> None:
    """A copy of the template under this name, in the place of what there was: the database in which tests run."""
    template = _template()
    if _url():
        drop(name)
        with _server(_url()) as connection:
            _create(connection, name, template)
        return
    for path in Path(name).parent.glob(f"{Path(name).name}*"):
        path.unlink()
    shutil.copy(template, name)


def drop(name: str) -> None:
    """End a database on PostgreSQL, if there is one of this name; files of SQLite are overwritten by the next run."""
    if _url():
        with _server(_url()) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _create(connection: Connection[Any], name: str, template: str) -> None:
    """A database whose commits do not wait for the disk: the server outlives the tests, whatever they do to ours."""
    connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def forget_template() -> None:
    """For the process that began the test run, at its end."""
    drop(_template_name())
    shutil.rmtree(_template_folder(), ignore_errors=True)


@cache
def _template() -> str:
    """A migrated database to copy: a name on PostgreSQL, or an SQLite file. The first process of a run makes it."""
    folder, name = _template_folder(), _template_name()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            if _url():
                drop(name)  # of a process that was killed while it made it
                with _server(_url()) as connection:
                    connection.execute(f'CREATE DATABASE "{name}"')
            migrate(environment(folder, **(_named(name) if _url() else {})))
            (folder / "made").touch()
    return name if _url() else str(folder / _SQLITE_FILE)


def _template_folder() -> Path:
    # Below all workers' own: VAR_DIR's parent is the checkout's.
    return Path(os.environ["VAR_DIR"]).parent / _template_name()


def _template_name() -> str:
    return f"kintsugi_template_{os.environ['TEST_RUN']}"


def _url() -> str:
    """Of the PostgreSQL that is under test, or nothing."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else ""


def _named(name: str) -> dict[str, str]:
    return {"DATABASE_URL": urlunsplit(urlsplit(_url())._replace(path=f"/{name}"))}


def _server(url: str) -> Connection[tuple[Any, ...]]:
    """A connection for statements about whole databases."""
    import psycopg

    return psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True)

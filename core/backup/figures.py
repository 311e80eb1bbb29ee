"""Counts and sums of a database, asked in plain SQL: of the live one, of a copy, of a snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import Protocol

from django.apps import apps

from core import modules
from core.backup import BackupError


class Cursor(Protocol):
    """Any driver's cursor."""

    def execute(self, query: Any, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...
    def fetchmany(self, size: int = ..., /) -> Any: ...


def tables() -> list[str]:
    """Every table that belongs to a model."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return sorted({model._meta.db_table for model in models if not model._meta.proxy})


def counts(cursor: Cursor, names: Iterable[str]) -> dict[str, int]:
    """Rows of these tables."""
    return {name: _number(cursor, f'SELECT COUNT(*) FROM "{_plain(name)}"') for name in names}  # noqa: S608 - checked


def sums(cursor: Cursor, names: Iterable[str] | None = None) -> dict[str, int]:
    """What the apps say must add up to the same after a restore: all of it, or what these names mean today."""
    queries = {name: query for module in modules.installed() for name, query in module.backup_sums.items()}
    wanted = queries if names is None else [name for name in names if name in queries]
    return {name: _number(cursor, queries[name]) for name in wanted}


def migrations(cursor: Cursor) -> list[str]:
    """``app.name`` of what was applied."""
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in cursor.fetchall()]


def files(streaming: Cursor) -> Iterator[tuple[str, str]]:
    """Every storage key the database knows, with the SHA-256 it expects (or nothing), a few hundred at a time."""
    for module in modules.installed():
        for query in module.backup_files:
            streaming.execute(query)
            while rows := streaming.fetchmany(500):
                yield from rows


def _number(cursor: Cursor, query: str) -> int:
    cursor.execute(query)
    return int(cursor.fetchone()[0])


def _plain(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise BackupError(f"{name!r} is no name of a table.")
    return name

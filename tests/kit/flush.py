"""Emptying the database after a test that committed: a few statements instead of Django's ``flush``.

``flush`` truncates every table there is and then makes all permissions anew, which on PostgreSQL takes longer than most
of the tests. Here one query tells the tables in which something stands, and only they are emptied; what migrations
make once (content types, permissions) stays.
"""

from __future__ import annotations

from functools import cache

from django.db import connections
from django.db import transaction
from django.test import TransactionTestCase

_KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_REFUSING = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgtype & 8 <> 0
"""
"""Tables of PostgreSQL with a trigger on DELETE (bit 3 of ``pg_trigger.tgtype``): those that are append-only."""


def install() -> None:
    """Let every test that commits end so."""
    TransactionTestCase._fixture_teardown = _empty_all  # type: ignore[attr-defined]


def _empty_all(test: TransactionTestCase) -> None:
    for alias in test._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        empty(alias)


def empty(alias: str = "default") -> None:
    """Delete every row that tests may have written; foreign keys are looked at when all of them are gone."""
    connection = connections[alias]
    tables = _tables(alias)
    look = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(look)
        filled = [row[0] for row in cursor.fetchall()]
        if not filled:
            return
        with transaction.atomic(using=alias):
            for table in filled:
                cursor.execute(f'TRUNCATE "{table}"' if table in _refusing(alias) else f'DELETE FROM "{table}"')


@cache
def _tables(alias: str) -> list[str]:
    found = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - _KEPT)


@cache
def _refusing(alias: str) -> frozenset[str]:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_REFUSING)
        return frozenset(row[0] for row in cursor.fetchall())

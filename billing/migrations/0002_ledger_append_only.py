"""The ledger refuses changes in the database too.

On SQLite only updates are refused: emptying a table (``manage.py flush``, the test runner) is a DELETE there, while
PostgreSQL truncates.
"""

from __future__ import annotations

from django.db import migrations

_POSTGRESQL = [
    """
    CREATE FUNCTION usage_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The ledger is append-only.' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER usage_entries_append_only BEFORE UPDATE OR DELETE ON usage_entries
    FOR EACH ROW EXECUTE FUNCTION usage_entries_append_only()
    """,
]
_POSTGRESQL_BACK = [
    "DROP TRIGGER usage_entries_append_only ON usage_entries",
    "DROP FUNCTION usage_entries_append_only()",
]
_SQLITE = [
    """
    CREATE TRIGGER usage_entries_append_only BEFORE UPDATE ON usage_entries
    BEGIN SELECT RAISE(ABORT, 'The ledger is append-only.'); END
    """
]
_SQLITE_BACK = ["DROP TRIGGER usage_entries_append_only"]


def _run(schema_editor, on_postgresql, on_sqlite):
    statements = on_postgresql if schema_editor.connection.vendor == "postgresql" else on_sqlite
    for statement in statements:
        schema_editor.execute(statement)


def protect(_apps, schema_editor):
    _run(schema_editor, _POSTGRESQL, _SQLITE)


def unprotect(_apps, schema_editor):
    _run(schema_editor, _POSTGRESQL_BACK, _SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]

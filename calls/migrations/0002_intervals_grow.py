"""An interval grows and is closed once; nothing else of it changes, in the database either.

On SQLite rows may go: emptying a table (``manage.py flush``, the test runner) is a DELETE there, while PostgreSQL
truncates.
"""

from __future__ import annotations

from django.db import migrations

_FIXED = ("id", "call_id", "leg_id", "user_id", "transport", "generation", "started_at")
_CLOSED = ("seen_at", "ended_at", "ended_by")


def _differs(names, is_not):
    return " OR ".join(f"NEW.{name} {is_not} OLD.{name}" for name in names)


def _wrong(is_not):
    return f"({_differs(_FIXED, is_not)}) OR (OLD.ended_at IS NOT NULL AND ({_differs(_CLOSED, is_not)}))"


_POSTGRESQL = [
    f"""
    CREATE FUNCTION call_intervals_grow() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR {_wrong("IS DISTINCT FROM")} THEN
            RAISE EXCEPTION 'An interval only grows, and is closed once.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER call_intervals_grow BEFORE UPDATE OR DELETE ON call_intervals
    FOR EACH ROW EXECUTE FUNCTION call_intervals_grow()
    """,
]
_POSTGRESQL_BACK = [
    "DROP TRIGGER call_intervals_grow ON call_intervals",
    "DROP FUNCTION call_intervals_grow()",
]
_SQLITE = [
    f"""
    CREATE TRIGGER call_intervals_grow BEFORE UPDATE ON call_intervals
    WHEN {_wrong("IS NOT")}
    BEGIN SELECT RAISE(ABORT, 'An interval only grows, and is closed once.'); END
    """
]
_SQLITE_BACK = ["DROP TRIGGER call_intervals_grow"]


def _run(schema_editor, on_postgresql, on_sqlite):
    statements = on_postgresql if schema_editor.connection.vendor == "postgresql" else on_sqlite
    for statement in statements:
        schema_editor.execute(statement)


def protect(_apps, schema_editor):
    _run(schema_editor, _POSTGRESQL, _SQLITE)


def unprotect(_apps, schema_editor):
    _run(schema_editor, _POSTGRESQL_BACK, _SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]

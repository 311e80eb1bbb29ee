"""Trigram indexes, so that searching inside words stays quick on PostgreSQL.

The extension is trusted since PostgreSQL 13: the owner of a database may create it. Where that is not allowed the search
works without an index.
"""

from django.db import migrations
from django.db import transaction
from django.db.utils import ProgrammingError

INDEXES = {
    "chats_search_title_trgm": "chats USING gin (search_title gin_trgm_ops)",
    "chat_messages_search_text_trgm": "chat_messages USING gin (search_text gin_trgm_ops)",
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for name, definition in INDEXES.items():
                schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {definition}")
    except ProgrammingError as error:
        print(f"\n  Searching chats will be slow: pg_trgm is not available ({error}).")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in INDEXES:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("aichat", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]

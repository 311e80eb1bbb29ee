"""Indexes, so that searching for words and inside words stays quick on PostgreSQL.

The extension is trusted since PostgreSQL 13: the owner of a database may create it. Where that is not allowed the search
inside words works without an index.
"""

from django.db import migrations
from django.db import transaction
from django.db.utils import ProgrammingError

WORDS = ("messages_search_words", "conversation_messages USING gin (to_tsvector('simple'::regconfig, search_text))")
TRIGRAMS = ("messages_search_trgm", "conversation_messages USING gin (search_text gin_trgm_ops)")


def create(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE INDEX IF NOT EXISTS {} ON {}".format(*WORDS))
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute("CREATE INDEX IF NOT EXISTS {} ON {}".format(*TRIGRAMS))
    except ProgrammingError as error:
        print(f"\n  Searching messages will be slow: pg_trgm is not available ({error}).")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, _definition in (WORDS, TRIGRAMS):
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("messenger", "0001_initial")]

    operations = [migrations.RunPython(create, remove)]

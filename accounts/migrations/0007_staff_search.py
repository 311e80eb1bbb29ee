"""Indexes of what staff search by: request ids of the audit log, and the beginnings of names and addresses.

The unique indexes serve whole names only, unless the database sorts by bytes; SQLite does.
"""

from django.db import migrations
from django.db import models

BEGINNINGS = {"user_username_beginning": "username", "user_email_beginning": "email"}


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, column in BEGINNINGS.items():
            schema_editor.execute(
                f"CREATE INDEX IF NOT EXISTS {name} ON accounts_user (LOWER({column}) text_pattern_ops)"
            )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in BEGINNINGS:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_deletion_and_export")]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="request_id",
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.RunPython(create, remove),
    ]

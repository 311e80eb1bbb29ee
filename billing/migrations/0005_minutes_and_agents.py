"""Call minutes, a book of their own whose ledger refuses changes as that of tokens does, and holds without a quota."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.ids

_TRIGGERS = {
    "postgresql": (
        [
            """
            CREATE FUNCTION minute_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'The ledger is append-only.' USING ERRCODE = 'restrict_violation';
            END $$
            """,
            """
            CREATE TRIGGER minute_entries_append_only BEFORE UPDATE OR DELETE ON minute_entries
            FOR EACH ROW EXECUTE FUNCTION minute_entries_append_only()
            """,
        ],
        [
            "DROP TRIGGER minute_entries_append_only ON minute_entries",
            "DROP FUNCTION minute_entries_append_only()",
        ],
    ),
    # Only updates: emptying a table is a DELETE there.
    "sqlite": (
        [
            """
            CREATE TRIGGER minute_entries_append_only BEFORE UPDATE ON minute_entries
            BEGIN SELECT RAISE(ABORT, 'The ledger is append-only.'); END
            """
        ],
        ["DROP TRIGGER minute_entries_append_only"],
    ),
}


def protect(_apps, schema_editor):
    for statement in _TRIGGERS[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def unprotect(_apps, schema_editor):
    for statement in _TRIGGERS[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_webhook_claims'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MinuteHold',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('amount', models.BigIntegerField()),
                ('state', models.CharField(choices=[('held', 'Held'), ('settled', 'Settled')], default='held', max_length=10)),
                ('charged', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('month', models.DateField()),
                ('confirmed', models.BigIntegerField(default=0)),
                ('reference', models.CharField(blank=True, max_length=200)),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'minute_holds',
            },
        ),
        migrations.AddField(
            model_name='tokenhold',
            name='takes_quota',
            field=models.BooleanField(db_default=True, default=True, help_text='False: recorded, and paid for in another way than by tokens'),
        ),
        migrations.CreateModel(
            name='MinuteQuota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('seconds_used', models.BigIntegerField(default=0)),
                ('seconds_held', models.BigIntegerField(default=0)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'minute_quotas',
            },
        ),
        migrations.CreateModel(
            name='MinuteEntry',
            fields=[
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='entry', serialize=False, to='billing.minutehold')),
                ('month', models.DateField(help_text='The month that pays: that of the hold')),
                ('seconds', models.BigIntegerField(help_text='Charged: whole minutes')),
                ('measured', models.BigIntegerField(help_text='Seconds that were measured, before they were rounded up')),
                ('overrun', models.BigIntegerField(default=0, help_text='Seconds charged beyond the hold')),
                ('reference', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'minute_entries',
            },
        ),
        migrations.AddIndex(
            model_name='minutehold',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['user', 'month'], name='minute_holds_open'),
        ),
        migrations.AddConstraint(
            model_name='minutehold',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('charged__gte', 0), ('confirmed__gte', 0)), name='minute_holds_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='minutequota',
            constraint=models.UniqueConstraint(fields=('user', 'month'), name='minute_quotas_month'),
        ),
        migrations.AddConstraint(
            model_name='minutequota',
            constraint=models.CheckConstraint(condition=models.Q(('seconds_held__gte', 0), ('seconds_used__gte', 0)), name='minute_quotas_not_negative'),
        ),
        migrations.AddIndex(
            model_name='minuteentry',
            index=models.Index(fields=['user', 'month'], name='minute_entries_user_month'),
        ),
        migrations.AddConstraint(
            model_name='minuteentry',
            constraint=models.CheckConstraint(condition=models.Q(('measured__gte', 0), ('overrun__gte', 0), ('seconds__gte', 0)), name='minute_entries_not_negative'),
        ),
        migrations.RunPython(protect, unprotect),
    ]

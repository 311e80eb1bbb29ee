import core.ids
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0005_export_files'),
    ]

    operations = [
        migrations.AlterField(
            model_name='storedfile',
            name='purpose',
            field=models.CharField(default='attachment', max_length=30),
        ),
        migrations.AlterField(
            model_name='upload',
            name='purpose',
            field=models.CharField(max_length=30),
        ),
        migrations.AddField(
            model_name='storedfile',
            name='encoding',
            field=models.CharField(blank=True, default='', help_text='What a text that was no Unicode was taken for: a guess.', max_length=20),
        ),
        migrations.CreateModel(
            name='DeletionReceipt',
            fields=[
                ('id', models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('user_id', models.UUIDField(help_text='Whose it was.')),
                ('what', models.CharField(help_text='The word of the app that writes the receipt.', max_length=30)),
                ('subject_id', models.UUIDField(blank=True, help_text='The id of what was deleted, if it was one thing.', null=True)),
                ('count', models.PositiveIntegerField(default=1, help_text='How many things.')),
                ('reason', models.CharField(choices=[('due', 'Due'), ('asked', 'Asked'), ('account', 'Account')], max_length=10)),
                ('digest', models.CharField(blank=True, help_text='SHA-256 of the bytes; empty once the account is gone.', max_length=64)),
                ('stored_at', models.DateTimeField(blank=True, help_text='When it had come.', null=True)),
                ('due_at', models.DateTimeField(blank=True, help_text='When it was to be deleted.', null=True)),
                ('deleted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('keys', models.JSONField(blank=True, default=list, help_text='Names in the storage that are not seen to be gone yet.')),
                ('erased_at', models.DateTimeField(blank=True, help_text='When the storage had none of the bytes any more.', null=True)),
            ],
            options={
                'db_table': 'deletion_receipts',
                'indexes': [models.Index(fields=['user_id', '-id'], name='receipt_user'), models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['deleted_at'], name='receipt_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('subject_id__isnull', False)), fields=('what', 'subject_id'), name='receipt_subject')],
            },
        ),
    ]

"""The ground floor's own checks: database, Redis, storage, disk, queue, providers, keys, backups."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from core import crypto
from core import mail
from core import pulse
from core.backup import databases
from core.backup import making
from core.doctor import Check
from core.doctor import Finding
from core.doctor import fail
from core.doctor import ok
from core.doctor import warn
from core.jobs.models import Job
from core.llm import discovery
from core.llm import survey
from core.mail.models import OutgoingMail
from core.observability.redaction import redact

_OLDEST_POSTGRESQL = 14
_GIB = 1024**3
_LONGEST_WAIT = timedelta(minutes=5)
_LETTER_WAIT = timedelta(minutes=15)
_LOST_WAIT = timedelta(minutes=30)
_BACKUP_AGE = timedelta(days=2)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("database", database)
    yield Check("migrations", migrations, needs="database")
    yield Check("clock", clock, needs="database")
    yield Check("redis", redis_server)
    yield Check("storage", storage, seconds=20)
    yield Check("disk", disk)
    yield Check("queue", queue, needs="migrations")
    yield Check("beat", beat, needs="redis")
    yield Check("encryption", encryption, needs="migrations", seconds=60)
    yield Check("models", providers, seconds=30)
    yield Check("backup", backups)
    yield Check("mail", letters, seconds=15)
    yield Check("outbox", outbox, needs="migrations")


def database() -> Iterator[Finding]:
    """Asked without the pool, whose own error would only say that it waited."""
    if connection.vendor != "postgresql":
        yield _sqlite(Path(str(connection.settings_dict["NAME"])))
        return
    try:
        with psycopg.connect(make_conninfo(**databases.parameters() | {"connect_timeout": 5})) as client:
            version = client.info.server_version // 10000
            yield from _connections(client)
    except psycopg.Error as error:
        said = redact(str(error)).strip().splitlines()[0]
        yield fail("database", f"It cannot be reached: {said}. Look at DATABASE_URL, and whether the server runs.")
        return
    if version < _OLDEST_POSTGRESQL:
        yield fail("database", f"PostgreSQL {version} is too old. Move to {_OLDEST_POSTGRESQL} or newer.")
    else:
        yield ok("database", f"PostgreSQL {version} answers.")


def _connections(client: psycopg.Connection[Any]) -> Iterator[Finding]:
    row = client.execute(
        "SELECT current_setting('max_connections')::int, count(*) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend'"
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    allowed, open_now = row
    wanted = settings.CONFIG.db_pool_max
    if wanted >= allowed:
        yield warn(
            "database connections",
            f"One process may open {wanted} (DB_POOL_MAX), and the server allows {allowed} in all. Lower DB_POOL_MAX "
            f"or raise max_connections.",
        )
    else:
        yield ok("database connections", f"{open_now} of {allowed} are open; a process opens at most {wanted}.")


def _sqlite(path: Path) -> Finding:
    if not path.is_file():
        return fail("database", f"There is no database at {path} yet. Run `manage.py migrate`.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as client:
            [(mode,)] = client.execute("PRAGMA journal_mode").fetchall()
            [(verdict,)] = client.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        return fail("database", f"{path} cannot be read: {error}. Restore it from a backup.")
    if verdict != "ok":
        return fail("database", f"{path} is damaged ({verdict}). Restore it from a backup.")
    if mode != "wal":
        return warn("database", f"SQLite's journal mode is {mode}: readers wait for writers. The next start sets WAL.")
    return ok("database", f"SQLite {sqlite3.sqlite_version} in WAL mode. For more than a few people use PostgreSQL.")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield fail("migrations", f"{len(waiting)} were not applied. Run `manage.py migrate`.")
    else:
        yield ok("migrations", "All are applied.")


def clock() -> Iterator[Finding]:
    """Sessions and holds compare this machine's time with what is stored."""
    if connection.vendor != "postgresql":
        yield ok("clock", "The database has this machine's clock.")
        return
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    after = timezone.now()
    apart = max(before - theirs, theirs - after, timedelta(0)).total_seconds()
    sentence = f"It is {apart:.1f} s apart from the database's."
    if apart > 30:
        yield fail("clock", f"{sentence} Tokens will be refused. Keep both machines' time with NTP.")
    elif apart > 2:
        yield warn("clock", f"{sentence} Keep both machines' time with NTP.")
    else:
        yield ok("clock", "It agrees with the database's.")


def redis_server() -> Iterator[Finding]:
    if settings.EMBEDDED:
        yield ok("redis", "Not used: cache, queue, worker and beat live in the serving process.")
        return
    import redis

    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5, decode_responses=True
        ) as client:
            known: dict[str, Any] = client.info()
    except (redis.RedisError, ValueError) as error:
        yield fail("redis", f"It cannot be asked: {redact(str(error))} Look at REDIS_URL, and whether the server runs.")
        return
    yield ok("redis", f"Redis {known.get('redis_version', '?')} answers.")
    policy = known.get("maxmemory_policy", "noeviction")
    if known.get("maxmemory") and policy != "noeviction":
        yield warn(
            "redis memory",
            f"maxmemory-policy is {policy}: when memory is full, queued work is thrown away, to be found again by the "
            f"sweeper only. Set it to noeviction.",
        )
    if known.get("aof_enabled") in {0, "0"}:
        yield warn(
            "redis persistence",
            "appendonly is off: a restart forgets the queue (the sweeper finds its work again) and rate limits.",
        )


def storage() -> Iterator[Finding]:
    """There and back: write, read, delete."""
    place = "The bucket" if hasattr(default_storage, "bucket_name") else f"The folder {settings.MEDIA_ROOT}"
    content = secrets.token_bytes(64)
    try:
        name = default_storage.save(f"probes/doctor-{secrets.token_hex(8)}", ContentFile(content))
        try:
            with default_storage.open(name, "rb") as handle:
                came_back = handle.read()
        finally:
            default_storage.delete(name)
        if default_storage.exists(name):
            yield fail("storage", f"{place} does not delete files. Give this program the right to.")
            return
    except Exception as error:
        yield fail("storage", f"{place} cannot be used: {redact(str(error))}. Look at its rights and at S3_… settings.")
        return
    if came_back != content:
        yield fail("storage", f"{place} gives back other bytes than were stored.")
    else:
        yield ok("storage", f"{place} takes, gives back and deletes files.")


def disk() -> Iterator[Finding]:
    for what, path in (("disk", Path(settings.VAR_DIR)), ("disk for temporary files", Path(tempfile.gettempdir()))):
        usage = shutil.disk_usage(path)
        sentence = f"{usage.free / _GIB:.1f} GiB of {usage.total / _GIB:.0f} GiB are free at {path}."
        if usage.free < _GIB // 5:
            yield fail(what, f"{sentence} Uploads and backups will fail: make room.")
        elif usage.free < _GIB or usage.free < usage.total // 20:
            yield warn(what, f"{sentence} Make room before it is full.")
        else:
            yield ok(what, sentence)


def queue() -> Iterator[Finding]:
    now = timezone.now()
    waiting = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now)
    oldest = waiting.order_by("run_at").values_list("run_at", flat=True).first()
    age = now - oldest if oldest else timedelta(0)
    sentence = f"{waiting.count()} jobs wait, the oldest for {int(age.total_seconds())} s."
    if age > _LOST_WAIT:
        yield fail("queue", f"{sentence} No worker takes them: start `celery -A kintsugi worker`.")
    elif age > _LONGEST_WAIT:
        yield warn("queue", f"{sentence} Start more workers, or look at what the one there is busy with.")
    else:
        yield ok("queue", sentence)
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - timedelta(days=1)).count()
    if failed:
        yield warn("failed jobs", f"{failed} failed within a day. Their reasons stand in the admin under Jobs.")


def beat() -> Iterator[Finding]:
    """Beat pokes, a worker answers: one sign of life of both, and of the queue between them."""
    if settings.EMBEDDED:
        yield ok("beat", "It runs in the serving process.")
        return
    age = pulse.age()
    if age is None:
        yield fail("beat", "No scheduled work was done lately. Start one `celery -A kintsugi beat` and a worker.")
    elif age > pulse.EVERY * 4:
        yield fail("beat", f"The last scheduled work was done {age:.0f} s ago. Look at beat and at the workers.")
    else:
        yield ok("beat", f"Beat and a worker did scheduled work {age:.0f} s ago.")


def encryption() -> Iterator[Finding]:
    for label, (count, problem) in crypto.examine_all().items():
        if problem:
            yield fail("encryption", f"{label}: {problem} Put the key back into ENCRYPTION_KEYS.")
        else:
            yield ok("encryption", f"{count} values of {label} can be read.")
    if old := sum(crypto.waiting_all().values()):
        yield warn("encryption keys", f"{old} values wait for the newest key. Run `manage.py rotate_keys`.")
    elif len(settings.ENCRYPTION_KEYS) > 1:
        yield ok("encryption keys", "Every value has the newest key: older ones may leave ENCRYPTION_KEYS.")
    else:
        yield ok("encryption keys", "One key, and every value has it.")


def providers() -> Iterator[Finding]:
    """What ``check_providers`` finds."""
    discovery.search()
    found = [finding for finding in asyncio.run(survey.examine(call=False)) if finding.works is not None]
    for finding in found:
        if finding.works:
            yield ok("models", f"{finding.label} ({finding.state}) works.")
        else:
            yield fail("models", f"{finding.label} does not work: {finding.problem} See `manage.py check_providers`.")
    if not found:
        yield warn("models", "No language model is configured: chats answer with an error. Set OPENAI_API_KEY.")
    elif all(finding.state == "demo" for finding in found):
        yield warn("models", "Only the demo model answers. Set OPENAI_API_KEY, OPENAI_BASE_URL or OPENROUTER_API_KEY.")


def backups() -> Iterator[Finding]:
    if connection.vendor == "postgresql" and not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        yield warn("backup tools", "pg_dump and pg_restore are not here: `manage.py backup` needs them.")
    folder = Path(settings.VAR_DIR) / "backups"
    newest = making.newest(folder)
    if newest is None:
        yield warn("backup", f"There is none in {folder}. Run `manage.py backup`, and see docs/operations.md.")
    elif timezone.now() - newest > _BACKUP_AGE:
        yield warn("backup", f"The newest in {folder} is of {newest:%Y-%m-%d}. Run `manage.py backup` every day.")
    else:
        yield ok("backup", f"The newest in {folder} is of {newest:%Y-%m-%d %H:%M} UTC.")


def letters() -> Iterator[Finding]:
    """Whether the mail server lets us in; nothing is sent."""
    if not mail.can_send():
        yield warn("mail", "No letters are sent: links to sign in and new passwords do not work. Set EMAIL_URL.")
        return
    if not settings.MAIL_IS_REAL:
        yield warn("mail", "Letters are shown on the console and kept in VAR_DIR/mail. Set EMAIL_URL to send them.")
        return
    try:
        mail.check(timeout=10)
    except Exception as error:  # whatever a mail server, a resolver or TLS can say
        yield fail("mail", f"The mail server does not let us in: {redact(str(error))} Look at EMAIL_URL.")
    else:
        yield ok("mail", "The mail server lets us in.")


def outbox() -> Iterator[Finding]:
    """Letters that wait, or could not be sent of late."""
    now = timezone.now()
    letters = OutgoingMail.objects
    waiting = letters.filter(state=OutgoingMail.State.WAITING, created_at__lt=now - _LETTER_WAIT).count()
    failed = letters.filter(state=OutgoingMail.State.FAILED, created_at__gt=now - timedelta(days=1)).count()
    if waiting:
        yield warn("outbox", f"{waiting} letters wait for more than {_minutes(_LETTER_WAIT)}. Look at the mail server.")
    if failed:
        yield warn("outbox", f"{failed} letters of the last day could not be sent. /admin/core/outgoingmail/ says why.")
    if not waiting and not failed:
        yield ok("outbox", "No letter waits.")


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} minutes"

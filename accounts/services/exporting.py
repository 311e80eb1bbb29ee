"""The archive of everything a user owns: asked for, gathered piece by piece by a job, and gone after a week.

Each app says what it keeps (``core.personal``). A piece is some entries of the archive, stored as bytes of their own in
the transaction that moves the checkpoint; the last step puts the pieces together as a stream. So the job needs
little memory, and a worker that takes over goes on after the last piece.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import IO
from typing import Any
from typing import cast
from uuid import UUID

import msgspec
from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import DataExport
from accounts.models import DataExportPart
from accounts.models import User
from accounts.services import audit
from accounts.services import emails
from core import jobs
from core import personal
from core import push
from core.api import throttles
from core.errors import Conflict
from core.files import blobs
from core.files import services as files
from core.files import zips
from core.jobs import looks
from core.jobs.models import Job
from core.models import StoredFile

KIND = "accounts.export_user"
LIFETIME = timedelta(days=7)
"""So long a finished archive can be downloaded."""
FORMAT = "kintsugi-export-1"
"""In the manifest: who reads archives by program learns here that their shape has changed."""

_PIECE_BYTES = 8 * 1024 * 1024
"""A piece ends at the first entry beyond; a lost worker costs at most this much work."""
_ENTRY_BYTES = 2 * 1024 * 1024
"""A table that is larger takes several entries; an entry is in memory whole."""
_PAGE = 200
"""Rows of one SELECT."""
_README = gettext_lazy("""\
Everything this site keeps of you, as of %(moment)s UTC.

Each folder is a part of the site, each file a table, in JSON (large tables in several files). "files" holds what you
uploaded. What others wrote is not here, as it is theirs; conversations can be exported one by one on the site.
manifest.json says how many rows there are of each, and what was left out and why.
""")


# What the owner asks for ----------------------------------------------------------------------------------------------


def newest(actor: User) -> DataExport | None:
    """The newest export of the actor."""
    return DataExport.objects.filter(user=actor).select_related("file").order_by("-pk").first()


def start(actor: User, *, client: ClientInfo = NOBODY) -> DataExport:
    """Begin an export, unless one is running. Raises RateLimited for who asks too often."""
    return begin(actor, actor=actor, client=client)


def job_of(export: DataExport) -> Job | None:
    """The job that makes an export; None once it has failed or was removed."""
    job = Job.objects.filter(kind=KIND, key=str(export.pk)).only("state", "progress").first()
    return None if job is None or job.state in {Job.State.FAILED, Job.State.CANCELLED} else job


def look(export: DataExport | None) -> None:
    """Its owner looks at how far it is."""
    if export is not None and export.finished_at is None and (job := job_of(export)):
        looks.note(job.pk)


def shown(rows: Sequence[Job]) -> dict[UUID, dict[str, Any]]:
    """The export that each of the jobs makes."""
    return {job.pk: {"export_id": job.payload["export"]} for job in rows}


def begin(user: User, *, actor: User | None, client: ClientInfo = NOBODY) -> DataExport:
    """An export of ``user``'s, the running one if there is one; an actor of None is an operator.

    Raises RateLimited, and Conflict for an agent: what it is stands in the archive of its owner.
    """
    if user.kind != User.Kind.HUMAN:
        raise Conflict("An agent has no archive. What is kept of it is in the archive of its owner.")
    if running := _running(user):
        return running
    try:
        with transaction.atomic():
            export = DataExport.objects.create(user=user)
            if actor is not None:  # counted here, where of many at once only one arrives
                throttles.hit("data_export", str(actor.pk))
            jobs.enqueue(KIND, payload={"export": str(export.pk)}, owner=user, key=str(export.pk))
            audit.record("data_export.requested", actor=actor, client=client, on=export, user=str(user.pk))
    except IntegrityError:  # another request was faster
        if known := _running(user):
            return known
        raise Conflict from None
    return export


def _running(user: User) -> DataExport | None:
    """The export that is under way; one whose job has failed is over."""
    export = DataExport.objects.filter(user=user, finished_at=None).first()
    if export is None or job_of(export):
        return export
    with transaction.atomic():
        DataExport.objects.filter(pk=export.pk, finished_at=None).update(finished_at=timezone.now())
        export.parts.all().delete()
    return None


def sweep() -> int:
    """Forget exports whose time is over; their files go by ``core.sweep_files``. Returns how many."""
    over = DataExport.objects.filter(expires_at__lte=timezone.now()) | DataExport.objects.filter(
        expires_at=None, created_at__lte=timezone.now() - LIFETIME * 5
    )
    with transaction.atomic():
        for file_id in over.exclude(file=None).values_list("file_id", flat=True):
            StoredFile.objects.filter(pk=file_id).delete()
        return int(over.delete()[1].get("accounts.DataExport", 0))


# The job --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Place:
    """Where the next piece begins: the checkpoint."""

    holding: int = 0
    after: str | None = None
    """The primary key of the last row that is in a piece."""
    entries: int = 0
    """Of this holding."""
    pieces: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """Rows, by table."""
    total: int = 0
    """Of all rows, as they were counted at the beginning."""

    @property
    def progress(self) -> int:
        """The last tenth is putting the pieces together."""
        return min(90 * sum(self.counts.values()) // max(self.total, 1), 90)


def work(run: jobs.Run) -> None:
    """Gather the pieces that are missing, then put them together. A user or an export that is gone is a normal end."""
    export = DataExport.objects.filter(pk=run.payload["export"]).select_related("user").first()
    if export is None or export.finished_at:
        return
    place = _Place(**run.checkpoint) if run.checkpoint else _Place()
    holdings = [holding for holding in personal.holdings() if holding.exported]
    if not place.pieces:
        place.total = sum(holding.rows(export.user_id).count() for holding in holdings)
    while place.holding < len(holdings):
        run.check()
        _next_piece(run, export, holdings, place)
    _assemble(run, export, place)


def _next_piece(run: jobs.Run, export: DataExport, holdings: list[personal.Holding], place: _Place) -> None:
    """One more piece, and the place behind it, in one transaction."""
    piece = zips.Piece(now=timezone.now())
    try:
        if place.pieces == 0:
            with translation.override(export.user.language):
                piece.write("README.txt", (_README % {"moment": f"{export.created_at:%Y-%m-%d %H:%M}"}).encode())
        while piece.size < _PIECE_BYTES and place.holding < len(holdings):
            run.check()
            if not _next_entry(piece, holdings[place.holding], export.user_id, place):
                place.holding, place.after, place.entries = place.holding + 1, None, 0
        _keep(run, export, piece, place)
    finally:
        piece.close()


def _next_entry(piece: zips.Piece, holding: personal.Holding, user_id: UUID, place: _Place) -> bool:
    """One entry of the rows behind the place, with the bytes behind them; False when there are none."""
    encoded: list[bytes] = []
    size = 0
    name = _name(holding.model)
    for page in _pages(holding, user_id, place.after):
        shown = [msgspec.json.encode(row) for row in holding.as_exported(page)]
        encoded += shown
        size += sum(map(len, shown))
        place.after = str(page[-1].pk)
        for row in page:
            if holding.content is not None:
                _add_content(piece, holding.content(row))
        if size > _ENTRY_BYTES or piece.size > _PIECE_BYTES:
            break
    if not encoded and place.entries:
        return False
    place.entries += 1
    place.counts[name] = place.counts.get(name, 0) + len(encoded)
    piece.write(f"{name}-{place.entries:04}.json", b"[" + b",\n".join(encoded) + b"]\n")
    return bool(encoded)


def _pages(holding: personal.Holding, user_id: UUID, after: str | None) -> Iterator[list[Any]]:
    # Rows with bytes behind them one by one: each may be large.
    size = 1 if holding.content is not None else _PAGE
    while True:
        # What is left out is not read either: a secret whose key was lost must keep nobody from their data.
        rows = holding.rows(user_id).defer(*holding.leave_out).order_by("pk")
        page = list((rows.filter(pk__gt=after) if after else rows)[:size])
        if not page:
            return
        yield page
        after = str(page[-1].pk)


def _add_content(piece: zips.Piece, content: personal.Content) -> None:
    reader = blobs.read(content.key)
    try:
        piece.copy(content.path, reader, size=content.size)
    finally:
        reader.close()


def _keep(run: jobs.Run, export: DataExport, piece: zips.Piece, place: _Place) -> None:
    size = piece.size
    content, entries = piece.finish()
    key = blobs.write(content)
    try:
        with run.fenced():
            blobs.claim(key)
            DataExportPart.objects.create(
                export=export, number=place.pieces, key=key, size=size, entries=[asdict(entry) for entry in entries]
            )
            place.pieces += 1
            run.save(checkpoint=asdict(place), progress=place.progress)
    except BaseException:
        blobs.discard(key)
        raise


def _assemble(run: jobs.Run, export: DataExport, place: _Place) -> None:
    parts = list(export.parts.order_by("number"))
    last = _manifest(export, place)
    try:
        tail, entries = last.finish()
        at, listed = 0, []
        for part in parts:
            listed += [(zips.Entry(**entry), at) for entry in part.entries]
            at += part.size
        size = tail.seek(0, io.SEEK_END)
        tail.seek(0)
        listed += [(entry, at) for entry in entries]
        end = zips.directory(listed, at=at + size)
        openers = [partial(blobs.read, part.key) for part in parts]
        whole = zips.Chain([*openers, partial(io.BytesIO, tail.read() + end)])
    finally:
        last.close()
    now = timezone.now()

    def publish(file: StoredFile) -> None:
        with run.fenced():
            _publish(export, file, now)
            with translation.override(export.user.language):
                title = gettext("Your archive is ready")
            push.notify_done(export.user_id, run.job_id, title=title, url="/app/settings/data")
            run.save(progress=100)

    files.keep_made(
        export.user,
        content=cast("IO[bytes]", whole),
        name=f"kintsugi-{now:%Y-%m-%d}.zip",
        mime_type="application/zip",
        purpose=StoredFile.Purpose.EXPORT,
        expires_at=now + LIFETIME,
        then=publish,
    )


def _publish(export: DataExport, file: StoredFile, now: datetime) -> None:
    """The archive stands, the pieces and the archive before it go."""
    before = DataExport.objects.filter(user_id=export.user_id).exclude(file=None)
    StoredFile.objects.filter(pk__in=list(before.values_list("file_id", flat=True))).delete()
    DataExport.objects.filter(pk=export.pk).update(file=file, finished_at=now, expires_at=file.expires_at)
    export.parts.all().delete()
    audit.record("data_export.finished", on=export, user=str(export.user_id), size=file.size)
    emails.send_export_ready(export.user, expires_at=now + LIFETIME)


def _manifest(export: DataExport, place: _Place) -> zips.Piece:
    left_out = {_name(one.model): one.reason for one in personal.holdings() if not one.exported}
    columns = {_name(one.model): list(one.leave_out) for one in personal.holdings() if one.exported and one.leave_out}
    body = {
        "format": FORMAT,
        "user": export.user_id,
        "requested_at": export.created_at,
        "rows": place.counts,
        "columns_left_out": columns,
        "tables_left_out": left_out,
    }
    piece = zips.Piece(now=timezone.now())
    piece.write("manifest.json", msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    return piece


def _name(model: str) -> str:
    """``messenger.StoryView`` → ``messenger/story-view``."""
    label, _, name = model.partition(".")
    return f"{label}/{re.sub(r'(?<!^)(?=[A-Z])', '-', name).lower()}"

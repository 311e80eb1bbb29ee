"""Documents as files: what is wrong is said before, the same text is set once, and each file has its day."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.errors import InvalidInput
from core.errors import NotFound
from core.files import services as files
from core.models import StoredFile
from documents import blocks
from documents import printing
from documents.bibliography import styles
from documents.checks import lamps
from documents.checks.records import FRESH
from documents.errors import CitationsUnverified
from documents.errors import ExportGone
from documents.errors import NothingWritten
from documents.exports import composing
from documents.exports import manuscript
from documents.exports.manuscript import Manuscript
from documents.files import EXPORT
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentExport
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.services import changing
from documents.services.sourcing import citations
from documents.services.sourcing import examined
from documents.services.sourcing import referring

Format = Literal["docx", "pdf"]
VERSION = 1
"""Of how files are set: another one makes them anew."""
MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_MOST_NAMED = 50
_SHOWN = (DocumentSection.Status.COMPLETED,)


def make(
    actor: User,
    document_id: UUID,
    format: Format,  # noqa: A002 - as in the API
    *,
    layout: dict[str, Any] | None = None,
    names_author: bool = True,
    lists_unverified: bool = True,
) -> DocumentExport:
    """The file, or the one of the same text and layout that is still there. Not in a transaction.

    Whether a source was taken back is asked again first. ``layout`` None: the document's own. Raises NotFound,
    NothingWritten, CitationsUnverified, InvalidInput for a layout, and what :mod:`documents.printing` raises.
    """
    document = changing.own(actor, document_id)
    _look_again(document)
    _refuse_wrong(document)
    page = _layout(layout) if layout else page_of(document)
    made = composed(document, layout=page, author=_name(actor) if names_author else "", unverified=lists_unverified)
    digest = _digest(made, format)
    there = _there(document, format).filter(content_digest=digest).first()
    return there or _printed(actor, document, made, format, digest)


def latest(actor: User, document_id: UUID, format: str) -> StoredFile:  # noqa: A002 - as in the API
    """The newest file of this kind. Raises NotFound, also for another kind, and ExportGone when there is none now."""
    if format not in MIME:
        raise NotFound
    found = _there(changing.own(actor, document_id), format).order_by("-id").first()
    if found is None or found.file is None:
        raise ExportGone
    return found.file


def composed(
    document: Document,
    *,
    layout: manuscript.Layout | None = None,
    author: str = "",
    unverified: bool = False,
    styled: dict[UUID, blocks.Blocks] | None = None,
) -> Manuscript:
    """What is written of a document, with its marks and its list. ``styled`` stands in for what is not stored yet.

    Raises NothingWritten.
    """
    own = styled or {}
    rows = DocumentSection.objects.filter(document=document).order_by("number")
    texts = [(row, own.get(row.pk) or _text_of(row)) for row in rows if row.pk in own or row.status in _SHOWN]
    if not texts:
        raise NothingWritten
    numbers = _numbers([row.level for row, _text in texts])
    sections = [
        manuscript.Section(row.title, text, number, row.level)
        for (row, text), number in zip(texts, numbers, strict=True)
    ]
    cited = {mark.source for _row, text in texts for sentence in blocks.sentences(text) for mark in sentence.marks}
    sources = DocumentSource.objects.filter(document=document, key__in=cited)
    return composing.compose(
        title=document.title,
        language=document.language,
        sections=sections,
        references=[referring.reference(row.key, row.csl) for row in sources],
        style=document.citation_style if document.citation_style in styles.STYLES else styles.usual(document.language),
        author=author,
        unverified=_unverified(document) if unverified else (),
        layout=layout,
        is_demo=document.is_demo,
    )


def page_of(document: Document) -> manuscript.Layout:
    """The document's own layout, by which its pages are counted too."""
    return _layout(document.layout or {"preset": "university"})


def forget() -> int:
    """Remove the rows of files whose time is over; returns how many."""
    return int(DocumentExport.objects.filter(expires_at__lte=timezone.now()).delete()[0])


def _there(document: Document, format: str) -> QuerySet[DocumentExport]:  # noqa: A002 - as in the API
    alive = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    found = DocumentExport.objects.filter(alive, document=document, format=format, file__isnull=False)
    return found.select_related("file")


def _printed(
    actor: User,
    document: Document,
    made: Manuscript,
    format: Format,  # noqa: A002 - as in the API
    digest: str,
) -> DocumentExport:
    until = timezone.now() + settings.DOCUMENTS.retention
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / f"document.{format}"
        report = asdict(printing.export(made, format, path))
        with path.open("rb") as content:
            files.keep_made(
                actor,
                content=content,
                name=f"{document.title[:100]}.{format}",
                mime_type=MIME[format],
                purpose=EXPORT,
                expires_at=until,
                then=lambda kept: _keep(document, kept, format=format, digest=digest, report=report, until=until),
            )
    # Of two that were made at once, both show the later one.
    return _there(document, format).get(content_digest=digest)


def _keep(
    document: Document,
    file: StoredFile,
    *,
    format: Format,  # noqa: A002 - as in the API
    digest: str,
    report: dict[str, Any],
    until: datetime,
) -> None:
    """In the transaction that keeps the file: of two that were made at once the later one is shown."""
    DocumentExport.objects.update_or_create(
        document=document,
        format=format,
        content_digest=digest,
        defaults={"file": file, "report": report, "expires_at": until},
    )


def _look_again(document: Document) -> None:
    """Who was taken back since, is red before a file says otherwise. A catalogue that is silent leaves it grey."""
    cited = DocumentCitation.objects.filter(section__document=document).values("source")
    old = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - FRESH)
    examined.look_at_all(DocumentSource.objects.filter(old, pk__in=cited))


def _refuse_wrong(document: Document) -> None:
    wrong = list(citations.of_document(document, lamp="red").values_list("pk", flat=True))
    if wrong:
        raise CitationsUnverified(citations=[str(pk) for pk in wrong[:_MOST_NAMED]], count=len(wrong))


def _unverified(document: Document) -> list[manuscript.Unverified]:
    """What somebody let stand, and what nobody could ask about."""
    found = []
    for row in citations.of_document(document):
        if row.overridden_at is None and lamps.worst(row.lamps) != "grey":
            continue
        title = str(row.source.csl.get("title", row.source.key))
        found.append(manuscript.Unverified(row.sentence, title, row.override_reason))
    return found


def _layout(stored: dict[str, Any]) -> manuscript.Layout:
    try:
        return manuscript.layout_of(stored)
    except ValueError as error:
        raise InvalidInput(details={"layout": [str(error)]}) from None


def _name(actor: User) -> str:
    return actor.display_name or actor.username or ""


def _text_of(row: DocumentSection) -> blocks.Blocks:
    return blocks.read(row.content if row.styled is None else row.styled)


def _numbers(levels: list[int]) -> list[str]:
    """ "1", "1.1", "2" in the order of reading."""
    counts: list[int] = []
    found = []
    for level in levels:
        counts = counts[:level] + [0] * (level - len(counts))
        counts[level - 1] += 1
        found.append(".".join(str(max(count, 1)) for count in counts))
    return found


def _digest(made: Manuscript, format: Format) -> str:  # noqa: A002 - as in the API
    told = json.dumps([VERSION, format, manuscript.dumped(made)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()

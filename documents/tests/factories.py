"""Rows of documents for tests."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from documents.blocks import sentence_hash
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentExport
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.models import DocumentStep


def make_document(owner: User, **fields: Any) -> Document:
    """A draft of ``owner``, unless ``fields`` say otherwise."""
    wanted: dict[str, Any] = {"title": "Bees in cities", "topic": "How bees live in cities", "target_pages": 2}
    return Document.objects.create(user=owner, **(wanted | fields))


def make_section(document: Document, number: int = 1, **fields: Any) -> DocumentSection:
    """An entry of the outline."""
    wanted: dict[str, Any] = {"title": f"Section {number}", "goal": "It shows something.", "target_words": 300}
    return DocumentSection.objects.create(document=document, number=number, **(wanted | fields))


def make_outline(document: Document, *titles: str) -> list[DocumentSection]:
    """Sections of these titles."""
    Document.objects.filter(pk=document.pk).update(outline_version=1, status="outline_generated")
    document.refresh_from_db()
    return [make_section(document, number, title=title) for number, title in enumerate(titles, 1)]


def make_source(document: Document, number: int = 1, **fields: Any) -> DocumentSource:
    """A source under the key of its number."""
    wanted: dict[str, Any] = {"key": f"S{number}", "csl": {"title": f"Work {number}"}, "fingerprint": f"{number:064}"}
    return DocumentSource.objects.create(document=document, **(wanted | fields))


def make_citation(section: DocumentSection, source: DocumentSource, **fields: Any) -> DocumentCitation:
    """A citation whose meaning nobody has judged."""
    support = {
        "lamp": "amber",
        "reasons": ["not_judged"],
        "method": "computed",
        "evidence": "",
        "detail": "",
        "at": None,
    }
    wanted: dict[str, Any] = {
        "number": 1, "sentence": "Bees sleep.", "sentence_hash": sentence_hash("Bees sleep."), "claim": "Bees sleep",
        "quote": "bees sleep", "lamps": {"support": support},
    }  # fmt: skip
    return DocumentCitation.objects.create(section=section, source=source, **(wanted | fields))


def make_all(*people: tuple[User, str]) -> None:
    """For each a document with all that belongs to one; their mark stands in whatever is theirs."""
    for user, mark in people:
        _make_one(user, mark)


def _make_one(user: User, mark: str) -> None:
    document = make_document(
        user, title=f"{mark}-title", topic=f"{mark}-topic", requirements_text=f"{mark}-requirements",
        additional_requirements=f"{mark}-wishes", client_id=f"{mark}-document",
    )  # fmt: skip
    section = make_section(
        document, title=f"{mark}-section", goal=f"{mark}-goal", summary=f"{mark}-summary",
        content=[{"kind": "paragraph", "s": [{"t": f"{mark}-sentence"}]}],
    )  # fmt: skip
    DocumentRun.objects.create(document=document, user=user, kind="full", status="completed", client_id=f"{mark}-run")
    DocumentStep.objects.create(
        document=document, section=section, kind="write:1", input_hash="5" * 64, state="done",
        output={"answer": f"{mark}-answer"},
    )  # fmt: skip
    source = make_source(document, csl={"title": f"{mark}-work"}, abstract=f"{mark}-abstract", fingerprint="6" * 64)
    DocumentCitation.objects.create(
        section=section, number=1, source=source, sentence=f"{mark}-sentence", sentence_hash="7" * 64,
        claim=f"{mark}-claim", quote=f"{mark}-quote", override_reason=f"{mark}-reason",
    )  # fmt: skip
    DocumentExport.objects.create(document=document, format="pdf", content_digest="8" * 64, report={"by": f"{mark}-r"})

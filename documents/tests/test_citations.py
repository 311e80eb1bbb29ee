"""Citations as rows: their lamps follow what is found out, and the sentences that they stand in."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from documents import blocks
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.services.running import checking
from documents.services.sourcing import citations
from documents.services.sourcing import rows
from documents.tests.factories import make_document
from documents.tests.factories import make_section
from documents.tests.factories import make_source
from documents.writing import contract
from documents.writing.sources import Sources

pytestmark = pytest.mark.django_db

_GREEN: dict[str, Any] = {"lamp": "green", "reasons": []}
_SOIL = "Dry soils lost carbon in four years. Rain did not bring it back at all."


@pytest.fixture
def source(alice: User) -> DocumentSource:
    return make_source(
        make_document(alice), passages=[rows.passage(_SOIL)], lamps={"exists": _GREEN, "retraction": _GREEN}
    )


@pytest.fixture
def section(source: DocumentSource) -> DocumentSection:
    """Three sentences: one that holds, one whose figure is wrong, one that holds; and the citations of them."""
    made = make_section(source.document)
    said = [
        ("Dry soils lose carbon.", "Dry soils lost carbon in four years.", "Dry soils lost carbon."),
        ("It took nine years.", "Dry soils lost carbon in four years.", "Dry soils lost carbon in 9 years."),
        ("Rain is no help.", "Rain did not bring it back at all.", "Rain did not bring carbon back."),
    ]
    text = [{"t": t, "c": [{"s": "S1", "quote": quote, "claim": claim}]} for t, quote, claim in said]
    written = contract.read([{"kind": "paragraph", "s": text}], Sources.of([rows.for_model(source, "", most=3)]))
    made.content = blocks.stored(written.blocks)
    made.save()
    checking.keep(made, written.citations, written.blocks)
    return made


def _rows(section: DocumentSection) -> list[DocumentCitation]:
    return list(DocumentCitation.objects.filter(section=section).order_by("number"))


def _support(section: DocumentSection) -> list[tuple[str, str]]:
    return [(row.lamps["support"]["lamp"], *row.lamps["support"]["reasons"]) for row in _rows(section)]


def test_a_person_makes_green_what_is_not_red(section: DocumentSection) -> None:
    one, red, _ = _rows(section)
    assert citations.confirm(one, "Olena Petrenko")
    assert not citations.confirm(red, "Olena Petrenko")
    assert _support(section)[:2] == [("green", "read"), ("red", "figure")]
    found = _rows(section)[0]
    assert (found.lamps["support"]["detail"], found.lamps["support"]["at"]) == (
        "Olena Petrenko",
        found.confirmed_at and found.confirmed_at.isoformat(),
    )


def test_an_edit_turns_the_lamp_of_its_sentence_grey(section: DocumentSection) -> None:
    citations.confirm(_rows(section)[0], "Olena Petrenko")
    first, second, _ = section.content[0]["s"]
    edited = [{"kind": "paragraph", "s": [first | {"t": "Dry  soils lose carbon."}, second | {"t": "Nine years."}]}]
    citations.override(_rows(section)[1], "It is a slip.")
    citations.follow(section, blocks.read(edited))
    assert _support(section) == [("green", "read"), ("grey", "edited")]
    changed = _rows(section)[1]
    assert (changed.sentence, changed.override_reason, changed.overridden_at) == ("Nine years.", "", None)


def test_what_is_not_green_is_found_until_it_is_overridden(section: DocumentSection) -> None:
    document: Document = section.document
    assert [row.number for row in citations.of_document(document)] == [1, 2, 3]
    (red,) = citations.of_document(document, lamp="red")
    citations.override(red, "The archive says nine.")
    assert list(citations.of_document(document, lamp="red")) == []


def test_the_lamps_of_a_record_are_those_of_its_citations(section: DocumentSection, source: DocumentSource) -> None:
    source.lamps = {"retraction": {"lamp": "red", "reasons": ["taken_back"]}}
    assert citations.refresh(source) == 3
    assert all(row.lamps["retraction"]["lamp"] == "red" for row in _rows(section))
    assert _support(section)[1] == ("red", "figure")

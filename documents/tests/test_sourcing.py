"""Sources of a document: what catalogues say of them, what their owner adds, and what becomes of them later."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from conftest import make_user
from core.errors import NotFound
from core.files import services as files
from core.http import pace
from core.models import StreamEvent
from core.tests.samples import pdf
from documents import errors
from documents.files import SOURCE
from documents.models import Document
from documents.models import DocumentSource
from documents.models import ScholarlyWork
from documents.services.sourcing import adding
from documents.services.sourcing import examined
from documents.services.sourcing import keeping
from documents.services.sourcing import rows
from documents.sources import catalogues
from documents.sources import demo
from documents.sources.catalogues import Catalogues
from documents.sources.crossref import Crossref
from documents.sources.datacite import DataCite
from documents.sources.openalex import OpenAlex
from documents.sources.resolving import Resolver
from documents.sources.works import Author
from documents.sources.works import Work
from documents.tests.catalogue_fake import FakeCatalogues
from documents.tests.factories import make_document

pytestmark = pytest.mark.django_db

_DOI = "10.5555/soil"
_CROSSREF: dict[str, Any] = {
    "DOI": _DOI,
    "title": ["Soil moisture and carbon"],
    "author": [{"given": "Ana", "family": "Müller"}],
    "issued": {"date-parts": [[2020]]},
    "container-title": ["Journal of Tests"],
    "abstract": "Dry soils lose carbon.",
}
_OPENALEX = {
    "doi": f"https://doi.org/{_DOI}",
    "title": "Soil moisture and carbon",
    "authorships": [{"author": {"display_name": "Ana Müller"}}],
    "publication_year": 2020,
    "is_retracted": False,
}
_DATACITE = {
    "data": {
        "attributes": {
            "doi": _DOI,
            "titles": [{"title": "Soil moisture and carbon"}],
            "creators": [{"name": "Müller, Ana"}],
            "publicationYear": 2020,
            "descriptions": [{"description": "Dry soils.", "descriptionType": "Abstract"}],
        }
    }
}
_CSL = {
    "type": "book",
    "title": "Soil moisture and carbon",
    "author": [{"family": "Müller", "given": "Ana"}],
    "issued": {"date-parts": [["2020"]]},
}


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCatalogues]:
    cache.clear()
    monkeypatch.setattr(pace, "take", lambda *_asked, **_rate: 0.0)
    made = FakeCatalogues()
    made.answers = {
        f"/works/{_DOI}": (200, {}, {"message": _CROSSREF}),
        f"/works/doi:{_DOI}": (200, {}, _OPENALEX),
        "/works": lambda query: (
            (200, {}, {"results": []}) if "search" in query else (200, {}, {"message": {"items": []}})
        ),
        f"/works/{_DOI}-none": (404, {}, {}),
    }
    there: Any = {"base_url": made.url, "trusted": True}
    both = (Crossref(mailto="", **there), OpenAlex(key="", **there))
    real = Catalogues(both, both, (DataCite(**there),), both, Resolver(**there))
    monkeypatch.setattr(catalogues, "there_are", lambda: real)
    yield made
    made.close()


@pytest.fixture
def document(alice: User) -> Document:
    return make_document(alice)


def _lamps(row: DocumentSource) -> dict[str, str]:
    return {name: lamp["lamp"] for name, lamp in row.lamps.items()}


def _silent(web: FakeCatalogues) -> None:
    web.answers = {"/": (500, {}, {})}


def _forget() -> None:
    ScholarlyWork.objects.all().delete()


class TestByDoi:
    def test_it_is_what_catalogues_have_together(self, web: FakeCatalogues, document: Document, alice: User) -> None:
        row = adding.by_doi(alice, document.pk, f"https://doi.org/{_DOI.upper()}")
        assert (row.key, row.doi, row.provider, row.is_user_added) == ("S1", _DOI, "crossref", True)
        assert (row.csl["title"], row.csl["author"]) == (_CROSSREF["title"][0], [{"family": "Müller", "given": "Ana"}])
        assert row.abstract == "Dry soils lose carbon."
        assert _lamps(row) == {"exists": "green", "metadata": "green", "retraction": "green"}
        assert StreamEvent.objects.filter(type="document.updated").exists()
        # The same one again is the same row.
        assert adding.by_doi(alice, document.pk, _DOI).pk == row.pk

    def test_datacite_is_asked_where_the_others_have_nothing(
        self, web: FakeCatalogues, document: Document, alice: User
    ) -> None:
        web.answers = {f"/dois/{_DOI}": (200, {}, _DATACITE), f"/api/handles/{_DOI}": (200, {}, {"responseCode": 1})}
        row = adding.by_doi(alice, document.pk, _DOI)
        assert (row.provider, row.csl["author"]) == ("datacite", [{"family": "Müller", "given": "Ana"}])
        assert _lamps(row) == {"exists": "green", "metadata": "green", "retraction": "grey"}

    def test_what_nobody_has_is_not_added_and_silence_is_no_answer(
        self, web: FakeCatalogues, document: Document, alice: User
    ) -> None:
        with pytest.raises(errors.DoiInvalid):
            adding.by_doi(alice, document.pk, "soil")
        web.answers = {}
        with pytest.raises(errors.SourceUnknown):
            adding.by_doi(alice, document.pk, _DOI)
        _silent(web)
        with pytest.raises(errors.SourcesSilent):
            adding.by_doi(alice, document.pk, _DOI)
        assert not keeping.listed(document).exists()

    def test_a_stranger_adds_nothing(self, web: FakeCatalogues, document: Document) -> None:
        charlie = make_user("charlie-2")
        with pytest.raises(NotFound):
            adding.by_doi(charlie, document.pk, _DOI)
        with pytest.raises(NotFound):
            adding.by_csl(charlie, document.pk, _CSL)
        with pytest.raises(NotFound):
            adding.by_file(charlie, document.pk, uuid4(), _CSL)
        with pytest.raises(NotFound):
            adding.exclude(charlie, document.pk, uuid4(), is_excluded=True)
        assert web.asked == []

    def test_a_demo_source_says_what_it_is(self, web: FakeCatalogues, document: Document, alice: User) -> None:
        row = adding.by_doi(alice, document.pk, demo.works()[0].doi)
        assert row.is_demo
        assert {reason for lamp in row.lamps.values() for reason in lamp["reasons"]} == {"demo"}
        assert set(_lamps(row).values()) == {"grey"}
        assert web.asked == []


class TestByDescription:
    def test_what_is_described_is_looked_for_by_its_title(
        self, web: FakeCatalogues, document: Document, alice: User
    ) -> None:
        web.answers["/works"] = lambda query: (
            (200, {}, {"results": [_OPENALEX]}) if "search" in query else (200, {}, {"message": {"items": [_CROSSREF]}})
        )
        row = adding.by_csl(alice, document.pk, _CSL | {"note": "mine", "publisher": "<b>Press</b>"})
        assert row.csl == {
            "type": "book",
            "title": "Soil moisture and carbon",
            "publisher": "Press",
            "author": [{"family": "Müller", "given": "Ana"}],
            "issued": {"date-parts": [[2020]]},
        }
        # Without a DOI nobody can be asked what became of it.
        assert _lamps(row) == {"exists": "green", "metadata": "green", "retraction": "grey"}

    def test_the_same_title_of_another_author_is_another_work(
        self, web: FakeCatalogues, document: Document, alice: User
    ) -> None:
        web.answers["/works"] = lambda query: (
            (200, {}, {"results": []}) if "search" in query else (200, {}, {"message": {"items": [_CROSSREF]}})
        )
        row = adding.by_csl(alice, document.pk, _CSL | {"author": [{"family": "Petrenko"}]})
        assert _lamps(row) == {"exists": "red", "metadata": "red", "retraction": "grey"}
        assert row.lamps["metadata"]["reasons"] == ["author"]

    @pytest.mark.parametrize("csl", [{}, {"title": ""}, {"title": 7}, {"title": "<br>"}, {"author": []}])
    def test_without_a_title_it_is_no_source(self, document: Document, alice: User, csl: Any) -> None:
        with pytest.raises(errors.SourceInvalid):
            adding.by_csl(alice, document.pk, csl)

    @pytest.mark.parametrize(
        "odd",
        [{"author": "Müller"}, {"author": [None, {"family": 7}]}, {"issued": "2020"}, {"issued": {"date-parts": [[]]}},
         {"issued": {"date-parts": [[True]]}}, {"DOI": ["x"]}, {"type": {}}],
    )  # fmt: skip
    def test_odd_fields_are_left_out(self, odd: Any) -> None:
        assert set(rows.clean_csl({"title": "Soil"} | odd)) <= {"type", "title", "author"}


class TestByFile:
    def _file(self, owner: User, text: str) -> Any:
        return files.store(owner, upload=io.BytesIO(pdf(text)), name="soil.pdf", purpose=SOURCE)

    @pytest.mark.django_db(transaction=True)
    def test_the_words_of_a_pdf_may_be_quoted(
        self, web: FakeCatalogues, alice: User, settings: Any, tmp_path: Any
    ) -> None:
        settings.MEDIA_ROOT = str(tmp_path)
        document = make_document(alice)
        file = self._file(alice, "Dry soils lost carbon in four years.")
        known = adding.by_doi(alice, document.pk, _DOI)
        row = adding.by_file(alice, document.pk, file.pk, _CSL)
        assert (row.pk, row.abstract) == (known.pk, "Dry soils lose carbon.")
        source = rows.for_model(row, "Carbon", most=5)
        assert [passage.text for passage in source.passages] == [
            "Dry soils lose carbon.",
            "Dry soils lost carbon in four years.",
        ]
        with pytest.raises(NotFound):
            adding.by_file(make_user("olena"), document.pk, file.pk, _CSL)
        with pytest.raises(NotFound):
            adding.by_file(alice, document.pk, uuid4(), _CSL)


class TestKeeping:
    def _kept(self, document: Document, *names: str) -> list[DocumentSource | None]:
        works = [Work("crossref", f"Work {name}", (Author("Muster"),), 2020, doi=f"10.5555/{name}") for name in names]
        return [keeping.keep(document, rows.new_row(work, rows.csl_of(work))) for work in works]

    def test_a_work_has_one_key_and_a_key_one_work(self, document: Document) -> None:
        first = self._kept(document, "a", "b", "a")
        assert [row and row.key for row in first] == ["S1", "S2", "S1"]
        keeping.listed(document).filter(key="S1").delete()
        assert [row and row.key for row in self._kept(document, "b", "c")] == ["S2", "S3"]

    def test_no_more_than_there_are_keys(self, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keeping, "MOST", 1)
        assert [row and row.doi for row in self._kept(document, "a", "b", "a")] == ["10.5555/a", None, "10.5555/a"]

    def test_what_is_excluded_or_taken_back_is_not_cited(self, document: Document, alice: User) -> None:
        self._kept(document, "a", "b", "c")
        first = keeping.listed(document).get(key="S1").pk
        adding.exclude(alice, document.pk, first, is_excluded=True)
        DocumentSource.objects.filter(key="S2").update(retraction="withdrawal")
        assert [row.key for row in keeping.citable(document)] == ["S3"]
        adding.exclude(alice, document.pk, first, is_excluded=False)
        assert [row.key for row in keeping.citable(document)] == ["S1", "S3"]
        with pytest.raises(NotFound):
            adding.exclude(alice, document.pk, uuid4(), is_excluded=True)


class TestAskedAgain:
    def _added(self, document: Document) -> DocumentSource:
        row = adding.by_doi(document.user, document.pk, _DOI)
        _forget()
        return row

    def _old(self, row: DocumentSource, days: int = 31) -> None:
        DocumentSource.objects.filter(pk=row.pk).update(checked_at=timezone.now() - timedelta(days=days))

    def test_only_what_is_due(self, web: FakeCatalogues, document: Document) -> None:
        row = self._added(document)
        self._old(row, days=29)
        assert examined.due() == []
        self._old(row)
        assert examined.due() == [row.pk]
        Document.objects.update(archived_at=timezone.now())
        assert examined.due() == []

    def test_a_work_that_was_taken_back_is_told_once(self, web: FakeCatalogues, document: Document) -> None:
        row = self._added(document)
        web.answers[f"/works/{_DOI}"] = (200, {}, {"message": _CROSSREF | {"updated-by": [{"type": "retraction"}]}})
        told = StreamEvent.objects.filter(type="document.updated").count()
        self._old(row)
        assert examined.ask_again() == [row.pk]
        row.refresh_from_db()
        assert (row.retraction, _lamps(row)["retraction"]) == ("retraction", "red")
        assert StreamEvent.objects.filter(type="document.updated").count() == told + 1
        self._old(row)
        assert examined.ask_again() == []

    def test_nobodys_silence_makes_it_good_again(self, web: FakeCatalogues, document: Document) -> None:
        row = self._added(document)
        DocumentSource.objects.filter(pk=row.pk).update(retraction="retraction")
        _silent(web)
        self._old(row)
        assert examined.ask_again() == []
        row.refresh_from_db()
        assert row.retraction == "retraction"
        assert _lamps(row) == {"exists": "grey", "metadata": "grey", "retraction": "red"}
        assert examined.due() == []

    def test_a_correction_is_no_retraction(self, web: FakeCatalogues, document: Document) -> None:
        row = self._added(document)
        web.answers[f"/works/{_DOI}"] = (200, {}, {"message": _CROSSREF | {"updated-by": [{"type": "erratum"}]}})
        assert examined.look_at(row) is False
        assert (row.retraction, _lamps(row)["retraction"]) == ("correction", "green")

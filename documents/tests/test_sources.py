"""Three catalogues, asked over real HTTP: what they say is read, what they do not say is not made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache

from core.http import pace
from documents.sources.base import BudgetSpent
from documents.sources.base import KeyRejected
from documents.sources.base import Provider
from documents.sources.base import Unanswered
from documents.sources.base import bare_doi
from documents.sources.crossref import Crossref
from documents.sources.openalex import OpenAlex
from documents.sources.openalex import abstract_of
from documents.sources.semantic_scholar import SemanticScholar
from documents.sources.works import Author
from documents.sources.works import Notice
from documents.tests.catalogue_fake import FakeCatalogues

_CROSSREF = {
    "DOI": "10.5555/Soil,1",
    "title": ["Soil moisture and carbon"],
    "author": [{"given": "Ana", "family": "Müller"}, {"name": "A Consortium"}, {"given": "nobody"}],
    "issued": {"date-parts": [[2020, 3]]},
    "container-title": ["Journal of Tests"],
    "abstract": "<jats:title>Abstract</jats:title><jats:p>Dry soils lose carbon.</jats:p>",
    "is-referenced-by-count": 7,
    "language": "en",
}
_OPENALEX = {
    "doi": "https://doi.org/10.5555/soil,1",
    "title": "Soil moisture and carbon",
    "authorships": [{"author": {"display_name": "Ana Müller"}}, {"author": None}],
    "publication_year": 2020,
    "primary_location": {"source": {"display_name": "Journal of Tests"}},
    "abstract_inverted_index": {"soils": [1], "Dry": [0], "carbon.": [3], "lose": [2]},
    "cited_by_count": 9,
    "is_retracted": False,
}
_SCHOLAR = {
    "title": "Soil moisture and carbon",
    "authors": [{"name": "Ana Müller"}],
    "year": 2020,
    "venue": "Journal of Tests",
    "abstract": "Dry soils lose carbon.",
    "externalIds": {"DOI": "10.5555/soil,1"},
    "citationCount": 8,
}
_DOI = "10.5555/soil,1"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCatalogues]:
    cache.clear()
    monkeypatch.setattr(pace, "take", lambda *_asked, **_rate: 0.0)
    made = FakeCatalogues()
    made.answers = {
        f"/works/{_DOI}": (200, {}, {"message": _CROSSREF}),
        "/works": lambda query: (
            (200, {}, {"results": [_OPENALEX, {"title": None}]})
            if "search" in query
            else (200, {}, {"message": {"items": [_CROSSREF, {"title": []}] if "rows" in query else []}})
        ),
        f"/works/doi:{_DOI}": (200, {}, _OPENALEX),
        "/paper/search": (200, {}, {"total": 1, "data": [_SCHOLAR, "no record"]}),
        f"/paper/DOI:{_DOI}": (200, {}, _SCHOLAR),
        "/works/doi:10.5555/none": (404, {}, {}),
        "/works/10.5555/none": (404, {}, {}),
    }
    yield made
    made.close()


def _all(web: FakeCatalogues) -> list[Provider]:
    return [
        Crossref(mailto="staff@example.org", base_url=web.url, trusted=True),
        OpenAlex(key="secret-1", base_url=web.url, trusted=True),
        SemanticScholar(key="secret-2", base_url=web.url, trusted=True),
    ]


def test_a_work_is_read_alike_from_each_of_them(web: FakeCatalogues) -> None:
    for provider in _all(web):
        (found,) = provider.search("soil-moisture and carbon", most=5)
        assert found == provider.look_up(_DOI)
        assert (found.provider, found.title, found.year, found.doi) == (provider.name, _SCHOLAR["title"], 2020, _DOI)
        assert found.authors[0] == Author("Müller", "Ana")
        assert (found.container, found.abstract) == ("Journal of Tests", "Dry soils lose carbon.")
        assert provider.look_up("10.5555/none") is None


def test_keys_and_addresses_are_told_where_they_belong(web: FakeCatalogues) -> None:
    for provider in _all(web):
        provider.search("soil", most=5)
    (_, first, agent), (_, second, _), (_, third, key) = web.asked
    assert first["mailto"] == "staff@example.org"
    assert "staff@example.org" in agent["user-agent"]
    assert second["api_key"] == "secret-1"
    assert key["x-api-key"] == "secret-2"
    assert "secret" not in str(first) + str(third)


@pytest.mark.parametrize(
    ("answer", "error", "seconds"),
    [
        ((429, {"Retry-After": "12"}, {}), Unanswered, 12),
        ((500, {}, {}), Unanswered, 30),
        ((403, {}, {}), KeyRejected, 30),
        ((200, {}, b"<html>maintenance</html>"), Unanswered, 30),
        ((200, {}, [1, 2]), Unanswered, 30),
    ],
)
def test_who_gives_no_answer_says_nothing(web: FakeCatalogues, answer: Any, error: Any, seconds: float) -> None:
    web.answers = {"/": answer}
    for provider in _all(web):
        with pytest.raises(error) as raised:
            provider.look_up(_DOI)
        assert raised.value.retry_after == seconds


def test_before_its_turn_nobody_is_asked(web: FakeCatalogues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "take", lambda *_asked, **_rate: 2.5)
    for provider in _all(web):
        with pytest.raises(Unanswered) as raised:
            provider.search("soil", most=5)
        assert raised.value.retry_after == 2.5
    assert web.asked == []


def test_five_percent_of_the_budget_are_left_for_look_ups(web: FakeCatalogues) -> None:
    provider = OpenAlex(key="k", base_url=web.url, trusted=True)

    def left(figure: int) -> dict[str, str]:
        return {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": str(figure), "x-ratelimit-reset": "3600"}

    web.answers["/works"] = (200, left(51), {"results": [_OPENALEX]})
    assert provider.search("soil", most=5)
    web.answers["/works"] = (200, left(50), {"results": [_OPENALEX]})
    assert provider.search("soil", most=5)
    with pytest.raises(BudgetSpent) as raised:
        OpenAlex(key="k", base_url=web.url, trusted=True).search("soil", most=5)
    assert 3_500 < raised.value.retry_after <= 3_600
    assert provider.look_up(_DOI) is not None


class TestNotices:
    _TODAY = datetime.now(UTC).date()

    def _asked(self, web: FakeCatalogues) -> dict[str, Any]:
        providers = (
            Crossref(mailto="", base_url=web.url, trusted=True),
            OpenAlex(key="", base_url=web.url, trusted=True),
        )
        return {one.provider: one for provider in providers for one in provider.notices(_DOI)}

    def test_three_questions_and_no_notice(self, web: FakeCatalogues) -> None:
        asked = self._asked(web)
        assert sorted(asked) == ["crossref:notices", "crossref:record", "openalex"]
        assert all(one.is_answered and not one.notices for one in asked.values())
        # The comma of this DOI would begin another filter.
        assert any(query.get("filter") == "updates:10.5555/soil\\,1" for _, query, _ in web.asked)

    def test_each_of_them_may_be_the_only_one_who_knows(self, web: FakeCatalogues) -> None:
        web.answers[f"/works/{_DOI}"] = (
            200,
            {},
            {"message": _CROSSREF | {"updated-by": [{"type": "retraction"}, {"type": "new_version"}]}},
        )
        notice = {"update-to": [{"DOI": "10.5555/SOIL,1", "type": "expression_of_concern"}]}
        other = {"update-to": [{"DOI": "10.5555/soil", "type": "removal"}]}
        web.answers["/works"] = (200, {}, {"message": {"items": [notice, other]}})
        web.answers[f"/works/doi:{_DOI}"] = (200, {}, _OPENALEX | {"is_retracted": True})
        asked = self._asked(web)
        assert asked["crossref:record"].notices == {Notice.RETRACTION}
        assert asked["crossref:notices"].notices == {Notice.CONCERN}
        assert asked["openalex"].notices == {Notice.RETRACTION}

    def test_no_answer_is_not_no_notice(self, web: FakeCatalogues) -> None:
        web.answers = {"/": (500, {}, {})}
        assert not any(one.is_answered for one in self._asked(web).values())
        web.answers = {}
        assert not any(one.is_answered for one in self._asked(web).values())


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (None, ""),
        ([], ""),
        ({"a": [0], "b": [2_000_000_000], "c": ["1"], "d": [-1], "e": 3, "f": [True]}, "a"),
    ],
)
def test_an_index_of_nonsense_takes_no_memory(index: Any, text: str) -> None:
    assert abstract_of(index) == text


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("https://doi.org/10.5555/A", "10.5555/a"),
        ("doi:10.5555/a", "10.5555/a"),
        (" 10.5555/a ", "10.5555/a"),
        ("A-12", ""),
        (None, ""),
    ],
)
def test_a_doi_in_each_of_its_writings(written: Any, doi: str) -> None:
    assert bare_doi(written) == doi

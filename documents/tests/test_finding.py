"""Finding: at the pace of the slowest catalogue for all who ask, within the budgets, and no silence told as nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from core.http import pace
from documents.sources import base
from documents.sources import demo
from documents.sources import memory
from documents.sources.base import Provider
from documents.sources.crossref import Crossref
from documents.sources.finding import Search
from documents.sources.finding import Trouble
from documents.sources.finding import find
from documents.sources.merging import merged
from documents.sources.openalex import OpenAlex
from documents.sources.semantic_scholar import SemanticScholar
from documents.sources.works import Author
from documents.sources.works import Work
from documents.tests.catalogue_fake import FakeCatalogues

pytestmark = pytest.mark.django_db


class Clock:
    """Time that passes when everybody who asks is waiting for it, and not before: what is on its way arrives first."""

    def __init__(self, askers: int) -> None:
        self.now = 1_000.0
        self._awake = askers
        self._alarms: list[float] = []
        self._turned = threading.Condition()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._turned:
            alarm = self.now + seconds
            self._alarms.append(alarm)
            self._rest()
            self._turned.wait_for(lambda: self.now >= alarm, timeout=30)
            self._alarms.remove(alarm)
            self._awake += 1

    def leave(self) -> None:
        """Who asked is done, and nobody waits for them."""
        with self._turned:
            self._rest()

    def _rest(self) -> None:
        self._awake -= 1
        if not self._awake and self._alarms:
            self.now = min(self._alarms)
            self._turned.notify_all()


@pytest.fixture
def web() -> Iterator[FakeCatalogues]:
    cache.clear()
    made = FakeCatalogues()
    yield made
    made.close()


@pytest.fixture
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "take", lambda *_asked, **_rate: 0.0)


def _crossref(web: FakeCatalogues) -> Provider:
    return Crossref(mailto="", base_url=f"{web.url}/crossref", trusted=True)


def _openalex(web: FakeCatalogues) -> Provider:
    return OpenAlex(key="k", base_url=f"{web.url}/openalex", trusted=True)


def _scholar(web: FakeCatalogues) -> Provider:
    return SemanticScholar(key="k", base_url=f"{web.url}/scholar", trusted=True)


def _item(number: int, abstract: str = "Dry soils lose carbon.") -> dict[str, Any]:
    return {"DOI": f"10.5555/{number}", "title": [f"Carbon in soil {number}"], "abstract": abstract}


def _items(count: int) -> tuple[int, dict[str, str], Any]:
    return 200, {}, {"message": {"items": [_item(number) for number in range(count)]}}


def _paper(number: int) -> dict[str, Any]:
    return {
        "title": f"Soil and carbon {number}",
        "abstract": "Carbon of soils.",
        "externalIds": {"DOI": f"10.1/{number}"},
    }


def test_four_who_ask_at_once_are_one_to_semantic_scholar(
    web: FakeCatalogues, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REDIS_URL = ""
    # Threads of a test see no tables, and what is remembered is not asked.
    monkeypatch.setattr(memory, "searches", lambda *_asked: {})
    monkeypatch.setattr(memory, "keep_search", lambda *_found: None)
    clock = Clock(4)
    for module in (pace, base):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep))
    moments: list[float] = []

    def answer(_query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        is_early = bool(moments) and clock.now - moments[-1] < 1
        moments.append(clock.now)
        return (429, {}, {}) if is_early else (200, {}, {"data": [_paper(1)]})

    web.answers = {"/scholar/paper/search": answer}

    def ask(_number: int) -> list[Trouble | None]:
        try:
            found = find(["carbon", "soil", "dry soil"], "Carbon of soils", [_scholar(web)])
            return [search.trouble for search in found.searches]
        finally:
            clock.leave()

    with ThreadPoolExecutor(4) as pool:
        troubles = list(pool.map(ask, range(4)))
    assert len(moments) == 12
    assert min(later - sooner for sooner, later in pairwise(moments)) >= 1
    assert troubles == [[None] * 3] * 4


def test_a_turn_that_is_too_far_away_is_told(web: FakeCatalogues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "take", lambda *_asked, **_rate: 50.0)
    (search,) = find(["carbon"], "Carbon", [_scholar(web)]).searches
    assert search.trouble is Trouble.BUSY
    assert search.again_at is not None
    assert 45 < (search.again_at - datetime.now(UTC)).total_seconds() <= 50
    assert web.asked == []


def test_who_waits_for_a_turn_can_be_called_away(web: FakeCatalogues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "take", lambda *_asked, **_rate: 5.0)

    def check() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find(["carbon"], "Carbon", [_scholar(web)], check=check)


@pytest.mark.usefixtures("_no_pace")
def test_openalex_is_left_alone_at_five_percent_until_its_day_ends(web: FakeCatalogues) -> None:
    left = iter(range(53, 0, -1))

    def answer(_query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        headers = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": str(next(left)), "x-ratelimit-reset": "7200"}
        return 200, headers, {"results": [{"title": "Carbon"}]}

    web.answers = {"/openalex/works": answer}
    found = [find([f"carbon {number}", f"soil {number}"], "Carbon", [_openalex(web)]) for number in range(4)]
    assert len(web.asked) == 4  # 53, 52, 51, 50
    assert [len(one.unanswered) for one in found] == [0, 0, 2, 2]
    silent = found[2].unanswered[0]
    assert (silent.provider, silent.query, silent.trouble) == ("openalex", "carbon 2", Trouble.BUDGET)
    assert silent.again_at is not None
    assert 7_100 < (silent.again_at - datetime.now(UTC)).total_seconds() <= 7_200


@pytest.mark.usefixtures("_no_pace")
def test_the_scarce_one_is_asked_last_and_only_while_something_is_missing(web: FakeCatalogues) -> None:
    web.answers = {"/crossref/works": _items(5), "/scholar/paper/search": (200, {}, {"data": [_paper(1)]})}
    providers = [_scholar(web), _crossref(web)]
    enough = find(["carbon"], "Carbon of dry soils", providers, most=5)
    assert [one.provider for one in enough.searches] == ["crossref"]
    web.answers["/crossref/works"] = _items(3)
    more = find(["soil"], "Carbon of dry soils", providers, most=5)
    assert more.searches == (Search("crossref", "soil", 3), Search("semantic_scholar", "soil", 1))
    assert {work.doi for work in more.works} == {"10.5555/0", "10.5555/1", "10.5555/2", "10.1/1"}
    assert more.unanswered == ()


@pytest.mark.usefixtures("_no_pace")
def test_what_one_does_not_say_another_may_and_the_silence_is_told(web: FakeCatalogues) -> None:
    web.answers = {
        "/crossref/works": _items(1),
        "/openalex/works": (403, {}, {}),
        "/scholar/paper/search": (429, {"Retry-After": "7"}, {}),
    }
    found = find(["carbon", " carbon ", "soil", ""], "Carbon", [_crossref(web), _openalex(web), _scholar(web)])
    assert len(found.works) == 1
    assert [(one.provider, one.query, one.trouble) for one in found.searches] == [
        ("crossref", "carbon", None),
        ("crossref", "soil", None),
        ("openalex", "carbon", Trouble.KEY),
        ("openalex", "soil", Trouble.KEY),
        ("semantic_scholar", "carbon", Trouble.AWAY),
        ("semantic_scholar", "soil", Trouble.AWAY),
    ]
    # Who is silent at the first question is spared the second.
    assert sum(path.startswith("/openalex") for path, _, _ in web.asked) == 1


@pytest.mark.usefixtures("_no_pace")
def test_the_abstract_of_another_work_is_not_used(web: FakeCatalogues) -> None:
    fugues = "A fugue enters in one voice and is answered in another."
    web.answers = {"/crossref/works": (200, {}, {"message": {"items": [_item(1, fugues)]}})}
    (work,) = find(["carbon"], "Carbon in soil", [_crossref(web)]).works
    assert (work.title, work.abstract) == ("Carbon in soil 1", "")
    right = {"doi": "10.5555/1", "title": "Carbon in soil 1", "abstract_inverted_index": {"Soil": [0], "holds": [1]}}
    web.answers["/openalex/works"] = (200, {}, {"results": [right]})
    (work,) = find(["carbon"], "Carbon in soil", [_crossref(web), _openalex(web)]).works
    assert work.abstract == "Soil holds"


def test_two_who_have_an_abstract_alike_are_believed() -> None:
    witty = Work("crossref", "Lost at sea", (Author("Muster"),), 2020, doi="10.5555/a", abstract="Shells grow thin.")
    assert merged([witty])[0].abstract == ""
    assert merged([witty, replace(witty, provider="openalex", abstract="Shells  grow thin")])[0].abstract
    assert merged([witty, witty])[0].abstract == ""


class TestDemo:
    def test_there_are_24_and_all_of_them_say_what_they_are(self) -> None:
        works = demo.works()
        assert len({work.doi for work in works}) == 24
        for work in works:
            assert work.is_demo
            assert work.title.startswith("Demo source: ")
            assert work.doi.startswith("10.5555/")
            assert work.authors
            assert merged([work])[0] == work, "its abstract speaks of its title"
            assert demo.Demo().look_up(work.doi) == work

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("climate change adaptation of cities", "Green roofs"),
            ("artificial intelligence in education", "Artificial intelligence"),
            ("довіра молоді до новин", "Довіра до медіа"),
            ("sleep of nurses", "Night shifts"),
        ],
    )
    def test_something_is_found_about_most_things(self, query: str, words: str) -> None:
        found = find([query], query, [demo.Demo()])
        assert words in found.works[0].title
        assert found.searches[0].provider == "demo"
        assert found.searches[0].found == len(found.works)

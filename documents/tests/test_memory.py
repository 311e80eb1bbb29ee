"""What catalogues have answered is asked for once, believed for its time, and nobody's silence is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from documents.models import ScholarlySearch
from documents.models import ScholarlyWork
from documents.sources import examining
from documents.sources import finding
from documents.sources import memory
from documents.sources.base import Unanswered
from documents.sources.works import Asked
from documents.sources.works import Author
from documents.sources.works import Notice
from documents.sources.works import Work

pytestmark = pytest.mark.django_db

_WORK = Work(
    "paper", "Carbon in soil", (Author("Müller", "Ana"),), 2020, "Tests", "10.5555/a", "Soil and carbon.", "en", 3
)
_BARE = Work("paper", "Soil without a DOI")


class _Paper:
    """A catalogue that counts how often it is asked; None: it is silent."""

    name = "paper"
    is_demo = False
    is_scarce = False
    questions: tuple[str, ...] = ("paper:one", "paper:two")

    def __init__(self, works: Sequence[Work] | None = (_WORK, _BARE)) -> None:
        self.works = works
        self.asked: list[str] = []
        self.answers = [Asked("paper:one", True, frozenset({Notice.CONCERN})), Asked("paper:two", True)]

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        self.asked.append(query)
        if self.works is None:
            raise Unanswered(self.name)
        return self.works[:most]

    def look_up(self, doi: str) -> Work | None:
        return next((work for work in self.search(doi, most=9) if work.doi == doi), None)

    def notices(self, doi: str) -> Sequence[Asked]:
        self.asked.append(doi)
        return self.answers


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def move(**ahead: float) -> None:
        now = datetime.now(UTC) + timedelta(**ahead)
        monkeypatch.setattr(timezone, "now", lambda: now)

    yield move


def test_a_search_is_asked_once_in_a_week_for_everybody(later: Any) -> None:
    paper = _Paper()
    first = finding.find(["soil", "carbon"], "Carbon in soil", [paper])
    second = finding.find(["Carbon"], "Carbon in soil", [paper])
    assert paper.asked == ["soil", "carbon"]
    assert first.works == second.works == (_WORK, _BARE)
    assert second.searches == (finding.Search("paper", "Carbon", 2),)
    later(days=7, minutes=1)
    finding.find(["carbon"], "Carbon in soil", [paper])
    assert paper.asked == ["soil", "carbon", "carbon"]


def test_silence_is_not_remembered_and_that_there_is_nothing_is() -> None:
    paper = _Paper(None)
    assert finding.find(["soil"], "Soil", [paper]).unanswered
    assert not ScholarlySearch.objects.exists()
    paper.works = ()
    assert finding.find(["soil"], "Soil", [paper]).searches == (finding.Search("paper", "soil", 0),)
    finding.find(["soil"], "Soil", [paper])
    assert len(paper.asked) == 2


def test_what_is_remembered_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    paper = _Paper()
    finding.find(["soil", "carbon", "dry"], "Soil", [paper])
    with django_assert_num_queries(2):
        finding.find(["soil", "carbon", "dry"], "Soil", [paper])


def test_the_question_of_nobody_is_kept() -> None:
    finding.find(["my secret illness"], "Soil", [_Paper()])
    rows = [*ScholarlySearch.objects.values(), *ScholarlyWork.objects.values()]
    assert "secret" not in str(rows)


def test_demo_works_are_not_kept_among_real_ones() -> None:
    paper = _Paper([replace(_WORK, is_demo=True)])
    paper.is_demo = True
    assert finding.find(["soil"], "Soil", [paper]).works
    assert not ScholarlyWork.objects.exists()


def test_a_work_is_looked_up_once_in_a_month_also_where_there_is_none(later: Any) -> None:
    paper = _Paper()
    for doi, found in (("10.5555/a", _WORK), ("10.5555/none", None)):
        for _ in range(2):
            assert examining._look_up(paper, doi) == found
    assert paper.asked == ["10.5555/a", "10.5555/none"]
    later(days=30, minutes=1)
    examining._look_up(paper, "10.5555/a")
    assert len(paper.asked) == 3


def test_what_became_of_a_work_is_asked_once_in_a_week_and_until_all_have_answered(later: Any) -> None:
    paper = _Paper()
    whole, paper.answers = paper.answers, [paper.answers[0], Asked("paper:two", is_answered=False)]
    assert [one.is_answered for one in examining.notices("10.5555/a", [paper])] == [True, False]
    paper.answers = whole
    for _ in range(2):
        asked = examining.notices("10.5555/a", [paper])
    assert len(paper.asked) == 2
    assert [(one.provider, one.notices) for one in asked] == [
        ("paper:one", frozenset({Notice.CONCERN})),
        ("paper:two", frozenset()),
    ]
    assert asked[0].on == timezone.now().date()
    # That says nothing of whether there is such a work.
    assert memory.work("paper:one", "10.5555/a") == (False, None)
    later(days=7, minutes=1)
    examining.notices("10.5555/a", [paper])
    assert len(paper.asked) == 3


def test_what_is_no_longer_believed_is_removed() -> None:
    finding.find(["soil"], "Soil", [_Paper()])
    assert memory.forget(timezone.now() + timedelta(days=8)) == 1
    assert memory.forget(timezone.now() + timedelta(days=31)) == 2
    assert not ScholarlyWork.objects.exists()

"""What several catalogues found is one list: no work twice, none swallowed by another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.sources.merging import merged
from documents.sources.merging import ranked
from documents.sources.works import Author
from documents.sources.works import Work

pytestmark = pytest.mark.any_stack

_ONE = Work("openalex", "Soil moisture and carbon", (Author("M\u00fcller"),), 2020, doi="10.5555/a", citations=3)


def test_a_work_of_three_records_is_one_with_what_they_have_together() -> None:
    publisher = replace(_ONE, provider="crossref", citations=2, container="Journal of Tests")
    nameless = replace(
        _ONE, provider="semantic_scholar", doi="", title="Soil Moisture and Carbon.", abstract="Dry soil."
    )
    (found,) = merged([_ONE, publisher, nameless])
    assert found == replace(publisher, abstract="Dry soil.", citations=3)


@pytest.mark.parametrize(
    "other",
    [
        replace(_ONE, doi="10.5555/b"),
        replace(_ONE, doi="", authors=(Author("Petrenko"),)),
        replace(_ONE, doi="", year=2015),
        replace(_ONE, doi="", title="Soil moisture and nitrogen in lakes"),
        replace(_ONE, doi="", authors=()),
    ],
)
def test_what_may_be_another_work_stays_one(other: Work) -> None:
    assert merged([_ONE, other]) == [_ONE, other]


def test_a_record_that_two_questions_brought_is_one_though_it_says_little() -> None:
    bare = Work("openalex", "Soil")
    assert merged([bare, _ONE, bare]) == [bare, _ONE]


@given(st.lists(st.sampled_from(["10.5555/a", "10.5555/b", "10.5555/c"]), max_size=12))
def test_no_doi_stands_there_twice(dois: list[str]) -> None:
    found = [work.doi for work in merged(replace(_ONE, doi=doi) for doi in dois)]
    assert sorted(found) == sorted(set(dois))


def test_what_speaks_of_it_comes_first_and_what_does_not_stays_out() -> None:
    about = replace(_ONE, title="Carbon in dry soils", citations=0, doi="1")
    cited = replace(_ONE, title="Carbon in the sea", citations=9_000, doi="2")
    newer = replace(about, year=2024, doi="3")
    else_ = replace(_ONE, title="On the theory of fugues", citations=90_000, doi="4")
    found = ranked([else_, cited, about, newer], "carbon of dry soils", most=3)
    assert [work.doi for work in found] == ["3", "1", "2"]
    assert ranked([], "carbon", most=3) == []
    assert ranked([about], "", most=3) == []

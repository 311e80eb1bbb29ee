"""A reference against what catalogues have of it: other authors, other years, notices, and no answer at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from datetime import timedelta
from typing import Any

import pytest

from documents.checks import records
from documents.checks.records import Fault
from documents.checks.support import Lamp
from documents.sources import names
from documents.sources.works import Asked
from documents.sources.works import Author
from documents.sources.works import Notice
from documents.sources.works import Work

pytestmark = pytest.mark.any_stack

_TODAY = date(2026, 11, 29)
_CITED = Work(
    "crossref",
    "Soil moisture and carbon: a field study",
    (Author("Müller", "Ana"), Author("Smith", "J.")),
    2020,
    "Journal of Experimental Botany",
    "10.5555/soil.1",
)


class TestExists:
    def test_two_who_have_it_are_enough(self) -> None:
        found = records.exists(_CITED, [_CITED, replace(_CITED, provider="openalex")], unanswered=1)
        assert found.lamp is Lamp.GREEN

    def test_one_is_enough_where_its_doi_leads_somewhere(self) -> None:
        assert records.exists(_CITED, [_CITED], unanswered=0, resolves=True).lamp is Lamp.GREEN
        assert records.exists(_CITED, [_CITED, _CITED], unanswered=0).lamp is Lamp.AMBER

    def test_nobody_has_it(self) -> None:
        assert records.exists(_CITED, [], unanswered=0) == records.Finding(Lamp.RED, (Fault.UNKNOWN,))

    def test_who_could_not_be_asked_does_not_say_no(self) -> None:
        assert records.exists(_CITED, [], unanswered=1) == records.Finding(Lamp.GREY, (Fault.NOT_ASKED,))


class TestDescribed:
    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"title": "Soil Moisture and Carbon"},
            {"title": "RETRACTED ARTICLE: Soil moisture and carbon: a field study"},
            {"title": "Retracted: Soil moisture and carbon"},
            {"title": "Soil moisture and <i>carbon</i>: A Field Study"},
            {"year": 2021},
            {"authors": (Author("Mueller"),)},
            {"authors": (Author("Muller"),)},
            {"container": "J. Exp. Bot."},
            {"container": "journal of experimental botany (online)"},
            {"container": ""},
        ],
    )
    def test_as_another_catalogue_writes_it(self, other: dict[str, Any]) -> None:
        assert records.described(_CITED, replace(_CITED, **other)) == records.Finding(Lamp.GREEN)

    @pytest.mark.parametrize(
        ("other", "lamp", "fault"),
        [
            ({"authors": (Author("Petrenko"),)}, Lamp.RED, Fault.AUTHOR),
            ({"authors": ()}, Lamp.RED, Fault.AUTHOR),
            ({"title": "Soil moisture and nitrogen in a desert"}, Lamp.RED, Fault.TITLE),
            ({"title": "Soil"}, Lamp.RED, Fault.TITLE),
            ({"title": "Soil moisture and carbon: a review of methods"}, Lamp.RED, Fault.TITLE),
            ({"year": 2017}, Lamp.AMBER, Fault.YEAR),
            ({"year": None}, Lamp.AMBER, Fault.YEAR),
            ({"container": "Annals of Ceramics"}, Lamp.AMBER, Fault.CONTAINER),
        ],
    )
    def test_what_differs_is_named(self, other: dict[str, Any], lamp: Lamp, fault: Fault) -> None:
        assert records.described(_CITED, replace(_CITED, **other)) == records.Finding(lamp, (fault,))

    def test_without_a_record_nothing_is_said(self) -> None:
        assert records.described(_CITED, None).lamp is Lamp.GREY


class TestStands:
    _ASKED = (
        Asked("crossref", True, on=_TODAY),
        Asked("crossref-updates", True, on=_TODAY - timedelta(days=7)),
        Asked("openalex", True, on=_TODAY),
    )

    def test_all_were_asked_and_none_knows_of_anything(self) -> None:
        assert records.stands(_CITED, self._ASKED, today=_TODAY) == records.Finding(Lamp.GREEN)

    @pytest.mark.parametrize("place", range(3))
    @pytest.mark.parametrize("notice", [Notice.RETRACTION, Notice.WITHDRAWAL, Notice.REMOVAL])
    def test_one_who_says_so_is_enough(self, place: int, notice: Notice) -> None:
        asked = list(self._ASKED)
        asked[place] = replace(asked[place], notices=frozenset({notice}))
        assert records.stands(_CITED, asked, today=_TODAY).lamp is Lamp.RED

    def test_concern_and_correction_are_no_retraction(self) -> None:
        def with_notice(notice: Notice) -> records.Finding:
            asked = [replace(self._ASKED[0], notices=frozenset({notice})), *self._ASKED[1:]]
            return records.stands(_CITED, asked, today=_TODAY)

        assert with_notice(Notice.CONCERN) == records.Finding(Lamp.AMBER, (Fault.CONCERN,))
        assert with_notice(Notice.CORRECTION) == records.Finding(Lamp.GREEN, (Fault.CORRECTED,))

    def test_no_answer_and_an_old_one_are_grey(self) -> None:
        assert records.stands(_CITED, (), today=_TODAY).lamp is Lamp.GREY
        silent = [replace(self._ASKED[0], is_answered=False), *self._ASKED[1:]]
        assert records.stands(_CITED, silent, today=_TODAY).lamp is Lamp.GREY
        assert records.stands(_CITED, self._ASKED, today=_TODAY + timedelta(days=1)).lamp is Lamp.GREY


def test_nothing_of_the_demo_ever_looks_real() -> None:
    cited = replace(_CITED, is_demo=True)
    grey = records.Finding(Lamp.GREY, (Fault.DEMO,))
    assert records.exists(cited, [cited, replace(cited, provider="openalex")], unanswered=0) == grey
    assert records.described(cited, cited) == grey
    assert records.stands(cited, TestStands._ASKED, today=_TODAY) == grey


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Шевченко", "Shevchenko"),
        ("Коцюбинський", "Kotsiubynskyi"),
        ("Грінченко", "Hrinchenko"),
        ("Müller", "Mueller"),
        ("Łukasiewicz", "Lukasiewicz"),
        ("de Vries", "Vries"),
        ("García Márquez", "García"),
        ("O\u2019Brien", "O'Brien"),
    ],
)
def test_one_name_in_two_writings(one: str, other: str) -> None:
    assert names.is_same_family(one, other)
    assert names.is_same_family(other, one)


@pytest.mark.parametrize(("one", "other"), [("Smith", "Jones"), ("Шевченко", "Шевчук"), ("", "Lee"), ("Li", "Lee")])
def test_two_names(one: str, other: str) -> None:
    assert not names.is_same_family(one, other)

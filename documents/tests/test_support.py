"""Nothing wrong passes as green, and nothing is green that nobody has judged."""

from __future__ import annotations

import pytest

from documents import words
from documents.checks import support
from documents.checks.support import Judgement
from documents.checks.support import Lamp
from documents.checks.support import Reason
from documents.checks.support import Support
from documents.checks.support import Verdict
from documents.tests import pairs

pytestmark = pytest.mark.any_stack

_QUOTES = [pair[1] for pair in [*pairs.TRUE, *pairs.FALSE, *pairs.OVERSTATED, *pairs.REVERSED]]
_RARITY = words.rarity(_QUOTES)
_PASSAGE = " ".join(_QUOTES)
_OBEYS = Judgement(Verdict.SUPPORTS)


def _computed(claim: str, quote: str) -> Support:
    return support.computed(claim, quote, _PASSAGE, _RARITY)


@pytest.mark.parametrize(("claim", "quote"), pairs.TRUE)
def test_what_stands_is_vetoed_by_nothing_and_green_once_it_was_judged(claim: str, quote: str) -> None:
    found = _computed(claim, quote)
    assert (found.lamp, found.reason) == (Lamp.AMBER, Reason.NOT_JUDGED)
    assert support.judged(found, _OBEYS).lamp is Lamp.GREEN


@pytest.mark.parametrize(("claim", "quote", "reason"), pairs.FALSE)
def test_what_does_not_stand_is_red_with_its_reason_whatever_a_judge_says(
    claim: str, quote: str, reason: Reason
) -> None:
    found = _computed(claim, quote)
    assert (found.lamp, found.reason) == (Lamp.RED, reason)
    assert support.judged(found, _OBEYS) == found


@pytest.mark.parametrize(("claim", "quote"), pairs.OVERSTATED)
def test_more_than_the_source_says_is_amber_though_a_judge_agrees(claim: str, quote: str) -> None:
    found = support.judged(_computed(claim, quote), _OBEYS)
    assert (found.lamp, found.reason) == (Lamp.AMBER, Reason.OVERSTATED)


@pytest.mark.parametrize(("claim", "quote"), pairs.REVERSED)
def test_the_reverse_in_the_same_words_is_never_green_by_computing(claim: str, quote: str) -> None:
    found = _computed(claim, quote)
    assert found.lamp is not Lamp.GREEN
    assert support.judged(found, Judgement(Verdict.CONTRADICTS)).lamp is Lamp.RED


def test_words_that_the_source_does_not_have() -> None:
    found = _computed("Grain was stored for two winters.", "Grain was stored for two winters in pits of clay.")
    assert (found.lamp, found.reason) == (Lamp.RED, Reason.NOT_IN_SOURCE)


def test_without_a_text_nothing_is_said() -> None:
    found = support.computed("Anything.", "Anything at all, really.", "  ", _RARITY)
    assert (found.lamp, found.reason) == (Lamp.GREY, Reason.NO_TEXT)
    assert support.judged(found, _OBEYS) == found


def test_what_a_judge_says_in_part_stays_amber_and_what_is_unrelated_is_red() -> None:
    found = _computed(*pairs.TRUE[0])
    assert support.judged(found, Judgement(Verdict.PARTLY)).lamp is Lamp.AMBER
    assert support.judged(found, Judgement(Verdict.UNRELATED)).lamp is Lamp.RED


def test_a_person_who_has_read_it_is_named() -> None:
    found = support.read(_computed(*pairs.TRUE[0]), "Olena Petrenko")
    assert (found.lamp, found.method, found.detail) == (Lamp.GREEN, support.Method.PERSON, "Olena Petrenko")

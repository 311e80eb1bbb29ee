"""The fourth lamp: whether a source supports what a sentence takes from it.

Computing alone can only veto. That the same words stand in both says nothing of who follows whom ("war follows
migration" has every word of "migration follows war"), so nothing is green before it was judged: by a second model that
sees claim and quote alone, or by a person who has read the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import regex  # type: ignore[import-untyped]

from documents import words
from documents.checks import figures
from documents.checks import quoting
from documents.checks import stance

SPEAKS_OF_ELSE = 0.35
"""Coverage below which the quote is about something else. Ours, by trying pairs that were written for it."""

SAYS_IT = 0.6
"""Coverage from which one clause of a quote is compared for itself. Ours, likewise."""
_CLAUSES = regex.compile(
    r"[;:]\s|,\s+(?=(?:but|while|whereas|though|although|yet|а|але|проте|однак|хоча|тоді як)\s)", regex.IGNORECASE
)


class Lamp(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Method(StrEnum):
    COMPUTED = "computed"
    MODEL = "model"
    PERSON = "person"


class Verdict(StrEnum):
    """What a judge may say of a claim and the words it rests on."""

    SUPPORTS = "supports"
    PARTLY = "partly"
    CONTRADICTS = "contradicts"
    UNRELATED = "unrelated"


class Reason(StrEnum):
    """Why the lamp is what it is; the client has a sentence for each."""

    NO_TEXT = "no_text"
    NOT_IN_SOURCE = "not_in_source"
    FIGURE = "figure"
    DIRECTION = "direction"
    DENIAL = "denial"
    OTHER_MATTER = "other_matter"
    OVERSTATED = "overstated"
    NOT_JUDGED = "not_judged"
    SUPPORTS = "supports"
    PARTLY = "partly"
    CONTRADICTS = "contradicts"
    UNRELATED = "unrelated"
    READ = "read"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Support:
    """``evidence`` are the words of the source that decided it; ``detail`` what of them, such as a figure."""

    lamp: Lamp
    reason: Reason
    method: Method
    evidence: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a second model answered, and the words that decided it."""

    verdict: Verdict
    words: str = ""


def computed(claim: str, quote: str, passage: str, rarity: words.Rarity) -> Support:
    """What can be said without a judge: red with its reason, or amber. Grey where there is nothing to compare with."""
    if not passage.strip():
        return Support(Lamp.GREY, Reason.NO_TEXT, Method.COMPUTED)
    found = quoting.find(quote, passage)
    if found is None:
        return Support(Lamp.RED, Reason.NOT_IN_SOURCE, Method.COMPUTED)
    reason, detail = _veto(claim, found.words, rarity)
    if reason is not None:
        return Support(Lamp.RED, reason, Method.COMPUTED, found.words, detail)
    if stance.is_overstated(claim, found.words):
        return Support(Lamp.AMBER, Reason.OVERSTATED, Method.COMPUTED, found.words)
    return Support(Lamp.AMBER, Reason.NOT_JUDGED, Method.COMPUTED, found.words)


def judged(before: Support, judgement: Judgement) -> Support:
    """With what a judge says. A veto stands, whatever they say, and so does a claim that goes too far."""
    if before.lamp is not Lamp.AMBER:
        return before
    verdict = judgement.verdict
    if verdict in {Verdict.CONTRADICTS, Verdict.UNRELATED}:
        lamp = Lamp.RED
    elif verdict is Verdict.SUPPORTS and before.reason is not Reason.OVERSTATED:
        lamp = Lamp.GREEN
    else:
        lamp = Lamp.AMBER
    reason = before.reason if verdict is Verdict.SUPPORTS and lamp is Lamp.AMBER else Reason(verdict.value)
    return Support(lamp, reason, Method.MODEL, before.evidence, judgement.words)


def read(before: Support, by: str) -> Support:
    """A person has read the source, and says that it carries the sentence."""
    return Support(Lamp.GREEN, Reason.READ, Method.PERSON, before.evidence, by)


def _veto(claim: str, quote: str, rarity: words.Rarity) -> tuple[Reason | None, str]:
    if lost := figures.missing(claim, quote):
        return Reason.FIGURE, ", ".join(lost)
    about = _clause(claim, quote, rarity)
    if stance.is_reversed(claim, about):
        return Reason.DIRECTION, ""
    if words.coverage(claim, quote, rarity) < SPEAKS_OF_ELSE:
        return Reason.OTHER_MATTER, ""
    if stance.is_denied(claim, about):
        return Reason.DENIAL, ""
    return None, ""


def _clause(claim: str, quote: str, rarity: words.Rarity) -> str:
    """The clause of a quote that says nearly all of the matter: what is denied in the next one is another matter."""
    clauses = [clause for clause in _CLAUSES.split(quote) if clause]
    covered, best = max(((words.coverage(claim, one, rarity), one) for one in clauses), default=(0.0, quote))
    return best if covered >= SAYS_IT else quote


def edited(before: Support) -> Support:
    """Its sentence is not what was held against the source any more."""
    return Support(Lamp.GREY, Reason.EDITED, Method.COMPUTED, before.evidence)

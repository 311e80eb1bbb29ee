"""Markers: what of a text must come through a translation as it is.

``⟦1⟧…⟦/1⟧`` is a stretch that looks different, and may stand inside another; ``⟦x2/⟧`` is what is no text or must not
be touched: a picture, a field, a footnote's mark. No number is used twice in a text. A translation may move them with
the words, and must bring back each once. Brackets that are text themselves become such marks too (``escape``), so a
text with markers holds no others.
"""

from __future__ import annotations

import re
from collections import Counter

MARKER = re.compile(r"⟦(?:(?P<open>\d+)|/(?P<close>\d+)|x(?P<void>\d+)/)⟧")
BRACKETS = re.compile(r"[⟦⟧]")

MISSING = "marker_missing"
UNKNOWN = "marker_unknown"
REPEATED = "marker_repeated"
CROSSED = "marker_crossed"
TORN = "marker_torn"
"""What ``fits`` finds: one is not there, one is not the source's, one is there twice, they are not properly nested, or
there are brackets that are no marker."""


def opening(number: int) -> str:
    """The beginning of a stretch."""
    return f"⟦{number}⟧"


def closing(number: int) -> str:
    """Its end."""
    return f"⟦/{number}⟧"


def void(number: int) -> str:
    """What is no text."""
    return f"⟦x{number}/⟧"


def found(text: str) -> list[str]:
    """The markers of a text in their order."""
    return [match.group() for match in MARKER.finditer(text)]


def plain(text: str) -> str:
    """The text without markers: what is counted, priced and shown."""
    return MARKER.sub("", text)


def split(text: str) -> list[str]:
    """Texts and markers in their order; joined they are the text again, and none is empty."""
    parts: list[str] = []
    at = 0
    for match in MARKER.finditer(text):
        parts += [text[at : match.start()], match.group()]
        at = match.end()
    return [part for part in (*parts, text[at:]) if part]


def fits(source: str, target: str) -> tuple[str, ...]:
    """What is wrong with the markers of a translation, as names (``MISSING`` …); nothing: it can be put in place.

    The source's markers are taken to be right. A stretch may come to stand inside another, or leave it: words move.
    """
    wanted, got = Counter(found(source)), Counter(found(target))
    problems = []
    if any(marker not in got for marker in wanted):
        problems.append(MISSING)
    if any(marker not in wanted for marker in got):
        problems.append(UNKNOWN)
    if any(count > 1 for count in got.values()):
        problems.append(REPEATED)
    if not _is_nested(target):
        problems.append(CROSSED)
    if BRACKETS.search(plain(target)):
        problems.append(TORN)
    return tuple(problems)


def put_back(source: str, target: str) -> str:
    """A translation that fits, made of one that does not: what the source has of markers, plainly.

    Each that came back once and properly nested stays where it is. What was torn or did not come back stands at the
    end, in the source's order, stretches empty. What comes out always ``fits``.
    """
    wanted = found(source)
    kept = _kept(set(wanted), split(target))
    there = {part for part in kept if MARKER.fullmatch(part)}
    return "".join([*kept, *(marker for marker in wanted if marker not in there)])


def escape(text: str) -> tuple[str, tuple[str, ...]]:
    """A text with marks for its own brackets, and these, for ``restore``."""
    brackets: list[str] = []

    def mark(match: re.Match[str]) -> str:
        brackets.append(match.group())
        return void(len(brackets))

    return BRACKETS.sub(mark, text), tuple(brackets)


def restore(text: str, brackets: tuple[str, ...]) -> str:
    """The text, translated since, with its own brackets again; other markers are left out."""
    wanted = {void(number): bracket for number, bracket in enumerate(brackets, start=1)}
    return MARKER.sub(lambda match: wanted.get(match.group(), ""), text)


def _kept(wanted: set[str], parts: list[str]) -> list[str]:
    """The parts without markers that are unknown, repeated or not nested, and without brackets that are none."""
    counts = Counter(part for part in parts if MARKER.fullmatch(part))
    good = {marker for marker, count in counts.items() if count == 1 and marker in wanted}
    whole = _whole_stretches([part for part in parts if part in good])
    kept = []
    voids = set()
    for part in parts:
        match = MARKER.fullmatch(part)
        if match is None:
            kept.append(BRACKETS.sub("", part))
        elif match["void"]:
            if part in wanted and part not in voids:
                kept.append(part)
            voids.add(part)
        elif part in good and int(match["open"] or match["close"]) in whole:
            kept.append(part)
    return kept


def _whole_stretches(marks: list[str]) -> set[int]:
    """Numbers of the stretches that open before they close and cross no other that is whole."""
    whole: set[int] = set()
    stack: list[int] = []
    open_: set[int] = set()
    for mark in marks:
        match = MARKER.fullmatch(mark)
        if match is None or match["void"]:
            continue
        if match["open"]:
            stack.append(int(match["open"]))
            open_.add(stack[-1])
        elif (number := int(match["close"])) in open_:
            # Those opened since then and not yet closed would cross this one.
            while (last := stack.pop()) != number:
                open_.discard(last)
            open_.discard(number)
            whole.add(number)
    return whole


def _is_nested(text: str) -> bool:
    stack: list[str] = []
    for match in MARKER.finditer(text):
        if match["open"]:
            stack.append(match["open"])
        elif match["close"] and (not stack or stack.pop() != match["close"]):
            return False
    return not stack

"""The first three lamps: whether a work exists, whether it is described rightly, and whether it was taken back.

Each of them is told by records that were asked for; where nobody could be asked, the lamp is grey.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from enum import StrEnum

from rapidfuzz import fuzz

from documents.checks.support import Lamp
from documents.sources import names
from documents.sources.works import TAKEN_BACK
from documents.sources.works import Asked
from documents.sources.works import Notice
from documents.sources.works import Work

FRESH = timedelta(days=7)
"""An answer about retraction counts for so long."""


class Fault(StrEnum):
    """What is wrong with a reference, or was not to be found out."""

    UNKNOWN = "unknown"
    ONE_RECORD = "one_record"
    NOT_ASKED = "not_asked"
    TITLE = "title"
    AUTHOR = "author"
    YEAR = "year"
    CONTAINER = "container"
    TAKEN_BACK = "taken_back"
    CONCERN = "concern"
    CORRECTED = "corrected"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Finding:
    lamp: Lamp
    faults: tuple[Fault, ...] = ()


_DEMO = Finding(Lamp.GREY, (Fault.DEMO,))


def exists(cited: Work, records: Collection[Work], *, unanswered: int, resolves: bool = False) -> Finding:
    """Whether somebody has it. ``records`` are what providers have of it, ``unanswered`` how many could not be asked.

    Green by two providers, or by one and a DOI that ``resolves``; red only when all were asked and nobody has it.
    """
    if cited.is_demo:
        return _DEMO
    providers = {record.provider for record in records}
    if len(providers) > 1 or (providers and resolves):
        return Finding(Lamp.GREEN)
    if providers:
        return Finding(Lamp.AMBER, (Fault.ONE_RECORD,))
    if unanswered:
        return Finding(Lamp.GREY, (Fault.NOT_ASKED,))
    return Finding(Lamp.RED, (Fault.UNKNOWN,))


def described(cited: Work, record: Work | None) -> Finding:
    """Whether the reference says what the record does. Another title or author is another work."""
    if cited.is_demo:
        return _DEMO
    if record is None:
        return Finding(Lamp.GREY, (Fault.NOT_ASKED,))
    found = {
        Fault.TITLE: not names.is_same_title(cited.title, record.title),
        Fault.AUTHOR: not _is_same_author(cited, record),
        Fault.YEAR: not _is_same_year(cited, record),
        Fault.CONTAINER: not _is_same_container(cited, record),
    }
    faults = tuple(fault for fault, is_so in found.items() if is_so)
    if Fault.TITLE in faults or Fault.AUTHOR in faults:
        return Finding(Lamp.RED, faults)
    return Finding(Lamp.AMBER if faults else Lamp.GREEN, faults)


def stands(cited: Work, asked: Collection[Asked], *, today: date) -> Finding:
    """Whether it was taken back. Never green when one of those who were asked gave no fresh answer."""
    if cited.is_demo:
        return _DEMO
    notices = {notice for one in asked for notice in one.notices}
    if notices & TAKEN_BACK:
        return Finding(Lamp.RED, (Fault.TAKEN_BACK,))
    if Notice.CONCERN in notices:
        return Finding(Lamp.AMBER, (Fault.CONCERN,))
    fresh = [one for one in asked if one.is_answered and one.on is not None and today - one.on <= FRESH]
    if not asked or len(fresh) < len(asked):
        return Finding(Lamp.GREY, (Fault.NOT_ASKED,))
    return Finding(Lamp.GREEN, (Fault.CORRECTED,) if Notice.CORRECTION in notices else ())


def _is_same_author(cited: Work, record: Work) -> bool:
    if not cited.authors or not record.authors:
        return not cited.authors and not record.authors
    return names.is_same_family(cited.authors[0].family, record.authors[0].family)


def _is_same_year(cited: Work, record: Work) -> bool:
    if cited.year is None or record.year is None:
        return cited.year == record.year
    return abs(cited.year - record.year) <= names.YEARS_APART


def _is_same_container(cited: Work, record: Work) -> bool:
    if not cited.container or not record.container:
        return True
    mine, theirs = names.plain(cited.container), names.plain(record.container)
    return fuzz.token_set_ratio(mine, theirs) >= names.ALIKE or _is_abbreviated(mine, theirs)


def _is_abbreviated(one: str, other: str) -> bool:
    """ "j exp bot" and "journal of experimental botany"."""
    short, long = sorted((one.split(), other.split()), key=lambda words: len(" ".join(words)))
    left = iter(long)
    return all(any(word.startswith(part) for word in left) for part in short)

"""A scholarly work, as every provider's answer is read into."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from enum import StrEnum


class Notice(StrEnum):
    """What was published about a work afterwards; the words are Crossref's."""

    RETRACTION = "retraction"
    WITHDRAWAL = "withdrawal"
    REMOVAL = "removal"
    CONCERN = "expression_of_concern"
    CORRECTION = "correction"


TAKEN_BACK = frozenset({Notice.RETRACTION, Notice.WITHDRAWAL, Notice.REMOVAL})


@dataclass(frozen=True, slots=True)
class Author:
    family: str
    given: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """``provider`` says whose record it is; what it does not say is empty or None."""

    provider: str
    title: str
    authors: tuple[Author, ...] = ()
    year: int | None = None
    container: str = ""
    doi: str = ""
    abstract: str = ""
    language: str = ""
    citations: int | None = None
    is_demo: bool = False

    @property
    def first_family(self) -> str:
        """Of its first author; empty when nobody is named."""
        return self.authors[0].family if self.authors else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about retraction: what was found, or that there was no answer."""

    provider: str
    is_answered: bool
    notices: frozenset[Notice] = field(default_factory=frozenset)
    on: date | None = None

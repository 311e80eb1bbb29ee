"""What is cited, in the fields of CSL-JSON (https://docs.citationstyles.org/en/stable/specification.html, 1.0.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    ARTICLE = "article-journal"
    BOOK = "book"
    CHAPTER = "chapter"
    PAPER = "paper-conference"
    THESIS = "thesis"
    REPORT = "report"
    PAGE = "webpage"


@dataclass(frozen=True, slots=True)
class Name:
    """A person; an organisation has ``literal`` alone."""

    family: str = ""
    given: str = ""
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """``language`` is a tag such as "uk" or "en-GB"; ``year`` None: without a date. What is not known is empty."""

    key: str
    kind: Kind
    title: str
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    container: str = ""
    publisher: str = ""
    place: str = ""
    year: int | None = None
    volume: str = ""
    issue: str = ""
    pages: str = ""
    """"101-118", with any dash, or the number of an article: "e12"."""
    page_count: str = ""
    edition: str = ""
    genre: str = ""
    """Of a thesis: "дис. … канд. філол. наук"; of a book: "монографія"."""
    doi: str = ""
    url: str = ""
    accessed: date | None = None
    language: str = ""

"""Works written for this app, so that everything can be tried without a network: none of them exists, and all say so.

Their titles begin with "Demo source:", their DOIs with the prefix 10.5555, which Crossref keeps for tests
(https://www.crossref.org/documentation/register-maintain-records/creating-and-managing-dois/, 2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from documents.sources.merging import ranked
from documents.sources.works import Author
from documents.sources.works import Work

_FILE = Path(__file__).with_name("demo.json")
_MARK = "Demo source: "
DOI_PREFIX = "10.5555/demo-source-"


class Demo:
    """See :class:`documents.sources.base.Provider`. It is never asked what became of a work: nothing can have."""

    name = "demo"
    is_demo = True
    is_scarce = False

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        return ranked(works(), query, most=most)

    def look_up(self, doi: str) -> Work | None:
        return next((work for work in works() if work.doi == doi), None)


@cache
def works() -> tuple[Work, ...]:
    """All of them, in their own order."""
    return tuple(_work(number, record) for number, record in enumerate(json.loads(_FILE.read_text("utf-8")), 1))


def _work(number: int, record: dict[str, object]) -> Work:
    authors = [str(name).partition(", ") for name in record.pop("authors")]  # type: ignore[attr-defined]
    work = Work(Demo.name, **record)  # type: ignore[arg-type]
    return replace(
        work,
        title=_MARK + work.title,
        authors=tuple(Author(family, given) for family, _, given in authors),
        doi=f"{DOI_PREFIX}{number:02}",
        is_demo=True,
    )

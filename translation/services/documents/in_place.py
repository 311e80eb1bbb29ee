"""Files whose texts are put back where they stood: each format by whoever reads it, and PDF page by page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

from translation import paging
from translation import reading
from translation.segments import Extracted
from translation.segments import Segment

PDF = "pdf"
FORMATS = reading.FORMATS | {PDF}
_PAGE = re.compile(r"page (\d+)")


def extract(path: Path, kind: str) -> Extracted:
    """What a file says. Raises as ``reading.extract`` and ``paging.extract`` do."""
    return paging.extract(path) if kind == PDF else reading.extract(path, kind)


def merge(
    original: Path, kind: str, targets: Mapping[int, str], to: Path, *, language: str, note: str, both: bool
) -> tuple[str, ...]:
    """Write the file with translations in place; the names of its warnings."""
    if kind == PDF:
        return paging.fill(original, targets, to, language=language, note=note)
    return reading.merge(original, kind, targets, to, language=language, note=note, both=both)


def can_have_both(kind: str) -> bool:
    """Whether source and translation can stand in one file: a page of a PDF has no place for both."""
    return kind != PDF


def by_pages(segments: Sequence[Segment], sizes: Sequence[int]) -> list[list[Segment]]:
    """Of a PDF, as many groups as ``sizes`` has: those of its pages. What is on no page, its outline, comes first."""
    part_of = [part for part, size in enumerate(sizes) for _ in range(size)]
    groups: list[list[Segment]] = [[] for _ in sizes]
    for segment in segments:
        found = _PAGE.match(segment.place)
        number = int(found[1]) - 1 if found else 0
        groups[part_of[min(max(number, 0), len(part_of) - 1)]].append(segment)
    return groups

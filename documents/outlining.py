"""An outline as a model writes it, and what makes it one: few enough sections, whose words fill the pages."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from core.llm import Schema
from core.llm.json_answers import NotFit
from documents import cleaning
from documents import limits

SHORTEST = 50
"""Words of a section."""
_TOLERANCE = 0.1
"""Of all words; a model adds up badly, and what is nearly right is made right."""

SCHEMA = Schema(
    "document_outline",
    {
        "type": "object",
        "properties": {
            "sections": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "title": {"type": "string"},
                        "goal": {"type": "string"},
                        "words": {"type": "integer"},
                        "level": {"type": "integer"},
                        "needs_sources": {"type": "boolean"},
                    },
                    "required": ["title", "goal", "words", "level", "needs_sources"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["sections"],
        "additionalProperties": False,
    },
)
TASK = """Plan the sections of the whole text. Answer with one JSON object and nothing else:
{"sections": [{"title": "...", "goal": "...", "words": 400, "level": 1, "needs_sources": true}]}
- "goal" are two sentences: what the section shows, and what it builds on.
- "words" of all sections add up to "words" of the data; none has fewer than 50. A section and those below it are \
counted apart.
- "level" is 1 for a chapter, 2 and 3 for what stands below one. At most "most_sections" sections.
- "needs_sources" is false for sections that state no facts, such as an introduction to the structure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A section that is to be written."""

    title: str
    goal: str
    words: int
    level: int = 1
    needs_sources: bool = True


def data(pages: int) -> dict[str, Any]:
    """What the task speaks of."""
    return {"pages": pages, "words": pages * limits.WORDS_A_PAGE, "most_sections": most(pages)}


def most(pages: int) -> int:
    """So many sections that each can be long enough."""
    return min(limits.SECTIONS, pages * limits.WORDS_A_PAGE // SHORTEST)


def read(document: Any, pages: int) -> list[Entry]:
    """The sections of an answer, whose words add up to those of the pages. Raises NotFit with what is wrong."""
    entries = [_entry(one, number) for number, one in enumerate(_listed(document), 1)]
    if not entries:
        raise NotFit('There are no sections in it. Answer {"sections": [...]}.')
    if len(entries) > most(pages):
        raise NotFit(f"These are {len(entries)} sections; at most {most(pages)} are wanted. Join some.")
    wanted, planned = pages * limits.WORDS_A_PAGE, sum(entry.words for entry in entries)
    if abs(planned - wanted) > wanted * _TOLERANCE:
        raise NotFit(f'The words of all sections add up to {planned}; they must add up to {wanted}. Mend "words".')
    return _levelled(_filling(entries, wanted))


def _listed(document: Any) -> Sequence[Any]:
    if isinstance(document, Mapping):
        document = document.get("sections")
    return document if isinstance(document, list) else []


def _entry(one: Any, number: int) -> Entry:
    given: Mapping[str, Any] = one if isinstance(one, Mapping) else {}
    title = cleaning.line(given["title"])[: limits.SECTION_TITLE] if isinstance(given.get("title"), str) else ""
    goal = cleaning.plain(given["goal"])[: limits.GOAL_LENGTH] if isinstance(given.get("goal"), str) else ""
    words, level = given.get("words"), given.get("level")
    if not title:
        raise NotFit(f'Section {number} has no "title".')
    if not isinstance(words, int) or isinstance(words, bool) or not SHORTEST <= words <= limits.SECTION_WORDS:
        raise NotFit(f'Section {number} needs "words": a whole number of at least {SHORTEST}.')
    fitting = level if isinstance(level, int) and not isinstance(level, bool) else 1
    return Entry(title, goal, words, min(max(fitting, 1), limits.LEVELS), given.get("needs_sources") is not False)


def _filling(entries: list[Entry], wanted: int) -> list[Entry]:
    """Scaled, so that they add up: what is left over goes to the longest."""
    planned = sum(entry.words for entry in entries)
    scaled = [replace(entry, words=max(SHORTEST, entry.words * wanted // planned)) for entry in entries]
    longest = max(range(len(scaled)), key=lambda at: scaled[at].words)
    rest = wanted - sum(entry.words for entry in scaled)
    scaled[longest] = replace(scaled[longest], words=scaled[longest].words + rest)
    return scaled


def _levelled(entries: list[Entry]) -> list[Entry]:
    """Nothing stands more than one level below what is before it."""
    made: list[Entry] = []
    before = 0
    for entry in entries:
        before = min(entry.level, before + 1)
        made.append(replace(entry, level=before))
    return made

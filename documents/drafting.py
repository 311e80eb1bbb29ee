"""What is asked of a model for one section, task by task, and how its answers are read."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.llm import Schema
from core.llm.json_answers import NotFit
from documents import cleaning
from documents import limits

MOST_QUERIES = 4
MOST_CLAIMS = 12
"""Of one part."""
_CLAIM_CHARS = 400
_QUERY_CHARS = 200
_SUMMARY_SLACK = 1.5
"""Times as long as asked for: a model counts badly."""


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_STRINGS = {"type": "array", "items": {"type": "string"}}
QUERIES = Schema("document_queries", _object(queries=_STRINGS))
QUERIES_TASK = """Say what to search catalogues of scholarly works for, to find sources for the section of the data.
Answer with one JSON object and nothing else: {"queries": ["..."]}
Two to four queries of three to eight words each, most of them in English, one in the language of the text."""

PLAN = Schema(
    "document_plan",
    _object(
        claims={
            "type": "array",
            "items": _object(part={"type": "integer"}, claim={"type": "string"}, sources=_STRINGS),
        }
    ),
)
PLAN_TASK = """Plan the section of the data as claims, before it is written.
Answer with one JSON object and nothing else:
{"claims": [{"part": 1, "claim": "...", "sources": ["S3"]}]}
- "part" counts from 1 to "parts" of the data; each part has at least one claim and at most 12.
- "sources" are keys of the sources of the data whose passages could carry the claim; there are no others.
- A claim that no source carries has none: it is an argument of the author's own, and states no fact.
- Nothing of "earlier" is said again."""

WRITE_TASK = """Write part {part} of {parts} of the section of the data, about {words} words, along its "claims".
Go on from "before", say nothing of "earlier" and "not_again" again, and write no heading with the section's own title.
{rules}"""

SUMMARY = Schema("document_summary", _object(summary={"type": "string"}))
SUMMARY_TASK = """Sum up the text of the data for whoever writes the sections after it, in at most 120 words.
Answer with one JSON object and nothing else: {"summary": "..."}"""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a part is to say; without sources it is an argument of the author's own."""

    part: int
    claim: str
    sources: tuple[str, ...] = ()


def parts_of(words: int) -> int:
    """In how many parts a section is written."""
    return max(1, -(-words // limits.PART_WORDS))


def read_queries(document: Any) -> list[str]:
    """Raises NotFit."""
    given = document.get("queries") if isinstance(document, Mapping) else document
    found = [cleaning.line(one)[:_QUERY_CHARS] for one in _listed(given) if isinstance(one, str)]
    found = [one for one in dict.fromkeys(found) if one]
    if not found:
        raise NotFit('There are no queries in it. Answer {"queries": ["..."]}.')
    return found[:MOST_QUERIES]


def read_plan(document: Any, *, parts: int, keys: Collection[str]) -> list[Claim]:
    """In the order of parts; keys of no source are left out. Raises NotFit when a part has nothing to say."""
    given = document.get("claims") if isinstance(document, Mapping) else document
    claims = [found for one in _listed(given) if (found := _claim(one, keys)) is not None]
    missing = [str(part) for part in range(1, parts + 1) if not any(one.part == part for one in claims)]
    if missing:
        raise NotFit(f'There is no claim of part {", ".join(missing)}. Answer {{"claims": [...]}} with "part" in each.')
    return [one for part in range(1, parts + 1) for one in [two for two in claims if two.part == part][:MOST_CLAIMS]]


def read_summary(document: Any) -> str:
    """Raises NotFit; one that is much too long is cut."""
    given = document.get("summary") if isinstance(document, Mapping) else document
    text = cleaning.plain(given) if isinstance(given, str) else ""
    if not text:
        raise NotFit('There is no summary in it. Answer {"summary": "..."}.')
    return " ".join(text.split()[: int(limits.SUMMARY_WORDS * _SUMMARY_SLACK)])


def _claim(one: Any, keys: Collection[str]) -> Claim | None:
    if not isinstance(one, Mapping) or not isinstance(one.get("claim"), str):
        return None
    text, part, sources = cleaning.line(one["claim"])[:_CLAIM_CHARS], one.get("part"), one.get("sources")
    if not text or not isinstance(part, int) or isinstance(part, bool):
        return None
    named = dict.fromkeys(map(str, _listed(sources)))
    return Claim(part, text, tuple(key for key in named if key in keys))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

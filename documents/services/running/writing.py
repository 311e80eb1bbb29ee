"""Writing a section: its claims first, then part by part, held to the writing contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.llm.errors import ContextTooLong
from documents import blocks
from documents import drafting
from documents.drafting import Claim
from documents.models import DocumentSection
from documents.services.running import length
from documents.services.running.asking import Clerk
from documents.writing import contract
from documents.writing.contract import Citation
from documents.writing.contract import Written
from documents.writing.sources import Sources

_TOKENS_A_WORD = 4
"""Of an answer: words of any language, their quotes and what is around them."""
_TOKENS_A_CLAIM = 120
_BEFORE_WORDS = 300
_MOST_TOLD = 40
"""Claims of earlier parts that are named as not to be said again."""


@dataclass(slots=True)
class _Draft:
    """A section, as far as it is written."""

    blocks: blocks.Blocks = ()
    citations: tuple[Citation, ...] = ()
    problems: tuple[contract.Problem, ...] = ()
    uncited: tuple[contract.Uncited, ...] = ()

    def add(self, part: Written) -> None:
        self.blocks += part.blocks
        self.citations += part.citations
        self.problems += part.problems
        self.uncited += part.uncited

    def written(self) -> Written:
        return Written(self.blocks, self.citations, self.problems, self.uncited)


def section(clerk: Clerk, row: DocumentSection, sources: Sources) -> Written:
    """Its text and what it cites. Raises NotFit when a model wrote no text, however often it was asked."""
    while True:
        try:
            return _section(clerk, row, sources)
        except ContextTooLong:
            keys = list(sources.by_key)
            if len(keys) < 2:
                raise
            # The best are first.
            sources = Sources.of([sources.by_key[key] for key in keys[: len(keys) // 2]])


def _section(clerk: Clerk, row: DocumentSection, sources: Sources) -> Written:
    words = length.words_for(row)
    told = _told(clerk, row, words)
    parts = drafting.parts_of(words)
    claims = _planned(clerk, told, sources, parts)
    draft = _Draft()
    for part in range(1, parts + 1):
        mine = [claim for claim in claims if claim.part == part]
        said = [claim.claim for claim in claims if claim.part < part]
        data = told | {
            "claims": [{"claim": claim.claim, "sources": list(claim.sources)} for claim in mine],
            "before": _tail(told["before"] if part == 1 else _text(draft.blocks)),
            "not_again": said[-_MOST_TOLD:],
        }
        cited = _those_of(mine, sources)
        draft.add(_part(clerk, data, cited, part=part, parts=parts, words=words // parts, draft=draft))
    return draft.written()


def _part(
    clerk: Clerk, data: dict[str, Any], sources: Sources, *, part: int, parts: int, words: int, draft: _Draft
) -> Written:
    task = drafting.WRITE_TASK.replace("{part}", str(part)).replace("{parts}", str(parts))
    task = task.replace("{words}", str(words)).replace("{rules}", contract.RULES)
    messages = clerk.prompt(task, data, sources=sources.told())
    ask = clerk.by(f"write:{part}", 500 + words * _TOKENS_A_WORD, contract.SCHEMA)
    first = 1 + len(draft.citations)
    return contract.write(messages, ask, sources, first=first)


def _planned(clerk: Clerk, told: dict[str, Any], sources: Sources, parts: int) -> list[Claim]:
    carrying = {key for key, source in sources.by_key.items() if source.passages}
    messages = clerk.prompt(drafting.PLAN_TASK, told | {"parts": parts}, sources=sources.told())
    room = 300 + parts * drafting.MOST_CLAIMS * _TOKENS_A_CLAIM
    return clerk.asked(
        "plan", messages, room, drafting.PLAN, lambda answer: drafting.read_plan(answer, parts=parts, keys=carrying)
    )


def _those_of(claims: Sequence[Claim], sources: Sources) -> Sources:
    """What a part may cite: the sources of its claims; all of them where the plan named none."""
    named = {key for claim in claims for key in claim.sources}
    return Sources.of([source for key, source in sources.by_key.items() if key in named]) if named else sources


def _told(clerk: Clerk, row: DocumentSection, words: int) -> dict[str, Any]:
    """What every prompt of a section is told of it and of the document."""
    rows = list(DocumentSection.objects.filter(document=clerk.desk.document).order_by("number").defer("styled"))
    earlier = [one for one in rows if one.number < row.number]
    last = next((one for one in reversed(earlier) if one.content), None)
    return {
        "section": {"title": row.title, "goal": row.goal, "words": words},
        "outline": [{"number": one.number, "level": one.level, "title": one.title} for one in rows],
        "earlier": [{"title": one.title, "summary": one.summary} for one in earlier if one.summary],
        "before": _text(blocks.read(last.content)) if last else "",
    }


def _text(text: blocks.Blocks) -> str:
    return " ".join(sentence.text for sentence in blocks.sentences(text))


def _tail(text: str) -> str:
    return " ".join(text.split()[-_BEFORE_WORDS:])

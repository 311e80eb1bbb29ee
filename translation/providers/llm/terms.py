"""Names and terms of a text, so that each has one rendering in all of it: found, and rendered by one call."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from itertools import pairwise

import regex  # type: ignore[import-untyped]

from core.llm import Message
from translation import languages
from translation import markers
from translation.providers.base import Context
from translation.providers.llm import asking
from translation.providers.llm import prompts
from translation.providers.llm.asking import NoAnswer
from translation.segments import Segment

MOST = 60
"""Of a text: those that stand in it most often."""
_LEAST = 2
_LONGEST = 60
_WORD = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}\p{N}'’-]*|[.!?:;\n«»“”\"()]")
_CAPITAL = regex.compile(r"\p{Lu}")
_CASELESS = frozenset({"zh", "ja", "ko", "ar", "he", "fa", "ur", "hi", "bn", "th", "ka", "ta"})


def collect(segments: Iterable[Segment], glossary: Mapping[str, str]) -> Counter[str]:
    """Names with how often they stand there: words with a capital that begin no sentence, neighbours together."""
    known = {word.casefold() for word in glossary}
    counted: Counter[str] = Counter()
    for segment in segments:
        counted.update(_names(markers.plain(segment.text)))
    wanted = {name: count for name, count in counted.items() if count >= _LEAST and name.casefold() not in known}
    return Counter(dict(Counter(wanted).most_common(MOST)))


def _names(text: str) -> Iterable[str]:
    words = [".", *_WORD.findall(text)]
    name: list[str] = []
    for before, word in pairwise(words):
        begins = not before[0].isalnum()
        if _CAPITAL.match(word) and (name or not begins):
            name.append(word)
            continue
        if name:
            yield " ".join(name)[:_LONGEST]
        name = []
    if name:
        yield " ".join(name)[:_LONGEST]


def propose(names: Mapping[str, int], ctx: Context) -> dict[str, str]:
    """Renderings of names, asked for by one call; those that the model did not give are left out.

    Raises children of ServiceError. Asks nothing for no names.
    """
    if not names or (ctx.source and languages.ALL[ctx.source].base in _CASELESS):
        return {}
    segments = [Segment(number, "", "paragraph", name) for number, name in enumerate(names, start=1)]
    wanted = frozenset(one.number for one in segments)
    try:
        answer = asking.complete(_prompt(segments, ctx), ctx.model, ctx, source_tokens=20 * len(segments))
    except NoAnswer:
        return {}
    said = prompts.read(answer, wanted)
    return {
        one.text: " ".join(said[one.number].split())
        for one in segments
        if one.number in said and 0 < len(said[one.number]) <= _LONGEST * 2 and not markers.found(said[one.number])
    }


def _prompt(segments: Iterable[Segment], ctx: Context) -> list[Message]:
    system, _ = prompts.batch([], ctx, {})
    data = json.dumps({"segments": [{"id": one.number, "text": one.text} for one in segments]}, ensure_ascii=False)
    task = (
        "The segments are names and terms of one book. Give each the rendering that it shall have in all of the book: "
        "in its basic form, without any remark."
    )
    return [Message("system", f"{system.content}\n\n{task}"), Message("user", data)]

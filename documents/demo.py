"""What the demo model writes where documents ask for JSON, so that a whole document can be seen without a key.

It invents nothing: its sentences say that they are a demo's, and what it cites are words of the sources that it was
given, quoted letter by letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from core import llm
from documents import drafting
from documents import outlining
from documents import styling
from documents.prompting import FENCE
from documents.writing import contract
from documents.writing import sources

_TITLES = ("Introduction", "What is known", "How it was studied", "What was found", "Discussion", "Conclusion")
_OPENS = {"en": "In this place, ", "uk": "У цьому місці "}
"""Which the style pass takes away, so that there is something to see of it."""
_FILLING = {
    "en": (
        "a real model would write an argument of its own here",
        "the demo model of this site holds the place of a thought",
        "the next step of the reasoning would follow from the one before",
        "a careful author would weigh what speaks against the claim",
        "nothing is said that a reader should believe",
        "the text only shows how long such a part would be",
    ),
    "uk": (
        "справжня модель написала б власне міркування",
        "демо-модель цього сайту лише тримає місце для думки",
        "наступний крок міркування випливав би з попереднього",
        "уважний автор зважив би те, що говорить проти твердження",
        "не сказано нічого, чому читач мав би вірити",
        "текст лише показує, якою завдовжки була б така частина",
    ),
}
_CITES = {"en": "A demo source has these words: “{quote}”.", "uk": "У демо-джерелі стоять такі слова: «{quote}»."}
_ALWAYS = ("green roofs and heat in dense cities", "remote work and productivity", "trust in government services")
_QUOTE_WORDS = 20
_SUMMARY_WORDS = 60
_GOAL = "Says what {title} would say. Builds on what stands before it."


def register() -> None:
    """Called once, when the app is ready."""
    for schema, answer in ANSWERS.items():
        llm.scripted.register(schema, answer)


def data_of(messages: Sequence[llm.Message]) -> dict[str, Any]:
    """What a task speaks of: the JSON of the first prompt."""
    told = next(message.content for message in messages if message.role == "user")
    found: dict[str, Any] = json.loads(told.split(FENCE)[1])
    return found


def _outline(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    data = data_of(messages)
    count = max(1, min(len(_TITLES), int(data["most_sections"]), 2 + int(data["pages"])))
    each, rest = divmod(int(data["words"]), count)
    sections = [
        {
            "title": title,
            "goal": _GOAL.format(title=title.lower()),
            "words": each + (rest if number == 0 else 0),
            "level": 1,
            "needs_sources": 0 < number < count - 1,
        }
        for number, title in enumerate(_TITLES[:count])
    ]
    return {"sections": sections}


def _queries(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    section = data_of(messages)["section"]
    # Whatever the topic is, some of the demo sources are found.
    return {"queries": [section["title"], *_ALWAYS]}


def _plan(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    data, given = data_of(messages), _sources(messages)
    parts = int(data["parts"])
    claims: list[dict[str, Any]] = [
        {"part": part, "claim": f"{data['section']['title']}, part {part}: an argument of its own.", "sources": []}
        for part in range(1, parts + 1)
    ]
    for number, source in enumerate(given[: 3 * parts]):
        quote = _quote(source)
        claims.append({"part": 1 + number % parts, "claim": quote, "sources": [source["key"]]})
    return {"claims": claims}


def _text(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    data, given = data_of(messages), {source["key"]: source for source in _sources(messages)}
    language = _language(messages)
    cited = [key for claim in data["claims"] for key in claim["sources"] if key in given]
    quotes = [(key, _quote(given[key])) for key in dict.fromkeys(cited)]
    sentences = [
        {"t": _CITES[language].format(quote=quote), "c": [{"s": key, "quote": quote, "claim": quote}]}
        for key, quote in quotes
    ]
    words = sum(len(str(one["t"]).split()) for one in sentences)
    filling, number = _FILLING[language], 0
    while words < _wanted_words(messages):
        text = f"{_OPENS[language]}{filling[number % len(filling)]}."
        sentences.insert(min(2 * number, len(sentences)), {"t": text, "c": []})
        words, number = words + len(text.split()), number + 1
    return {"kind": "text", "blocks": [{"kind": "paragraph", "s": part} for part in _paragraphs(sentences)]}


def _style(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    opens = tuple(_OPENS.values())
    told = [one for one in data_of(messages)["sentences"] if str(one["t"]).startswith(opens)]
    return {"sentences": [{"id": one["id"], "t": _shorter(str(one["t"]), opens)} for one in told[::2]]}


def _summary(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    return {"summary": " ".join(str(data_of(messages)["text"]).split()[:_SUMMARY_WORDS])}


def _shorter(text: str, opens: Sequence[str]) -> str:
    rest = next(text.removeprefix(one) for one in opens if text.startswith(one))
    return rest[0].upper() + rest[1:]


def _paragraphs(sentences: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    return [sentences[start : start + 6] for start in range(0, len(sentences), 6)]


def _sources(messages: Sequence[llm.Message]) -> list[dict[str, Any]]:
    """Those that may be quoted."""
    told = next(message.content for message in messages if message.role == "user").split(sources.FENCE)
    found: list[dict[str, Any]] = json.loads(told[1]) if len(told) > 1 else []
    return found


def _quote(source: dict[str, Any]) -> str:
    """The first words of its first passage, letter by letter."""
    passage = str(source["passages"][0])
    ends = [match.end() for match in re.finditer(r"\S+", passage)]
    quote = passage[: ends[min(_QUOTE_WORDS, len(ends)) - 1]]
    sentence = re.match(r"[^.!?]{40,}?(?=[.!?](?:\s|\Z))", quote)
    return sentence.group() if sentence else quote


def _wanted_words(messages: Sequence[llm.Message]) -> int:
    told = next(message.content for message in messages if message.role == "user")
    found = re.search(r"about (\d{1,5}) words", told)
    return int(found[1]) if found else 0


def _language(messages: Sequence[llm.Message]) -> str:
    """Of the text; it writes two."""
    return "uk" if "in Ukrainian" in messages[0].content.split("\n", 1)[0] else "en"


ANSWERS: dict[str, Callable[[Sequence[llm.Message], llm.Schema], dict[str, Any]]] = {
    outlining.SCHEMA.name: _outline,
    drafting.QUERIES.name: _queries,
    drafting.PLAN.name: _plan,
    contract.SCHEMA.name: _text,
    styling.SCHEMA.name: _style,
    drafting.SUMMARY.name: _summary,
}
"""By the name of the schema that is asked for."""

"""What the demo model says: facts, a sum, a table, code, a picture's colours. The same question, the same answer."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from core.llm.adapters.demo import seeing
from core.llm.base import Message

Language = Literal["en", "uk"]

_DIAGRAM = re.compile(r"\b(diagram|flow ?chart|діаграм|блок-схем)", re.IGNORECASE)
_CODE = re.compile(r"\b(code|python|script|snippet|curl|код\w*|скрипт\w*|приклад коду)\b", re.IGNORECASE)
_TABLE = re.compile(r"\b(table|tabular|compare|comparison|таблиц\w*|порівня\w*)\b", re.IGNORECASE)
_CONTINUE = re.compile(r"\b(continue|go on|продовж\w*|далі)\b", re.IGNORECASE)
_EXCHANGE = re.compile(r"Question:\s*(.+?)(?:\n\nAnswer:|\Z)", re.DOTALL)
_SUM = re.compile(r"[\d(][\d\s.()+\-*/×÷]*[+\-*/×÷][\d\s.()+\-*/×÷]*[\d)]")
_MARKED = re.compile(r"<(\w+ [\w-]+)>\n(.*)\n</\1>", re.DOTALL)
_MOST_FACTS = 2

_PHRASES = {
    "intro": {
        "en": "I am the **demo model** of Kintsugi: no real language model is connected, so I answer from a few "
        "built-in facts.",
        "uk": "Я — **демо-модель** Kintsugi: справжню мовну модель не підключено, тож я відповідаю з кількох "
        "вбудованих фактів.",
    },
    "again": {"en": "*Demo model:*", "uk": "*Демо-модель:*"},
    "asked": {
        "en": "You wrote: “{question}” A real model would answer that; here is what I can tell you.",
        "uk": "Ви написали: «{question}» На це відповіла б справжня модель; ось що можу сказати я.",
    },
    "sum": {
        "en": "The sum is easy even for me: `{sum}` = **{value}**.",
        "uk": "Це порахую і я: `{sum}` = **{value}**.",
    },
    "next": {
        "en": "To talk to a real model, staff can paste a key in at `/admin/` (Provider keys); or set "
        "`OPENAI_API_KEY`, or start Ollama, and restart. Ask me about {topics}.",
        "uk": "Щоб говорити зі справжньою моделлю, працівники сайту можуть вставити ключ на `/admin/` "
        "(Provider keys); або задайте `OPENAI_API_KEY` чи запустіть Ollama й перезапустіть. "
        "Запитайте мене про: {topics}.",
    },
    "tool": {
        "en": "I am the **demo model**. The tool `{name}` answered:",
        "uk": "Я — **демо-модель**. Інструмент `{name}` відповів:",
    },
    "another": {"en": "The tool `{name}` answered:", "uk": "Інструмент `{name}` відповів:"},
    "thought": {
        "en": "Somebody asks “{question}”. I have no model behind me, so I look through my built-in facts. "
        "First what the words mean, then which fact fits best, then how to say it shortly.",
        "uk": "Питають: «{question}». Справжньої моделі за мною немає, тож я перебираю вбудовані факти. "
        "Спершу — що означають слова, далі — який факт підходить, тоді — як сказати коротко.",
    },
    "refusal": {
        "en": "I am the demo model, and I was told to decline this one.",
        "uk": "Я — демо-модель, і мені наказано відмовити.",
    },
}

_TABLES = {
    "en": "| Provider | Setting | Where the text goes |\n|---|---|---|\n| Demo | none | nowhere |\n"
    "| Ollama, LM Studio | none, found at start | this machine |\n| OpenAI | `OPENAI_API_KEY` | OpenAI |\n"
    "| OpenRouter | `OPENROUTER_API_KEY` | OpenRouter |\n| Any compatible server | `OPENAI_BASE_URL` | that server |",
    "uk": "| Провайдер | Змінна | Куди йде текст |\n|---|---|---|\n| Демо | не потрібна | нікуди |\n"
    "| Ollama, LM Studio | не потрібна, знайдуться самі | ця машина |\n| OpenAI | `OPENAI_API_KEY` | OpenAI |\n"
    "| OpenRouter | `OPENROUTER_API_KEY` | OpenRouter |\n| Сумісний сервер | `OPENAI_BASE_URL` | той сервер |",
}

_SNIPPETS = {
    "en": "This asks a question through the API and prints the answer as it streams:",
    "uk": "Цей код ставить запитання через API й друкує відповідь, щойно вона надходить:",
}
_SNIPPET = """```python
import json
import httpx

def ask(site: str, token: str, chat_id: str, question: str) -> None:
    url = f"{site}/api/chats/{chat_id}/messages"
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("POST", url, json={"content": question}, headers=headers, timeout=None) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                print(json.loads(line[6:]).get("delta", ""), end="", flush=True)
```"""

_DIAGRAMS = {
    "en": "This is how a question becomes an answer:\n\n```mermaid\nflowchart TD\n"
    "  A[Your question] --> B{Tokens left?}\n  B -->|no| C[See plans]\n  B -->|yes| D[Hold]\n"
    "  D --> E[The model answers]\n  E --> F[Settle what was used]\n```",
    "uk": "Ось як запитання стає відповіддю:\n\n```mermaid\nflowchart TD\n"
    "  A[Ваше запитання] --> B{Є токени?}\n  B -->|ні| C[Тарифи]\n  B -->|так| D[Резерв]\n"
    "  D --> E[Модель відповідає]\n  E --> F[Списання за фактом]\n```",
}

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Fact(msgspec.Struct, frozen=True):
    """One thing worth knowing; ``stems`` are the beginnings of the words that ask for it."""

    stems: dict[Language, list[str]]
    title: dict[Language, str]
    text: dict[Language, str]


@cache
def _facts() -> list[Fact]:
    return msgspec.json.decode(Path(__file__).with_name("facts.json").read_bytes(), type=list[Fact])


def language_of(text: str) -> Language:
    """Ukrainian when more Cyrillic letters than Latin ones stand in the text."""
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in text)
    latin = sum(letter.isascii() and letter.isalpha() for letter in text)
    return "uk" if cyrillic > latin else "en"


def answer(messages: Sequence[Message]) -> str:
    """The whole answer to the last message; of an answer that was already begun, the rest."""
    turns = list(messages)
    if turns and turns[-1].role == "tool":
        return _of_tool(turns)
    return _rest(turns) or _of_question(turns)


def title(messages: Sequence[Message]) -> str:
    """The first words of what the person wrote, also where the question stands quoted beside its answer."""
    question = _question(messages)
    exchange = _EXCHANGE.match(question)
    return " ".join((exchange[1] if exchange else question).split()[:6]).strip(".,:;!?") or "Demo"


def _rest(turns: list[Message]) -> str:
    """What is left of the last answer, when it was cut short and no new question was asked; else nothing."""
    if len(turns) > 1 and turns[-1].role == "user" and _CONTINUE.search(turns[-1].content):
        turns = turns[:-1]
    if not turns or turns[-1].role != "assistant":
        return ""
    whole, begun = _of_question(turns[:-1]), turns[-1].content
    return whole.removeprefix(begun) if whole.startswith(begun) else ""


def _question(turns: Sequence[Message]) -> str:
    return _asking(turns).content


def _asking(turns: Sequence[Message]) -> Message:
    return next((turn for turn in reversed(turns) if turn.role == "user"), Message("user"))


def thought(messages: Sequence[Message]) -> str:
    """What it thinks before it answers."""
    question = _question(messages)
    return _PHRASES["thought"][language_of(question)].format(question=_shortened(question))


def refusal(messages: Sequence[Message]) -> str:
    """How it declines."""
    return _PHRASES["refusal"][language_of(_question(messages))]


def _of_tool(turns: Sequence[Message]) -> str:
    """Every answer of the tools since the question, in the order of the calls."""
    language = language_of(_question(turns))
    calls = {call.id: call.name for turn in turns for call in turn.tool_calls}
    asked = max((at for at, turn in enumerate(turns) if turn.role == "user"), default=-1)
    parts: list[str] = []
    for result in (turn for turn in turns[asked + 1 :] if turn.role == "tool"):
        opening = _PHRASES["another" if parts else "tool"][language].format(name=calls.get(result.tool_call_id, "?"))
        parts.append(f"{opening}\n\n```json\n{_unmarked(result.content)}\n```")
    return "\n\n".join(parts)


def _unmarked(result: str) -> str:
    """A result without the marks between which it was given: they are for models, not for people."""
    found = _MARKED.fullmatch(result.strip())
    return (found[2] if found else result).strip()


def _of_question(turns: Sequence[Message]) -> str:
    question = _question(turns)
    language = language_of(question)
    known = any(turn.role == "assistant" for turn in turns)
    parts = [_PHRASES["again" if known else "intro"][language]]
    extras = [*seeing.sentences(_asking(turns).images, language), *_extras(question, language)]
    facts = _best(question, language)
    if not extras and not facts and question.strip():
        parts.append(_PHRASES["asked"][language].format(question=_shortened(question)))
    parts += extras
    parts += [f"### {fact.title[language]}\n\n{fact.text[language]}" for fact in facts or _facts()[:1]]
    parts.append(_PHRASES["next"][language].format(topics=_topics(facts, language)))
    return "\n\n".join(parts)


def _extras(question: str, language: Language) -> list[str]:
    extras = []
    if (found := _SUM.search(question)) and (value := calculate(found[0])) is not None:
        extras.append(_PHRASES["sum"][language].format(sum=found[0].strip(), value=f"{value:.12g}"))
    if _TABLE.search(question):
        extras.append(_TABLES[language])
    if _DIAGRAM.search(question):
        extras.append(_DIAGRAMS[language])
    if _CODE.search(question):
        extras.append(f"{_SNIPPETS[language]}\n\n{_SNIPPET}")
    return extras


def _best(question: str, language: Language) -> list[Fact]:
    words = re.findall(r"[\w’ʼ']+", question.lower())
    scores = [
        (sum(word.startswith(stem) for word in words for stem in fact.stems[language]), -index, fact)
        for index, fact in enumerate(_facts())
    ]
    found = sorted((score for score in scores if score[0]), key=lambda score: score[:2], reverse=True)
    return [fact for _score, _index, fact in found[:_MOST_FACTS]]


def _topics(told: Sequence[Fact], language: Language) -> str:
    titles = [fact.title[language] for fact in _facts() if fact not in told]
    return ", ".join(f"*{name}*" for name in titles[1:4])


def _shortened(question: str) -> str:
    flat = " ".join(question.split())
    return flat if len(flat) <= 120 else flat[:119] + "…"


def calculate(text: str) -> float | None:
    """The value of a sum of plain numbers with ``+ - * /`` and brackets; None for anything else, dates included."""
    source = text.replace("×", "*").replace("÷", "/").strip()
    if len(source) > 100 or not re.search(r"[+*/]| - ", source):
        return None
    try:
        return _value(ast.parse(source, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError):
        return None


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError("not a sum")

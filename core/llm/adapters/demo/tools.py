"""The demo model's way with tools: a question that names some gets them called, with arguments that fit their schemas.

Tools named in one breath are called in one turn; what follows "then" is called when the answers are there. And
``/demo tools <how>`` makes it the model one has to be ready for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.llm.adapters.demo import schemas
from core.llm.base import Message
from core.llm.base import Request
from core.llm.base import Tool
from core.llm.base import ToolCall

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_QUOTED = re.compile(r"[\"'“«`]([^\"'”»`]+)[\"'”»`]")
_THEN = re.compile(r"\b(?:and then|then|after that|afterwards|потім|тоді|після цього|далі)\b", re.IGNORECASE)
_SAID_AS = {
    "now": (r"the time", r"what time", r"час", r"котра (?:зараз )?година"),
    "time": (r"час", r"котра (?:зараз )?година"),
    "say": (r"повтори",),
    "search_messages": (r"знайди", r"пошукай"),
    "translate": (r"перекладіть", r"переклади"),
}
"""What people say who do not know what a tool of this house is called, in small letters."""
_SCRIPT = re.compile(r"/demo\s+tools\s+(\w+)")
UNKNOWN = "no_such_tool"
HALF_ARGUMENTS = '{"half": '


@dataclass(frozen=True, slots=True)
class _Loop:
    """Where a tool loop stands: the question, and what was done about it since."""

    question: str
    steps: int
    called: frozenset[str]
    last_results: tuple[str, ...]


def script(messages: Sequence[Message]) -> str:
    """What ``/demo tools`` in the last question asks for."""
    found = _SCRIPT.search(_loop(messages).question)
    return found[1].lower() if found else ""


def calls_for(request: Request) -> tuple[ToolCall, ...]:
    """The calls of this turn; none when it is time to answer."""
    tools, loop = list(request.tools), _loop(request.messages)
    if not tools or request.tool_choice == "none" or not loop.question:
        return ()
    played = _played(script(request.messages), tools, loop)
    calls = _asked(request, tools, loop) if played is None else played
    named = [(name, _json(arguments)) for name, arguments in calls]
    return tuple(_call(name, arguments, loop.steps, place) for place, (name, arguments) in enumerate(named))


def _json(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()


def _call(name: str, arguments: str, step: int, place: int) -> ToolCall:
    digest = hashlib.sha256(f"{name}{arguments}{step}/{place}".encode()).hexdigest()
    return ToolCall(id=f"call_{digest[:24]}", name=name, arguments=arguments)


def _loop(messages: Sequence[Message]) -> _Loop:
    asked = next((at for at in range(len(messages) - 1, -1, -1) if messages[at].role == "user"), None)
    if asked is None:
        return _Loop("", 0, frozenset(), ())
    since = messages[asked + 1 :]
    if since and since[-1].role == "assistant":  # an answer that is to be continued
        return _Loop("", 0, frozenset(), ())
    turns = [message for message in since if message.tool_calls]
    results = []
    for message in reversed(since):
        if message.role != "tool":
            break
        results.append(message.content)
    called = frozenset(call.name for turn in turns for call in turn.tool_calls)
    return _Loop(messages[asked].content, len(turns), called, tuple(reversed(results)))


def _played(how: str, tools: list[Tool], loop: _Loop) -> list[tuple[str, Any]] | None:
    """The calls of a script; None without one."""
    first = tools[0]
    begin = loop.steps == 0
    match how:
        case "loop":
            return [(first.name, _arguments(first, loop.question))]
        case "bad_arguments":
            return [(first.name, HALF_ARGUMENTS)] if begin else []
        case "unknown":
            return [(UNKNOWN, {})] if begin else []
        case "parallel":
            return [(tool.name, _arguments(tool, loop.question)) for tool in tools] if begin else []
        case "think":
            return [(first.name, _arguments(first, loop.question))] if begin else []
        case "obey":
            return _obeyed(tools, loop)
        case _:
            return None


def _obeyed(tools: list[Tool], loop: _Loop) -> list[tuple[str, Any]]:
    """A model that takes what a tool answers for its orders: it calls whatever tool the answer names."""
    if loop.steps == 0:
        return [(tools[0].name, _arguments(tools[0], loop.question))]
    orders = "\n".join(loop.last_results)
    ordered = [tool for tool in _named(tools, orders) if tool.name not in loop.called]
    return [(tool.name, _arguments(tool, orders)) for tool in ordered[:1]]


def _asked(request: Request, tools: list[Tool], loop: _Loop) -> list[tuple[str, Any]]:
    """What the question asks for in this step, and what the caller insists on in the first."""
    steps: list[list[tuple[str, Any]]] = []
    for part in _THEN.split(loop.question):
        named = _named(tools, part)
        numbers, quoted = _NUMBER.findall(part), _QUOTED.findall(part)
        calls = [(tool.name, _taken(tool.parameters, part, numbers, quoted)) for tool in named]
        steps += [calls] if request.parallel and calls else [[call] for call in calls]
    if not steps and request.tool_choice != "auto":
        forced = next((tool for tool in tools if tool.name == request.tool_choice), tools[0])
        steps = [[(forced.name, _arguments(forced, loop.question))]]
    return steps[loop.steps] if loop.steps < len(steps) else []


def _named(tools: list[Tool], text: str) -> list[Tool]:
    """The tools whose names stand in a text, in its order."""
    places = [(place, tool.name, tool) for tool in tools if (place := _place(tool.name, text.lower())) is not None]
    return [tool for _place, _name, tool in sorted(places, key=lambda place: place[:2])]


def _place(name: str, spoken: str) -> int | None:
    """Where a text names a tool: as it is called, or with its words in their order, such as "search my messages"."""
    own = name.lower().rpartition("__")[2]  # without the name of its source
    words = r"\b.{0,30}?\b".join(map(re.escape, filter(None, re.split(r"[_-]", own))))
    forms = [re.escape(name.lower()), words, *_SAID_AS.get(own, ())]
    found = [match.start() for form in forms if (match := re.search(rf"(?<!\w){form}(?!\w)", spoken))]
    return min(found, default=None)


def _arguments(tool: Tool, question: str) -> dict[str, Any]:
    return _taken(tool.parameters, question, _NUMBER.findall(question), _QUOTED.findall(question))


def _taken(schema: Mapping[str, Any], question: str, numbers: list[str], quoted: list[str]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    wanted = schema.get("required") or list(properties)
    return {name: _value(properties.get(name, {}), question, numbers, quoted) for name in wanted}


def _value(schema: Mapping[str, Any], question: str, numbers: list[str], quoted: list[str]) -> Any:
    """A value of the schema's type, taken from the question where it holds one."""
    if schema.get("enum"):
        return next((value for value in schema["enum"] if str(value).lower() in question.lower()), schema["enum"][0])
    match schema.get("type"):
        case "integer":
            return int(float(numbers.pop(0))) if numbers else 0
        case "number":
            return float(numbers.pop(0)) if numbers else 0.0
        case "array":
            return []
        case "object":
            return _taken(schema, question, numbers, quoted)
        case "string" | None:
            return quoted.pop(0) if quoted else " ".join(question.split()[-1:]).strip(".,:;!?")
        case _:
            return schemas.fitting(schema)

"""What the bodies of all protocols have in common: turns that fit together, and what a model cannot read."""

from __future__ import annotations

import base64
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import Literal

import msgspec

from core.llm import abilities
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import Request
from core.llm.base import State

BLIND = "[A picture stood here; this model cannot see pictures.]"
UNREAD = "[The document “{name}” stood here; this model cannot read its pages.]"


def closed(messages: Sequence[Message]) -> list[Message]:
    """The turns without calls that nobody answered and answers that nobody asked for, which every provider refuses."""
    answered: set[str] = set()
    kept: list[Message] = []
    for index, message in enumerate(messages):
        if message.role == "tool":
            if message.tool_call_id in answered:
                kept.append(message)
                answered.discard(message.tool_call_id)
            continue
        answered = set()
        if message.tool_calls:
            results = _results(messages[index + 1 :])
            calls = tuple(call for call in message.tool_calls if call.id in results)
            answered = {call.id for call in calls}
            if not calls and not message.content:
                continue
            # What was thought before a call that is gone fits no more.
            whole = len(calls) == len(message.tool_calls)
            kept.append(message if whole else replace(message, tool_calls=calls, state=None))
        else:
            kept.append(message)
    return kept


def _results(following: Sequence[Message]) -> set[str]:
    results = set()
    for message in following:
        if message.role != "tool":
            break
        results.add(message.tool_call_id)
    return results


def content(message: Message, model: Model) -> str:
    """The text, with a line for everything beside it that the model cannot read."""
    reads = abilities.of(model).inputs
    lines = [] if "image" in reads else [BLIND] * len(message.images)
    if "pdf" not in reads:
        lines += [UNREAD.format(name=document.name) for document in message.documents]
    return "\n\n".join([*lines, message.content]) if lines else message.content


def images(message: Message, model: Model) -> list[tuple[str, str]]:
    """Pictures the model sees, as (type, base64)."""
    if "image" not in abilities.of(model).inputs:
        return []
    return [(image.mime_type, encoded(image.data)) for image in message.images]


def documents(message: Message, model: Model) -> list[tuple[str, str]]:
    """PDFs whose pages the model reads, as (name, base64)."""
    if "pdf" not in abilities.of(model).inputs:
        return []
    return [(document.name, encoded(document.data)) for document in message.documents]


def alternating(
    messages: Iterable[Message], blocks: Callable[[Message], list[Any]]
) -> list[tuple[Literal["user", "assistant"], list[Any]]]:
    """Turns of user and assistant in alternation; the results of one turn's calls are one turn of the user."""
    found: list[tuple[Literal["user", "assistant"], list[Any]]] = []
    for message in messages:
        role: Literal["user", "assistant"] = "assistant" if message.role == "assistant" else "user"
        made = blocks(message)
        if not made:
            continue
        if found and found[-1][0] == role:
            found[-1][1].extend(made)
        else:
            found.append((role, made))
    return found


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def state_items(state: State | None, request: Request, protocol: str) -> list[msgspec.Raw]:
    """What goes back to this very model; nothing for another one, or where the server refused it."""
    if state is None or request.adjustments.stateless or state.protocol != protocol:
        return []
    if (state.provider, state.model) != (request.model.provider, request.model.wire_name):
        return []
    return msgspec.json.decode(state.items, type=list[msgspec.Raw])


def without(body: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The body without the parameters of these names; ``a.b`` is the one inside another, which goes when empty."""
    for name in names:
        outer, dot, inner = name.partition(".")
        if not dot:
            body.pop(outer, None)
        elif isinstance(body.get(outer), dict):
            body[outer] = {key: value for key, value in body[outer].items() if key != inner}
            if not body[outer]:
                del body[outer]
    return body


def opening(messages: Sequence[Message]) -> list[Message]:
    """The instructions before the conversation."""
    found = []
    for message in messages:
        if message.role != "system":
            break
        found.append(message)
    return found


def arguments(text: str) -> msgspec.Raw:
    """The arguments of a call as JSON for providers that want an object; an empty one where they are none."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError):
        document = None
    return msgspec.Raw(text.encode() if isinstance(document, dict) else b"{}")

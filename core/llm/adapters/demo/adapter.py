"""Plays a provider: the pace, the usage, the limits and, when told to, the failures of a real one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from django.conf import settings

from core.errors import DomainError
from core.llm import abilities
from core.llm import tokens
from core.llm.adapters.demo import answers
from core.llm.adapters.demo import schemas
from core.llm.adapters.demo import tools
from core.llm.base import Delta
from core.llm.base import Message
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.base import Schema
from core.llm.base import Usage
from core.llm.errors import ContextTooLong
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderSilent
from core.llm.errors import StreamCut
from core.llm.errors import ThoughtTooLong
from core.llm.scripted import find as find_scripted

_COMMAND = re.compile(r"/demo\s+fail\s+(\w+)")
_OTHER = re.compile(r"/demo\s+(think|hide|eaten|refuse)\b(?:\s+(\d{1,3}))?")
_USUAL_THINKING_SECONDS = 2
# By how hard it is told to think: how many times the pause between two words a word of its thinking takes.
_THINKING_PAUSES = {"low": 1, "medium": 3, "high": 6}
_WORD = re.compile(r"\s*\S+\s*")
_WORDS_BEFORE_FAILURE = 5
_SLOWER = 10
_TITLE_TOKENS = 64
_REFUSALS: dict[str, Callable[[], DomainError]] = {
    "rate_limit": lambda: ProviderRateLimited(retry_after=7),
    "context": ContextTooLong,
    "key": ProviderRejectedKey,
    "quota": ProviderQuotaExceeded,
}


@dataclass(frozen=True, slots=True)
class _Script:
    """An answer with everything that belongs to it, worked out before the first word."""

    text: str
    finish_reason: str
    usage: Usage
    thought: str = ""
    hides: bool = False


class Demo:
    """A provider without a network."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config

    async def list_models(self) -> list[str]:
        return ["demo"]

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        failure = "" if _wants_title(request) else _failure(request.messages)
        if failure in _REFUSALS:
            raise _REFUSALS[failure]()
        script = await asyncio.to_thread(_script, request)
        pause = settings.LLM_DEMO_WORD_SECONDS * (_SLOWER if failure == "slow" else 1)
        async for delta in _thought(script, _thinking_seconds(request, script.thought, pause)):
            yield delta
        if calls := tools.calls_for(request):
            written = "".join(call.arguments for call in calls)
            usage = await asyncio.to_thread(_usage, request, written, script.thought)
            yield Delta(tool_calls=calls, finish_reason="tool_calls", usage=usage)
            return
        if script.finish_reason == "eaten":
            yield Delta(finish_reason="length", usage=script.usage)
            raise ThoughtTooLong(reasoning_tokens=script.usage.reasoning_tokens)
        words = _WORD.findall(script.text)
        async for delta in _spoken(words[:_WORDS_BEFORE_FAILURE] if _breaks(failure) else words, pause):
            yield delta
        if failure == "filter":
            yield Delta(finish_reason="content_filter")
            return
        if _breaks(failure):
            await _break_off(failure)
        yield Delta(finish_reason=script.finish_reason)
        yield Delta(usage=script.usage)


def _wants_title(request: Request) -> bool:
    return request.max_tokens <= _TITLE_TOKENS and any(
        message.role == "system" and "title" in message.content.lower() for message in request.messages
    )


def _failure(messages: Sequence[Message]) -> str:
    if not messages or messages[-1].role != "user":
        return ""
    command = _COMMAND.search(messages[-1].content)
    return command[1].lower() if command else ""


def _breaks(failure: str) -> bool:
    return failure in {"cut", "silent", "filter"}


async def _break_off(failure: str) -> None:
    if failure == "silent":
        await asyncio.sleep(settings.LLM_SILENCE_SECONDS)
        raise ProviderSilent
    raise StreamCut


async def _spoken(words: Sequence[str], pause: float) -> AsyncGenerator[Delta]:
    """The words at an even pace; those that fell due together leave together."""
    loop = asyncio.get_running_loop()
    began, said = loop.time(), 0
    while said < len(words):
        due = int((loop.time() - began) / pause) + 1 if pause else said + 1
        if due <= said:
            await asyncio.sleep(began + said * pause - loop.time())
            continue
        yield Delta(text="".join(words[said:due]))
        said = due
        await asyncio.sleep(0)


def _other(request: Request) -> tuple[str, int]:
    """``think``, ``hide``, ``eaten`` or ``refuse``, where the question asks for it, and for how many seconds."""
    messages = request.messages
    if tools.script(messages) == "think":
        return "think", _USUAL_THINKING_SECONDS
    found = _OTHER.search(messages[-1].content) if messages and messages[-1].role == "user" else None
    return (found[1], int(found[2] or _USUAL_THINKING_SECONDS)) if found else ("", 0)


def _effort(request: Request) -> str:
    return abilities.effort(request.model, request.effort, request.adjustments) or "none"


def _thinking_seconds(request: Request, thought: str, pause: float) -> float:
    """What the question asks for, else what its effort takes."""
    asked = _other(request)[1] if pause else 0
    return asked or pause * _THINKING_PAUSES.get(_effort(request), 0) * len(_WORD.findall(thought))


async def _thought(script: _Script, seconds: float) -> AsyncGenerator[Delta]:
    """A thought, spread over its time; of one that is hidden only its time is seen."""
    if script.hides:
        yield Delta()
        await asyncio.sleep(seconds)
        return
    words = _WORD.findall(script.thought)
    for word in words:
        yield Delta(reasoning=word)
        await asyncio.sleep(seconds / len(words))


def _script(request: Request) -> _Script:
    plain = _wants_title(request) or request.schema is not None
    other = "" if _wants_title(request) else _other(request)[0]
    thinks = other in {"think", "hide", "eaten"} or (_effort(request) != "none" and not plain)
    thought = answers.thought(request.messages) if thinks else ""
    if other == "eaten":
        return _Script("", "eaten", _usage(request, "", thought), thought)
    if _wants_title(request):
        text = answers.title(request.messages)
    elif request.schema is not None:
        text = _document(request, request.schema)
    else:
        text = answers.refusal(request.messages) if other == "refuse" else answers.answer(request.messages)
    room = max(1, request.max_tokens - tokens.count_text(thought, request.model)) if thought else request.max_tokens
    kept, _count = tokens.clip(text, room, request.model)
    reason = "length" if kept != text else "refusal" if other == "refuse" else "stop"
    return _Script(kept, reason, _usage(request, kept, thought), thought, hides=other == "hide")


def _document(request: Request, schema: Schema) -> str:
    """JSON that fits: as a module has scripted it, else the plainest there is."""
    scripted = find_scripted(schema.name)
    document = scripted(request.messages, schema) if scripted else schemas.fitting(schema.schema)
    return msgspec.json.encode(document).decode()


def _usage(request: Request, written: str, thought: str = "") -> Usage:
    model = request.model
    prompt = tokens.count_messages(request.messages, model) + tokens.count_tools(request.tools, model)
    thought_tokens = tokens.count_text(thought, model) if thought else 0
    return Usage(
        prompt,
        tokens.count_text(written, model) + thought_tokens,
        reasoning_tokens=thought_tokens if thought else None,
    )

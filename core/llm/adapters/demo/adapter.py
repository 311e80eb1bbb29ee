"""Plays a provider: the pace, the usage, the limits and, when told to, the failures of a real one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from core.errors import DomainError
from core.llm import tokens
from core.llm.adapters.demo import answers
from core.llm.adapters.demo import tools
from core.llm.base import Delta
from core.llm.base import Message
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.base import Usage
from core.llm.errors import ContextTooLong
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderSilent
from core.llm.errors import StreamCut

_COMMAND = re.compile(r"/demo\s+fail\s+(\w+)")
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
        if call := tools.call_for(request.messages, request.tools):
            usage = await asyncio.to_thread(_usage, request, call.arguments)
            yield Delta(tool_calls=(call,), finish_reason="tool_calls", usage=usage)
            return
        script = await asyncio.to_thread(_script, request)
        words = _WORD.findall(script.text)
        pause = settings.LLM_DEMO_WORD_SECONDS * (_SLOWER if failure == "slow" else 1)
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


def _script(request: Request) -> _Script:
    text = answers.title(request.messages) if _wants_title(request) else answers.answer(request.messages)
    kept, count = tokens.clip(text, request.max_tokens, request.model)
    usage = Usage(tokens.count_messages(request.messages, request.model), count)
    return _Script(kept, "stop" if kept == text else "length", usage)


def _usage(request: Request, written: str) -> Usage:
    return Usage(tokens.count_messages(request.messages, request.model), tokens.count_text(written, request.model))

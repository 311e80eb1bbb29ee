"""What the models of a server on this machine can do: each server tells it in a place of its own.

Their documentation of November 2026: Ollama ``/api/show``, LM Studio ``/api/v0/models``, llama.cpp ``/props``. A server
that does not tell leaves its models without eyes and tools, as they would be guesses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import msgspec

from core.llm.adapters import sessions
from core.llm.base import ProviderConfig
from core.llm.lists import Listed
from core.llm.lists import read

LEVELS = ("none", "low", "medium", "high")
"""What Ollama, LM Studio and llama.cpp take as ``reasoning_effort``; thinking is on there unless somebody says no."""
ON_OFF = ("none", "medium")
"""For a template that knows no levels: anything but ``none`` is "on"."""
_SECONDS = 2.0
_AT_ONCE = 8
_LARGEST = 4 * 1024 * 1024


async def describe(config: ProviderConfig, rows: Sequence[Listed]) -> tuple[Listed, ...]:
    """The rows with what their server tells of each; as they were where it does not."""
    root = config.base_url.removesuffix("/v1")
    try:
        async with asyncio.timeout(_SECONDS):
            if config.name == "ollama":
                few = asyncio.Semaphore(_AT_ONCE)
                return tuple(await asyncio.gather(*(_ollama(root, row, few) for row in rows)))
            if config.name == "lmstudio":
                return await _lmstudio(root, rows)
            if config.name == "llamacpp":
                return await _llamacpp(root, rows)
    except TimeoutError:
        pass
    return tuple(rows)


async def _ollama(root: str, row: Listed, few: asyncio.Semaphore) -> Listed:
    async with few:
        told = _mapping(await _json("POST", f"{root}/api/show", {"model": row.id}))
    able = told.get("capabilities")
    info = _mapping(told.get("model_info"))
    windows = [value for name, value in info.items() if name.endswith(".context_length") and isinstance(value, int)]
    described = replace(row, window=windows[0] if windows and windows[0] > 0 else row.window)
    if not isinstance(able, list):
        return described
    return replace(
        described,
        inputs=frozenset({"image"}) if "vision" in able else frozenset(),
        tools="tools" in able,
        thinks="thinking" in able,
        efforts=LEVELS if "thinking" in able else (),
    )


async def _lmstudio(root: str, rows: Sequence[Listed]) -> tuple[Listed, ...]:
    body = await _bytes("GET", f"{root}/api/v0/models", None)
    told = {row.id: row for row in reading.rows} if (reading := read(body)) else {}
    found = (told.get(row.id, row) for row in rows)
    return tuple(replace(row, efforts=row.efforts or LEVELS) if row.thinks else row for row in found)


async def _llamacpp(root: str, rows: Sequence[Listed]) -> tuple[Listed, ...]:
    told = _mapping(await _json("GET", f"{root}/props", None))
    window = _mapping(told.get("default_generation_settings")).get("n_ctx")
    sees = _mapping(told.get("modalities")).get("vision")
    caps = _mapping(told.get("chat_template_caps"))
    efforts = _efforts(caps, told.get("chat_template"))
    return tuple(
        replace(
            row,
            window=window if isinstance(window, int) and window > 0 else row.window,
            inputs=frozenset({"image"} if sees is True else ()),
            tools=caps.get("supports_tools") is True,
            thinks=bool(efforts),
            efforts=efforts,
        )
        for row in rows
    )


def _efforts(caps: dict[str, Any], template: object) -> tuple[str, ...]:
    """What a template listens to: the server turns ``reasoning_effort: none`` into ``enable_thinking: false``."""
    if caps.get("supports_reasoning_effort") is True:
        return LEVELS
    return ON_OFF if isinstance(template, str) and "enable_thinking" in template else ()


async def _json(method: str, url: str, body: dict[str, Any] | None) -> object:
    try:
        return msgspec.json.decode(await _bytes(method, url, body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


async def _bytes(method: str, url: str, body: dict[str, Any] | None) -> bytes:
    session = await sessions.session()
    try:
        async with session.request(method, url, json=body, allow_redirects=False) as response:
            return await response.content.read(_LARGEST) if response.status == 200 else b""
    except (aiohttp.ClientError, OSError):
        return b""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

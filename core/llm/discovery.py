"""Model servers on this machine (Ollama, LM Studio, llama.cpp, vLLM), found when the process starts.

What was found lives in the memory of the process that looked. Nothing is looked for when a key or a base URL says where
the models are; a base URL is then asked what it serves.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import msgspec
from django.conf import settings

from core.llm.base import Model

logger = logging.getLogger(__name__)

LOCAL_TIMEOUT = 0.3
REMOTE_TIMEOUT = 3.0
MOST_MODELS = 50
USUAL_CONTEXT = 8192


@dataclass(frozen=True, slots=True)
class Place:
    """A server that speaks the OpenAI protocol at ``base_url``."""

    name: str
    label: str
    base_url: str


PLACES = {
    "ollama": Place("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
    "lmstudio": Place("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
    "local": Place("local", "Local model server", "http://127.0.0.1:8000/v1"),
}


class _Meta(msgspec.Struct):
    n_ctx: int | None = None
    n_ctx_train: int | None = None


class _Listed(msgspec.Struct):
    """A row of ``GET /v1/models``; each server names its context window differently, most not at all."""

    id: str
    max_model_len: int | None = None
    max_context_length: int | None = None
    context_length: int | None = None
    meta: _Meta | None = None

    @property
    def context_window(self) -> int:
        meta = self.meta or _Meta()
        told = (self.max_model_len, self.max_context_length, self.context_length, meta.n_ctx, meta.n_ctx_train)
        return next((size for size in told if size), USUAL_CONTEXT)


class _Listing(msgspec.Struct):
    data: list[_Listed]


@dataclass(frozen=True, slots=True)
class _Found:
    places: tuple[Place, ...] = ()
    models: tuple[Model, ...] = ()
    served: frozenset[str] | None = None


_found = _Found()


def places() -> tuple[Place, ...]:
    """The servers found on this machine."""
    return _found.places


def models() -> list[Model]:
    """The models found, on this machine or behind ``OPENAI_BASE_URL``."""
    return list(_found.models)


def served() -> frozenset[str] | None:
    """The model ids that ``OPENAI_BASE_URL`` says it serves; None when it was not asked or did not say."""
    return _found.served if settings.OPENAI_BASE_URL else None


def forget() -> None:
    """Back to what is known before a search."""
    global _found  # noqa: PLW0603 - one memory of the process, replaced as a whole
    _found = _Found()


def search() -> None:
    """Look now, and remember. Never raises: a server that does not answer in time is not there."""
    global _found  # noqa: PLW0603 - see forget
    if settings.OPENAI_BASE_URL:
        _found = asyncio.run(_ask_base_url(settings.OPENAI_BASE_URL.rstrip("/")))
    elif settings.LLM_DISCOVERY and not settings.OPENAI_API_KEY and not settings.OPENROUTER_API_KEY:
        _found = asyncio.run(_ask_this_machine())
        for place in _found.places:
            logger.info("Found %s at %s", place.label, place.base_url)
    else:
        _found = _Found()


async def _ask_this_machine() -> _Found:
    answers = await asyncio.gather(*(_listing(place.base_url, "", LOCAL_TIMEOUT) for place in PLACES.values()))
    found: list[Place] = []
    found_models: list[Model] = []
    for place, rows in zip(PLACES.values(), answers, strict=True):
        if rows:
            found.append(place)
            found_models += [_model(row, place.name) for row in rows[:MOST_MODELS]]
    return _Found(tuple(found), tuple(found_models))


async def _ask_base_url(url: str) -> _Found:
    rows = await _listing(url, settings.OPENAI_API_KEY, REMOTE_TIMEOUT)
    if not rows:
        return _Found()
    return _Found((), tuple(_model(row, "openai") for row in rows[:MOST_MODELS]), frozenset(row.id for row in rows))


async def _listing(base_url: str, key: str, seconds: float) -> list[_Listed]:
    """The models of a server, without those that only embed; empty when it does not answer in this form and time."""
    import aiohttp

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{base_url}/models", headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                return []
            rows = msgspec.json.decode(await response.read(), type=_Listing).data
    except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError, ValueError):
        return []
    return [row for row in rows if "embed" not in row.id.lower()]


def _model(row: _Listed, provider: str) -> Model:
    return Model(
        id=row.id,
        # llama.cpp names a model by the path of its file.
        name=row.id.rsplit("/", 1)[-1].removesuffix(".gguf") or row.id,
        provider=provider,
        context_window=row.context_window,
        max_output_tokens=max(64, min(4096, row.context_window // 2)),
        parameters=frozenset({"max_tokens", "temperature"}),
        vision=False,
        tools=False,
        encoding="o200k_base",
        is_demo=False,
        input_price=None,
        output_price=None,
        min_tier="basic",
    )

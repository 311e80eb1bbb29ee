"""Which providers there are, which of them are on, and why. Adapters are imported when they are first used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from core.llm import discovery
from core.llm.base import Provider
from core.llm.base import ProviderConfig
from core.llm.base import ProviderInfo

OPENAI_COMPATIBLE = "core.llm.adapters.openai_compatible.OpenAICompatible"
DEMO = "core.llm.adapters.demo.Demo"
OPENAI_URL = "https://api.openai.com/v1"
OPENROUTER_URL = "https://openrouter.ai/api/v1"
NAMES = frozenset({"openai", "openrouter", "demo", *discovery.PLACES})


@dataclass(frozen=True, slots=True)
class Slot:
    """A provider that could be there; ``config`` is None when it is off, and ``reason`` then says why."""

    name: str
    label: str
    state: Literal["real", "demo", "off"]
    reason: str
    config: ProviderConfig | None = None


def _openai() -> Slot:
    key, url = settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL.rstrip("/")
    if not key and not url:
        return Slot("openai", "OpenAI", "off", "Neither OPENAI_API_KEY nor OPENAI_BASE_URL is set.")
    label = f"OpenAI-compatible server at {urlsplit(url).netloc}" if url else "OpenAI"
    config = ProviderConfig(
        name="openai",
        label=label,
        adapter=OPENAI_COMPATIBLE,
        base_url=url or OPENAI_URL,
        api_key=key,
        organization=settings.OPENAI_ORG_ID,
        sends_usage=settings.LLM_USAGE_FRAME,
    )
    return Slot("openai", label, "real", "OPENAI_BASE_URL is set." if url else "OPENAI_API_KEY is set.", config)


def _openrouter() -> Slot:
    if not settings.OPENROUTER_API_KEY:
        return Slot("openrouter", "OpenRouter", "off", "OPENROUTER_API_KEY is not set.")
    config = ProviderConfig(
        name="openrouter",
        label="OpenRouter",
        adapter=OPENAI_COMPATIBLE,
        base_url=OPENROUTER_URL,
        api_key=settings.OPENROUTER_API_KEY,
        headers=(("HTTP-Referer", settings.PUBLIC_URL), ("X-Title", "Kintsugi")),
    )
    return Slot("openrouter", "OpenRouter", "real", "OPENROUTER_API_KEY is set.", config)


def _local(place: discovery.Place) -> Slot:
    config = ProviderConfig(
        name=place.name, label=place.label, adapter=OPENAI_COMPATIBLE, base_url=place.base_url, sends_usage=True
    )
    return Slot(place.name, place.label, "real", f"Found at {place.base_url}.", config)


def _demo() -> Slot:
    if not settings.DEMO_PROVIDERS:
        return Slot("demo", "Demo", "off", "DEMO_PROVIDERS is off.")
    return Slot(
        "demo", "Demo", "demo", "DEMO_PROVIDERS is on.", ProviderConfig(name="demo", label="Demo", adapter=DEMO)
    )


def survey() -> list[Slot]:
    """Every provider that could be there, those on this machine only when they were found."""
    return [_openai(), _openrouter(), *(_local(place) for place in discovery.places()), _demo()]


def names() -> set[str]:
    """The names of the providers that are on."""
    return {slot.name for slot in survey() if slot.config}


def providers() -> list[ProviderInfo]:
    """The providers that are on."""
    return [ProviderInfo(slot.name, slot.label, slot.state == "real", slot.reason) for slot in survey() if slot.config]


def config(name: str) -> ProviderConfig | None:
    """How to reach the provider of that name; None when it is off."""
    return next((slot.config for slot in survey() if slot.name == name), None)


@lru_cache(maxsize=32)
def adapter(config: ProviderConfig) -> Provider:
    """The adapter for a configuration, one for all who ask."""
    built: Provider = import_string(config.adapter)(config)
    return built

"""Which providers there are, which of them are on, and why. Adapters are imported when they are first used."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from core.llm import keys
from core.llm import listings
from core.llm import presets
from core.llm.base import Provider
from core.llm.base import ProviderConfig
from core.llm.base import ProviderInfo
from core.llm.listings import Listing
from core.llm.presets import Preset

OPENAI_COMPATIBLE = "core.llm.adapters.chat.Chat"
# Protocol → the adapter that speaks it, and what it wants behind a base URL.
ADAPTERS = {
    "chat": (OPENAI_COMPATIBLE, ""),
    "responses": ("core.llm.adapters.responses.Responses", ""),
    "messages": ("core.llm.adapters.messages.Messages", ""),
    "gemini": ("core.llm.adapters.gemini.Gemini", ""),
}
DEMO = "core.llm.adapters.demo.Demo"


@dataclass(frozen=True, slots=True)
class Slot:
    """A provider that could be there; ``config`` is None when it is off, and ``reason`` then says why.

    ``asked`` is the configuration as it was written down; ``config`` has the address that answered.
    """

    name: str
    label: str
    state: Literal["real", "demo", "off"]
    reason: str
    config: ProviderConfig | None = None
    asked: ProviderConfig | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class _Access:
    """Where a key and an address come from."""

    key: str
    url: str
    reason: str


def by_environment(preset: Preset) -> bool:
    """Whether the environment says how a provider is reached; a pasted key then waits."""
    return bool(getattr(settings, preset.key) or (preset.name == presets.OPENAI.name and settings.OPENAI_BASE_URL))


def _access(preset: Preset) -> _Access | None:
    """The environment goes first, as a whole: a key of the one is never sent to an address of the other."""
    if by_environment(preset):
        key = getattr(settings, preset.key)
        url = settings.OPENAI_BASE_URL.rstrip("/") if preset.name == presets.OPENAI.name else ""
        return _Access(key, url, "OPENAI_BASE_URL is set." if url else f"{preset.key} is set.")
    pasted = keys.pasted(preset.name)
    if pasted and not pasted.problem:
        return _Access(pasted.api_key, pasted.base_url.rstrip("/"), "A key was pasted in by staff.")
    return None


def _off(preset: Preset) -> Slot:
    pasted = keys.pasted(preset.name)
    if pasted and pasted.problem:
        reason = pasted.problem
    elif preset.name == presets.OPENAI.name:
        reason = "Neither OPENAI_API_KEY nor OPENAI_BASE_URL is set."
    else:
        reason = f"{preset.key} is not set."
    return Slot(preset.name, preset.label, "off", reason)


def _hosted(preset: Preset) -> Slot:
    access = _access(preset)
    if access is None:
        return _off(preset)
    return _slot(configured(preset, key=access.key, url=access.url), access.reason)


def configured(preset: Preset, *, key: str, url: str = "") -> ProviderConfig:
    """How a provider is reached with a key; ``url`` where it is not at its own address."""
    protocol = presets.protocol_at(preset, url)
    if url and preset.name == presets.OPENAI.name:
        protocol = settings.LLM_PROTOCOL
    adapter, suffix = ADAPTERS[protocol]
    headers: tuple[tuple[str, str], ...] = ()
    if preset.name == presets.OPENROUTER.name:
        headers = (("HTTP-Referer", settings.PUBLIC_URL), ("X-Title", "Kintsugi"))
    base_url = url or preset.base_url
    own = url and preset.name == presets.OPENAI.name
    label = f"OpenAI-compatible server at {urlsplit(url).netloc}" if own else preset.label
    return ProviderConfig(
        name=preset.name,
        label=label,
        adapter=adapter,
        base_url=base_url + suffix,
        api_key=key,
        organization=settings.OPENAI_ORG_ID if preset.name == presets.OPENAI.name else "",
        headers=headers,
        sends_usage=settings.LLM_USAGE_FRAME if preset.name == presets.OPENAI.name else True,
        protocol=protocol,
        foreign=bool(url),
        list_url=presets.listing_address(base_url, protocol),
    )


def local(preset: Preset) -> ProviderConfig:
    """How a server on this machine is reached, if there is one."""
    return ProviderConfig(
        name=preset.name,
        label=preset.label,
        adapter=OPENAI_COMPATIBLE,
        base_url=preset.base_url,
        foreign=True,
        local=True,
        list_url=preset.list_url,
    )


def _slot(asked: ProviderConfig, reason: str) -> Slot:
    listing = listings.of(asked)
    config = replace(asked, base_url=listing.base_url) if listing and listing.base_url else asked
    return Slot(asked.name, asked.label, "real", reason, config, asked, listing)


def _found() -> list[Slot]:
    found = [listing for listing in listings.everything() if listing.config.local]
    return [_slot(listing.config, f"Found at {listing.config.base_url}.") for listing in found]


def _demo() -> Slot:
    if not settings.DEMO_PROVIDERS:
        return Slot("demo", "Demo", "off", "DEMO_PROVIDERS is off.")
    config = ProviderConfig(name="demo", label="Demo", adapter=DEMO)
    return Slot("demo", "Demo", "demo", "DEMO_PROVIDERS is on.", config, config)


def hosted() -> list[Slot]:
    """Every provider that a key switches on."""
    return [_hosted(preset) for preset in presets.HOSTED]


def survey() -> list[Slot]:
    """Every provider that could be there, those on this machine only when they were found."""
    return [*hosted(), *_found(), _demo()]


def running() -> dict[str, Slot]:
    """The providers that are on, by name."""
    return {slot.name: slot for slot in survey() if slot.config}


def names() -> set[str]:
    """The names of the providers that are on."""
    return set(running())


def providers() -> list[ProviderInfo]:
    """The providers that are on."""
    return [ProviderInfo(slot.name, slot.label, slot.state == "real", slot.reason) for slot in survey() if slot.config]


def config(name: str) -> ProviderConfig | None:
    """How to reach the provider of that name; None when it is off."""
    slot = running().get(name)
    return slot.config if slot else None


@lru_cache(maxsize=32)
def adapter(config: ProviderConfig) -> Provider:
    """The adapter for a configuration, one for all who ask."""
    built: Provider = import_string(config.adapter)(config)
    return built

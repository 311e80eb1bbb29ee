"""Models and providers of a test, in the place of those of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.llm import catalogue
from core.llm import presets
from core.llm import registry
from core.llm.base import Model
from core.llm.base import ProviderConfig
from core.llm.errors import UnknownModel

KEY = "sk-canary-7f3a"
_PLAIN: dict[str, Any] = {
    "context_window": 1_000_000,
    "max_output_tokens": 128_000,
    "min_tier": "basic",
    "parameters": frozenset({"max_tokens", "temperature"}),
    "vision": True,
    "tools": True,
    "is_demo": False,
    "input_price": None,
    "output_price": None,
    "encoding": "o200k_base",
}
_ALL = ("low", "medium", "high", "xhigh", "max")


def row(name: str, provider: str, **more: Any) -> Model:
    """A row that says nothing but what is given."""
    return Model(**{**_PLAIN, "id": name, "name": name, "provider": provider, **more})


SOL = row(
    "gpt-6.2-sol",
    "openai",
    parameters=frozenset({"max_completion_tokens"}),
    inputs=frozenset({"image", "pdf"}),
    efforts=_ALL,
    effort="medium",
    sampling="no",
    schema=True,
    verbosity=True,
)
TERRA = replace(SOL, id="gpt-6.1-terra", name="Terra", efforts=("none", *_ALL), effort="low", sampling="with_none")
OPUS = row(
    "claude-opus-5-5",
    "anthropic",
    parameters=frozenset({"max_tokens"}),
    inputs=frozenset({"image", "pdf"}),
    choices=frozenset({"auto", "none"}),
    efforts=_ALL,
    effort="medium",
    sampling="no",
    schema=True,
    cache_least=512,
)
ARGON = row(
    "gemini-4-argon",
    "gemini",
    inputs=frozenset({"image", "pdf"}),
    efforts=("low", "medium", "high"),
    effort="medium",
    schema=True,
)
ROUTED = row("qwen-4", "openrouter", efforts=("none", "low", "high"), effort="low")
LOCAL = row("local-model", "local", vision=False)


class Offer:
    """What is offered, and by whom; a test changes both."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.models = {model.id: model for model in (SOL, TERRA, OPUS, ARGON, ROUTED, LOCAL)}
        self.configs: dict[str, ProviderConfig] = {}
        monkeypatch.setattr(catalogue, "get", self._get)
        monkeypatch.setattr(catalogue, "require", self._get)
        monkeypatch.setattr(registry, "config", self.configs.get)

    def _get(self, name: str) -> Model:
        if name not in self.models:
            raise UnknownModel
        return self.models[name]

    def runs(self, provider: str, base_url: str, protocol: Any = "chat", **more: Any) -> None:
        """A provider of that name is at the address."""
        adapter, _suffix = registry.ADAPTERS[protocol]
        more.setdefault("list_url", presets.listing_address(base_url, protocol))
        self.configs[provider] = ProviderConfig(
            provider, provider, adapter, base_url, api_key=KEY, protocol=protocol, **more
        )

"""The headers that say who asks: the same ones for an answer and for the list of models."""

from __future__ import annotations

from core.llm.base import ProviderConfig

ANTHROPIC_VERSION = "2026-10-21"
"""What Anthropic's own SDK 2 sends: https://docs.anthropic.com/en/api/versioning, looked up in November 2026."""


def headers(config: ProviderConfig) -> dict[str, str]:
    """As the provider's own SDK sends them; those of the configuration go before ours."""
    found = {"User-Agent": "Kintsugi"}
    if config.protocol == "messages":
        found["anthropic-version"] = ANTHROPIC_VERSION
    if config.protocol == "gemini":
        return found | ({"x-goog-api-key": config.api_key} if config.api_key else {}) | dict(config.headers)
    if config.api_key:
        # Anthropic's SDK 2 sends its key so, too; `x-api-key` is how it was sent before.
        found["Authorization"] = f"Bearer {config.api_key}"
    if config.organization:
        found["OpenAI-Organization"] = config.organization
    return found | dict(config.headers)

"""Providers by name: where they are, which key switches them on, and how they are spoken to.

Addresses and protocols are those of the vendors' own pages of November 2026. ``check_providers`` asks them: a path that
has moved is told, not believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

COMPATIBLE = "/openai"
"""How Google's address ends where it speaks as OpenAI does."""
Protocol = Literal["chat", "responses", "messages", "gemini"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider; ``key`` names its setting, empty for what runs on this machine and wants none."""

    name: str
    label: str
    base_url: str
    key: str
    protocol: Protocol = "chat"
    maker: str = ""
    local: bool = False

    @property
    def list_url(self) -> str:
        return listing_address(self.base_url, self.protocol)


def listing_address(base_url: str, protocol: Protocol) -> str:
    """Where a server is asked for its models. Anthropic's addresses are written without their ``/v1``."""
    pages: dict[str, str] = {"messages": "/v1/models?limit=1000", "gemini": "/models?pageSize=1000"}
    return base_url + pages.get(protocol, "/models")


def protocol_at(preset: Preset, url: str) -> Protocol:
    """How the provider is spoken to at an address that somebody chose: Google's compatible one ends in a name."""
    return "chat" if preset.protocol == "gemini" and url.endswith(COMPATIBLE) else preset.protocol


def _hosted(name: str, label: str, base_url: str, maker: str = "") -> Preset:
    return Preset(name, label, base_url, f"{name.upper()}_API_KEY", maker=maker or label)


OPENAI = Preset("openai", "OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", "responses", "OpenAI")
ANTHROPIC = Preset("anthropic", "Anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "messages", "Anthropic")
GEMINI = Preset(
    "gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY", "gemini", "Google"
)
OPENROUTER = _hosted("openrouter", "OpenRouter", "https://openrouter.ai/api/v1")

# The order in which they are looked at; the order of a model's routes decides who runs it.
HOSTED = (
    OPENAI,
    ANTHROPIC,
    GEMINI,
    OPENROUTER,
    _hosted("mistral", "Mistral", "https://api.mistral.ai/v1"),
    _hosted("deepseek", "DeepSeek", "https://api.deepseek.com"),
    _hosted("groq", "Groq", "https://api.groq.com/openai/v1"),
    _hosted("xai", "xAI", "https://api.x.ai/v1"),
    _hosted("together", "Together", "https://api.together.xyz/v1"),
    _hosted("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1"),
    _hosted("cerebras", "Cerebras", "https://api.cerebras.ai/v1"),
    _hosted("moonshot", "Moonshot", "https://api.moonshot.ai/v1"),
    _hosted("zai", "Z.ai", "https://api.z.ai/api/paas/v4"),
)

# The ports these servers listen on when nobody says otherwise, by their own documentation of November 2026:
# docs.ollama.com, lmstudio.ai/docs, github.com/ggml-org/llama.cpp (tools/server), docs.vllm.ai.
LOCAL = (
    Preset("ollama", "Ollama", "http://127.0.0.1:11434/v1", "", local=True),
    Preset("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1", "", local=True),
    Preset("llamacpp", "llama.cpp", "http://127.0.0.1:8080/v1", "", local=True),
    Preset("local", "Local model server", "http://127.0.0.1:8000/v1", "", local=True),
)
BY_NAME = {preset.name: preset for preset in (*HOSTED, *LOCAL)}
NAMES = frozenset({*BY_NAME, "demo"})
KEYS = {preset.name: preset.key for preset in HOSTED}
"""Provider → the setting that holds its key."""

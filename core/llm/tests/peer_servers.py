"""The servers against which every protocol is tried, and the table of what was tried."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from core.llm.tests.vendor_scripts import CALLS
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendor_scripts import THOUGHT
from tests.kit.processes import Process
from tests.kit.processes import free_port

TABLE = "PEERS_TABLE"
"""The variable that names the file of the table; without it none is written."""
AIMOCK = "AIMOCK"
"""The variable that names the program: `make peers` fetches it. Without it that peer is not asked."""
FEATURES = ("text", "usage", "thoughts", "calls", "results", "cut", "stopped", "key", "error")
PROTOCOLS = ("chat", "responses", "messages", "gemini")

NAMES = {
    "fake": "our fake, judged by the SDKs `openai`, `anthropic` and `google-genai`",
    "llmock": "`llmock` (PyPI)",
    "aimock": "`@copilotkit/aimock` (npm)",
    "llamacpp": "llama.cpp (`xllamacpp`), a model of random weights",
}
LACKS: dict[tuple[str, ...], str] = {
    ("fake", "chat"): "not played",
    ("llmock", "thoughts"): "it has none",
    ("llmock", "cut"): "not scripted",
    ("aimock", "cut"): "not scripted",
    ("aimock", "key"): "it asks for none",
    ("aimock", "error"): "not scripted",
    ("llamacpp", "gemini"): "it does not speak it",
    ("llamacpp", "calls"): "the model has none",
    ("llamacpp", "results"): "the model has none",
    ("llamacpp", "error"): "too long a prompt: `test_provider_llamacpp.py`",
}
"""What a peer cannot show, by the peer and a protocol, a feature or both."""


@dataclass
class Table:
    """What was tried, by peer, protocol and feature; ``met`` holds what went as it should."""

    met: set[tuple[str, str, str]] = field(default_factory=set)
    tried: set[tuple[str, str, str]] = field(default_factory=set)

    def write(self, path: Path) -> None:
        path.write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        lines = [
            "# Models: who was asked what",
            "",
            "Written by `make peers`, from tests that ran (`core/llm/tests/test_peers.py`): **yes** is a test that",
            "passed, a word says why there was none. *Cut* is an answer that ended at the most it was allowed,",
            "*stopped* one that was left after its first piece and followed by the next, *key* a key that is refused.",
            "",
            f"| peer | protocol | {' | '.join(FEATURES)} |",
            f"|---|---|{'---|' * len(FEATURES)}",
        ]
        for peer, name in NAMES.items():
            for protocol in PROTOCOLS:
                cells = [self._cell(peer, protocol, feature) for feature in FEATURES]
                lines.append(f"| {name} | {protocol} | {' | '.join(cells)} |")
        return "\n".join([*lines, ""])

    def _cell(self, peer: str, protocol: str, feature: str) -> str:
        key = peer, protocol, feature
        if key in self.met:
            return "**yes**"
        if key in self.tried:
            return "NO"
        return LACKS.get(key) or LACKS.get((peer, protocol)) or LACKS.get((peer, feature)) or "not checked"


USAGE = {"input_tokens": 9, "output_tokens": 2, "prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
"""Told by aimock only where it is scripted, in the words of all protocols."""


@contextlib.contextmanager
def aimock(folder: Path) -> Iterator[str]:
    """The address of a running aimock that answers the names of the features; nothing else is known there."""
    call = CALLS[0]
    fixtures = [
        {"match": {"userMessage": "calls", "hasToolResult": False}, "response": {"toolCalls": [_call(call)]}},
        {"match": {"userMessage": "results", "hasToolResult": False}, "response": {"toolCalls": [_call(call)]}},
        {"match": {"userMessage": "results", "hasToolResult": True}, "response": {"content": TEXT}},
        {"match": {"userMessage": "thoughts"}, "response": {"content": TEXT, "reasoning": THOUGHT}},
        {"match": {"userMessage": "stopped"}, "response": {"content": TEXT}},
        {"match": {"userMessage": "text"}, "response": {"content": TEXT}},
        {"match": {"userMessage": "usage"}, "response": {"content": TEXT, "usage": USAGE}},
    ]
    path = folder / "fixtures.json"
    path.write_text(json.dumps({"fixtures": fixtures}), encoding="utf-8")
    port = free_port()
    command = ("node", os.environ[AIMOCK], "-p", str(port), "-f", str(path), "--log-level", "silent", "--strict")
    with Process(command, port).running():
        yield f"http://127.0.0.1:{port}"


def _call(call: tuple[str, str, str]) -> dict[str, str]:
    return {"id": call[0], "name": call[1], "arguments": call[2]}

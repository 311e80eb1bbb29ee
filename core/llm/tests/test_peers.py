"""Every protocol against every peer, feature by feature; what passed is the table of ``docs/models-peers.md``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.llm.errors import ModelError
from core.llm.errors import OnlyThought
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderUnavailable
from core.llm.errors import ThoughtTooLong
from core.llm.tests import peer_servers
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from core.llm.tests.offering import Offer
from core.llm.tests.peer_servers import FEATURES
from core.llm.tests.peer_servers import LACKS
from core.llm.tests.peer_servers import NAMES
from core.llm.tests.peer_servers import PROTOCOLS
from core.llm.tests.peer_servers import Table
from core.llm.tests.vendor_scripts import CALLS
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendor_scripts import THOUGHT
from core.llm.tests.vendors import Vendors
from tests.peers import LLMock

pytestmark = pytest.mark.any_stack

TOOL = llm.Tool("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
MODELS = {
    "chat": "local-model",
    "responses": "gpt-6.2-sol",
    "messages": "claude-opus-5-5",
    "gemini": "gemini-4-argon",
}
RUNS = {"chat": "local", "responses": "openai", "messages": "anthropic", "gemini": "gemini"}
SUFFIXES = {"messages": "", "gemini": "/v1beta"}
SCRIPTS = {
    "text": "plain", "usage": "plain", "thoughts": "thinking", "calls": "tools", "results": "tools", "cut": "length",
    "stopped": "plain", "key": "plain",
}  # fmt: skip
CASES = [
    (peer, protocol, feature)
    for peer in NAMES
    for protocol in PROTOCOLS
    for feature in FEATURES
    if not {(peer, protocol), (peer, feature), (peer, protocol, feature)} & {*LACKS}
]


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    table = Table()
    yield table
    if path := os.environ.get(peer_servers.TABLE):
        table.write(Path(path))


@pytest.fixture(scope="module")
def aimock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not os.environ.get(peer_servers.AIMOCK):
        pytest.skip("aimock is fetched by `make peers`")
    with peer_servers.aimock(tmp_path_factory.mktemp("aimock")) as url:
        yield url


class Peers:
    """Finds the peer of a case and prepares it; pytest starts a peer when the first case wants it."""

    def __init__(self, request: pytest.FixtureRequest, offer: Offer) -> None:
        self._request = request
        self._offer = offer
        self.vendors: Vendors | None = None

    def prepare(self, peer: str, protocol: str, feature: str) -> None:
        root = getattr(self, f"_{peer}")(protocol, feature)
        self._offer.runs(RUNS[protocol], root + SUFFIXES.get(protocol, "/v1"), protocol)
        if feature == "key":
            configs = self._offer.configs
            configs[RUNS[protocol]] = replace(configs[RUNS[protocol]], api_key="sk-of-somebody-else")

    def _fake(self, protocol: str, feature: str) -> str:
        assert self.vendors
        late = "failed" if protocol == "responses" else "overloaded_late"
        self.vendors.script = late if feature == "error" else SCRIPTS[feature]
        return self.vendors.url

    def _llmock(self, protocol: str, feature: str) -> str:
        server: LLMock = self._request.getfixturevalue("llmock_process")
        server.reset()
        name = CALLS[0][1]
        if feature in {"error", "key"}:
            server.script({"type": "fail", "status": 503 if feature == "error" else 401, "times": None})
        elif feature in {"calls", "results"}:
            server.script({"type": "reply", "tool_calls": [{"name": name, "arguments": {"city": "Kyiv"}}]})
            server.script({"type": "reply", "text": TEXT})
        else:
            for _ in range(2 if feature == "stopped" else 1):
                server.script({"type": "reply", "text": TEXT})
        return server.url + {"messages": "/anthropic", "gemini": "/gemini"}.get(protocol, "")

    def _aimock(self, _protocol: str, _feature: str) -> str:
        url: str = self._request.getfixturevalue("aimock_url")
        return url

    def _llamacpp(self, _protocol: str, feature: str) -> str:
        name = {"thoughts": "llamacpp_thinking", "key": "llamacpp_locked"}.get(feature, "llamacpp_process")
        url: str = self._request.getfixturevalue(name)
        return url


@pytest.fixture
def peers(request: pytest.FixtureRequest, offer: Offer, vendors: Vendors) -> Peers:
    found = Peers(request, offer)
    found.vendors = vendors
    return found


@pytest.fixture(autouse=True)
def _at_once(settings: Settings) -> None:
    settings.LLM_RETRIES = 0


@pytest.mark.parametrize("case", CASES, ids="-".join)
async def test_a_peer_is_understood(peers: Peers, table: Table, case: tuple[str, str, str]) -> None:
    peer, protocol, feature = case
    peers.prepare(peer, protocol, feature)
    table.tried.add(case)
    tools = [TOOL] if feature in {"calls", "results"} else ()
    # llama.cpp leaves out how a message begins, and its usage, where the first token is no whole letter, as in noise.
    # Its thought that is too noisy it sends as text, with its mark.
    noise = peer == "llamacpp"
    if feature == "stopped":
        await _leave(protocol)
    for _ in range(20 if noise else 1):
        heard, failure = Heard(), None
        try:
            await ask(feature, model=MODELS[protocol], tools=tools, heard=heard, max_tokens=16 if noise else 200)
        except ModelError as error:
            failure = error
        if feature in {"key", "stopped"} or (
            heard.usage and (feature != "thoughts" or not heard.text.startswith("<think>"))
        ):
            break
    if feature == "error":
        assert isinstance(failure, ProviderUnavailable)
    elif feature == "key":
        assert isinstance(failure, ProviderRejectedKey)
        assert heard.text == ""
    elif (peer, feature) == ("llamacpp", "thoughts"):
        # Noise never closes its thought: the bound ends it, or the noise does.
        assert isinstance(failure, OnlyThought | ThoughtTooLong)
        assert (bool(heard.reasoning), heard.text) == (True, "")
    else:
        assert failure is None
        _look(peer, feature, heard)
    if feature == "results":
        if peer == "fake" and peers.vendors:
            peers.vendors.script = "wants_thought"
        after = await ask(_round(heard), model=MODELS[protocol], tools=[TOOL])
        assert after.text == TEXT
    table.met.add(case)


async def _leave(protocol: str) -> None:
    """Stop in the middle: of llama.cpp, which has one place, the next answer would wait for the end of this one."""
    deltas = llm.stream([llm.Message("user", "stopped")], model=MODELS[protocol], max_tokens=400)
    await anext(deltas)
    await deltas.aclose()


def _look(peer: str, feature: str, heard: Heard) -> None:
    if feature == "usage":
        assert heard.usage
        assert heard.usage.prompt_tokens > 0
        assert heard.usage.completion_tokens > 0
    elif feature == "cut":
        assert heard.finish_reason == "length"
        assert heard.text
    elif feature in {"calls", "results"}:
        [call] = heard.tool_calls
        assert (call.name, call.arguments.replace(" ", "")) == (CALLS[0][1], CALLS[0][2].replace(" ", ""))
        assert heard.finish_reason == "tool_calls"
    elif peer == "llamacpp":
        assert heard.text  # noise, but text
    else:
        assert heard.text == TEXT
        assert heard.reasoning == (THOUGHT if feature == "thoughts" else "")


def _round(heard: Heard) -> list[llm.Message]:
    return [
        llm.Message("user", "results"),
        llm.Message("assistant", heard.text, tool_calls=tuple(heard.tool_calls), state=heard.state),
        *(llm.Message("tool", "21", tool_call_id=call.id) for call in heard.tool_calls),
    ]


def test_the_table_tells_what_failed_and_what_was_not_tried() -> None:
    table = Table({("fake", "responses", "text")}, {("fake", "responses", "text"), ("fake", "responses", "usage")})
    row = next(line for line in table.text().splitlines() if "our fake" in line and "| responses |" in line)
    assert "| responses | **yes** | NO | not checked |" in row


@pytest.mark.skipif(bool(os.environ.get(peer_servers.TABLE)), reason="it is being written")
def test_the_committed_table_has_no_failure() -> None:
    text = (Path(__file__).parents[3] / "docs" / "models-peers.md").read_text(encoding="utf-8")
    assert "NO" not in text
    for name in NAMES.values():
        assert name in text

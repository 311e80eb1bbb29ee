"""Model servers that nobody of this project wrote, run as processes of their own, for tests that talk to one.

The fixtures become known to the tests of an app by importing them into its ``conftest.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tests.kit.http import request
from tests.kit.processes import announcing

LLAMACPP_MODEL = "tiny"
_STRIPE_KEY = "sk_test_localstripe"

_LLMOCK = """
import socket, sys, uvicorn
from llmock.main import create_app
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(create_app(), log_level="warning", lifespan="off")).run(sockets=[listening])
"""


class LLMock:
    """A scripted server of the OpenAI protocol, from the package `llmock`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.base_url = f"{url}/v1"

    def script(self, *behaviors: dict[str, Any]) -> None:
        """Queue behaviours, such as ``{"type": "fail", "status": 429}``, for the requests to come."""
        self._call("POST", "scenario", {"behaviors": list(behaviors)})

    def requests(self) -> list[dict[str, Any]]:
        """What was asked since the last reset, oldest first."""
        found: list[dict[str, Any]] = self._call("GET", "requests")["requests"]
        return found

    def verdict(self) -> dict[str, Any]:
        """How well the client coped, by the judgement of the server."""
        return self._call("GET", "verdict")

    def reset(self) -> None:
        self._call("POST", "reset")

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = request(method, f"{self.url}/_llmock/{path}", body).good()
        return answer


@pytest.fixture(scope="session")
def llmock_process() -> Iterator[LLMock]:
    with announcing("-c", _LLMOCK) as port:
        yield LLMock(f"http://127.0.0.1:{port}")


@pytest.fixture
def llmock_server(llmock_process: LLMock, settings: Settings) -> LLMock:
    """A fresh llmock, and the settings pointing the provider ``openai`` at it."""
    llmock_process.reset()
    settings.OPENAI_API_KEY = "sk-canary-7f3a"
    settings.OPENAI_BASE_URL = llmock_process.base_url
    return llmock_process


@pytest.fixture(scope="session")
def llamacpp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real llama.cpp server with a model of random weights: its text is noise, its counts are true."""
    path = tmp_path_factory.mktemp("gguf") / f"{LLAMACPP_MODEL}.gguf"
    with announcing("-m", "tests.llamacpp", str(path)) as url:
        yield url


@pytest.fixture(scope="session")
def llamacpp_thinking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with a template that opens a thought, which the noise never closes."""
    path = tmp_path_factory.mktemp("gguf") / f"{LLAMACPP_MODEL}.gguf"
    with announcing("-m", "tests.llamacpp", str(path), "thinking") as url:
        yield url


@pytest.fixture(scope="session")
def llamacpp_locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with a key that nobody is told."""
    path = tmp_path_factory.mktemp("gguf") / f"{LLAMACPP_MODEL}.gguf"
    with announcing("-m", "tests.llamacpp", str(path), "sk-another-one") as url:
        yield url


@pytest.fixture
def llamacpp_server(llamacpp_process: str, settings: Settings) -> str:
    """The address of llama.cpp, with the settings pointing the provider ``openai`` at it, without a key."""
    settings.OPENAI_API_KEY = ""
    settings.OPENAI_BASE_URL = f"{llamacpp_process}/v1"
    return llamacpp_process


class StripePeer:
    """`localstripe` with a front for what it lacks; see ``tests/stripe_peer.py``."""

    def __init__(self, url: str, backend: str) -> None:
        self.url = url
        self.backend = backend

    def front(self, path: str, **fields: Any) -> dict[str, Any]:
        """Make something happen."""
        return self._call(f"{self.url}/_front/{path}", fields)

    def send_webhooks_to(self, url: str, secret: str) -> None:
        self._call(f"{self.backend}/_config/webhooks/test", {"url": url, "secret": secret})

    def requests(self) -> list[dict[str, Any]]:
        """What was asked of the API since the last reset, oldest first."""
        found: list[dict[str, Any]] = request("GET", f"{self.url}/_front/requests").good()["requests"]
        return found

    def reset(self, prices: dict[str, int]) -> None:
        """Nothing but a monthly price for every plan, in cents."""
        self.front("reset")
        for price, cents in prices.items():
            plan = {"id": price, "amount": cents, "currency": "usd", "interval": "month", "product": "prod_plans"}
            self.api("plans", **plan)

    def api(self, path: str, **fields: Any) -> dict[str, Any]:
        """Ask localstripe itself."""
        return self._call(f"{self.backend}/v1/{path}", fields)

    def charges(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = request("GET", f"{self.backend}/v1/charges", token=_STRIPE_KEY).good()["data"]
        return found

    def _call(self, url: str, fields: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = request("POST", url, form=fields, token=_STRIPE_KEY).good() or {}
        return body


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[StripePeer]:
    with announcing("-m", "tests.stripe_peer") as line:
        yield StripePeer(*line.split())


@pytest.fixture
def stripe_server(stripe_process: StripePeer, settings: Settings) -> StripePeer:
    """A fresh localstripe, and the settings pointing the provider ``stripe`` at it."""
    settings.STRIPE_SECRET_KEY = _STRIPE_KEY
    settings.STRIPE_API_BASE = stripe_process.url
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_localstripe"]
    settings.STRIPE_PRICES = {tier: f"price_{tier}" for tier in settings.TIERS[1:]}
    stripe_process.reset({f"price_{tier}": settings.PLANS[tier]["price_cents"] for tier in settings.TIERS[1:]})
    return stripe_process

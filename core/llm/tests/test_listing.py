"""A server whose list never ends takes neither memory nor time without a bound, by whichever protocol it is asked."""

from __future__ import annotations

import asyncio
import socket
import zlib
from typing import Literal

import pytest

from core.llm import discovery
from core.llm import registry
from core.llm.adapters import listing
from core.llm.base import ProviderConfig
from core.llm.errors import ModelError
from core.llm.tests.wires import Wire
from core.llm.tests.wires import piece

pytestmark = pytest.mark.any_stack

WireProtocol = Literal["chat", "responses", "messages", "gemini"]
LARGEST = 1024 * 1024
PROTOCOLS: tuple[WireProtocol, ...] = ("chat", "responses", "messages", "gemini")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LARGEST_LIST", LARGEST)
    monkeypatch.setattr(discovery, "LARGEST_LIST", LARGEST, raising=False)


def config(wire: Wire, protocol: WireProtocol) -> ProviderConfig:
    adapter, _suffix = registry.ADAPTERS[protocol]
    return ProviderConfig(
        "hostile", "Hostile", adapter, wire.base_url, api_key="k", list_url=f"{wire.base_url}/models", protocol=protocol
    )


def head(status: str, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}Transfer-Encoding: chunked\r\n\r\n".encode()


class Endless:
    """Sends until the other side hangs up, and counts."""

    def __init__(self, status: str, *, packed: bool = False) -> None:
        self.sent = 0
        self._head = head(status, "Content-Encoding: gzip\r\n" if packed else "")
        self._packer = zlib.compressobj(wbits=31) if packed else None

    def __call__(self, peer: socket.socket) -> None:
        blanks = b" " * 256 * 1024
        peer.sendall(self._head + piece(b'{"data":['))
        while self.sent < 64 * LARGEST:
            data = self._packer.compress(blanks) + self._packer.flush(zlib.Z_SYNC_FLUSH) if self._packer else blanks
            peer.sendall(piece(data))
            self.sent += len(blanks)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Internal Server Error"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_list_without_an_end_is_given_up(wire: Wire, protocol: WireProtocol, status: str) -> None:
    endless = Endless(status)
    wire.does(endless)
    with pytest.raises(ModelError):
        await registry.adapter(config(wire, protocol)).list_models()
    assert await asyncio.to_thread(wire.hung_up.wait, 10)
    # What the sockets between the two hold is sent, too.
    assert endless.sent < 32 * LARGEST


@pytest.mark.parametrize("protocol", ["chat", "responses"])
async def test_a_packed_list_without_an_end_is_given_up(wire: Wire, protocol: WireProtocol) -> None:
    endless = Endless("200 OK", packed=True)
    wire.does(endless)
    with pytest.raises(ModelError):
        await registry.adapter(config(wire, protocol)).list_models()
    assert await asyncio.to_thread(wire.hung_up.wait, 10)
    assert endless.sent < 64 * LARGEST


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_list_that_drips_is_given_up_in_time(
    wire: Wire, protocol: WireProtocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LIST_SECONDS", 0.5)

    def drips(peer: socket.socket) -> None:
        peer.sendall(head("200 OK") + piece(b'{"data":['))
        while not wire.hung_up.wait(0.1):  # ends when a send fails
            peer.sendall(piece(b" "))

    wire.does(drips)
    async with asyncio.timeout(10):
        with pytest.raises(ModelError):
            await registry.adapter(config(wire, protocol)).list_models()
    assert await asyncio.to_thread(wire.hung_up.wait, 10)


def test_the_search_gives_up_an_endless_list_as_well(wire: Wire) -> None:
    endless = Endless("200 OK")
    wire.does(endless)
    told = discovery.try_out(config(wire, "chat"))
    assert told.problem.startswith("no_list")
    assert wire.hung_up.wait(10)
    assert endless.sent < 32 * LARGEST

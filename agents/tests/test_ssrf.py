"""No address inside the house is reached: by a function, by the import of a document, by a server of tools.

The corpus is that of ``core.http`` in every spelling, as an address, as a name that leads there, and as one of several
addresses of a name. What counts is whether a connection was begun.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import pytest

from agents import egress
from agents.sources.fetching import SourceFailed
from agents.sources.mcp.keeper import Keeper
from agents.sources.mcp.keeper import McpServer
from agents.sources.openapi import importing
from agents.tests.kit import built
from agents.tests.kit import function
from agents.tests.kit import webhook
from core.tests.http_peer import Server
from core.tests.test_http_guard import test_addresses_inside_are_not_public as _addresses

pytestmark = pytest.mark.any_stack

INSIDE = next(mark.args[1] for mark in _addresses.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
GOOD = "93.184.216.34"
NAMES: dict[str, list[str]] = {"good.example": [GOOD]}
_SPELLINGS = """
    0x7f000001 2130706433 127.1 0177.0.0.1 localhost 0 0x7f.1 127.0.0.1. 127.0.0.1.. 017700000001 0x7f.0x0.0x0.0x1
    0251.0376.0251.0376 0xa9fea9fe 2852039166 169.254.43518 169.16689662 0xa.0.0.1 10.1 012.1 0300.0250.1.1 3232235777
    ⓛⓞⓒⓐⓛⓗⓞⓢⓣ １２７.0.0.1 127。0。0。1 127．0．0．1 localhost%00.example.com 127.0.0.1%23.example.com
    [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:a9fe:a9fe] [::1%25lo] [fe80::1%25eth0] [0::1] [::127.0.0.1]
    127.0.0.1:80@good.example good.example@127.0.0.1 good.example:443@127.0.0.1
    good.example\\@127.0.0.1 127.0.0.1\\.good.example good.example:22 good.example:8080 good.example:0
    good.example:99999 good.example:6379 {host} good.example:{port} %31%32%37.0.0.1 127.0.0.1%2f.good.example
""".split()  # noqa: SIM905


def _corpus() -> list[str]:
    """More than 300 addresses that may not be called; NAMES is filled along the way."""
    hosts = list(_SPELLINGS)
    for number, address in enumerate(one for one in INSIDE if one):
        hosts.append(f"[{address}]" if ":" in address else address)
        if address[0].isdigit() or ":" in address:
            for kind, found in (("name", [address]), ("first", [address, GOOD]), ("second", [GOOD, address])):
                NAMES[f"{kind}-{number}.example"] = found
                hosts.append(f"{kind}-{number}.example")
    plain = [f"http://{host}/" for host in ("good.example", GOOD, "[2606:4700:4700::1111]")]
    other = ["ftp", "file", "gopher", "dict", "ldap", "ws", "jar", "data", "HTTP", "javascript"]
    return [
        *(f"https://{host}/latest/meta-data" for host in hosts),
        *(f"http://{host}/" for host in hosts),
        *plain,
        *(f"{scheme}://good.example/" for scheme in other),
        "https:good.example", "https:///good.example", "//good.example/", "good.example", "https://", "",
    ]  # fmt: skip


CORPUS = list(dict.fromkeys(_corpus()))


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """To which addresses a connection was begun. Names are known without asking anybody."""
    begun: list[str] = []
    asked = socket.getaddrinfo

    def find(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        addresses = NAMES.get(str(host).rstrip("."))
        if addresses is None:
            return asked(host, port, *args, **options | {"flags": socket.AI_NUMERICHOST})
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    async def connect(_self: object, host: str, *_args: object) -> None:
        begun.append(host)
        raise httpcore2.ConnectError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", find)
    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    return begun


async def _by_function(url: str, made: Callable[..., egress.Function] = function) -> bool:
    """Whether it was refused, and nothing of it can have left."""
    try:
        answer = await egress.send(built(made(url)))
    except egress.CannotBuild:
        return True
    return not answer.sent and answer.failure in ("refused", "unsent")


async def _by_webhook(url: str) -> bool:
    return await _by_function(url, webhook)


async def _by_import(url: str) -> bool:
    try:
        await importing.fetch(url)
    except SourceFailed as error:
        return not error.sent
    return False


async def _by_mcp(url: str) -> bool:
    async with Keeper(McpServer(url, protocol="2025-11-25")) as keeper:
        try:
            await keeper.listing()
        except SourceFailed as error:
            return not error.sent
    return False


DOORS: dict[str, Callable[[str], Awaitable[bool]]]
DOORS = {"function": _by_function, "webhook": _by_webhook, "import": _by_import, "mcp": _by_mcp}


@pytest.mark.parametrize("door", DOORS)
async def test_nothing_inside_is_reached(door: str, connected: list[str]) -> None:
    assert len(CORPUS) > 300
    assert [url for url in CORPUS if not await DOORS[door](url)] == []
    assert connected == []


@pytest.mark.parametrize("door", DOORS)
async def test_a_server_of_the_open_internet_is_tried(door: str, connected: list[str]) -> None:
    """So the tests above are not green because nothing is ever called."""
    assert await DOORS[door]("https://good.example/")
    assert set(connected) == {GOOD}


@pytest.mark.parametrize("door", DOORS)
async def test_a_name_that_changes_its_answer_gains_nothing(door: str, connected: list[str]) -> None:
    """The address that was judged is the one that is called: a name is looked up once."""
    answers = [[GOOD], ["127.0.0.1"]]
    looked: list[str] = []

    class Changing(dict[str, list[str]]):
        def get(self, name: str, _default: Any = None) -> Any:
            if name != "rebind.example":
                return None
            looked.append(name)
            return answers[min(len(looked) - 1, 1)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.tests.test_ssrf.NAMES", Changing())
        await DOORS[door]("https://rebind.example/")
    assert set(connected) <= {GOOD}
    assert connected


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_led_elsewhere(door: str, status: int, peer: Server) -> None:
    """A server that may be called names one that may not: it is not asked."""
    inside = Server()
    try:

        def lead(handler: Any) -> None:
            handler.send_response(status)
            handler.send_header("Location", f"{inside.url}/latest/meta-data")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        peer.answers["/in"] = lead
        await DOORS[door](f"{peer.url}/in")
        assert len(peer.seen) == 1
        assert not inside.seen
    finally:
        inside.http.shutdown()
        inside.http.server_close()


def test_the_corpus_holds_many_hosts() -> None:
    hosts = {urlsplit(url).netloc for url in CORPUS if url.startswith("https://") and "[" not in url}
    assert len(hosts) > 100

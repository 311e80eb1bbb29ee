"""Sockets of apps: their routes, and the door they share with the house's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from accounts.models import User
from core import modules
from core.realtime import routes
from tests.kit.asgi_sockets import Client
from tests.kit.asgi_sockets import access_token

pytestmark = pytest.mark.django_db(transaction=True)

ECHO = "/api/probe/tea/ws"


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sockets of the probe's app are routed."""
    _use(
        monkeypatch,
        {
            "api/probe/<slug:word>/ws": "tests.probe.sockets.signed_in",
            "probe/": "tests.probe.sockets.by_ticket",
        },
    )
    yield
    routes.table.cache_clear()


def _use(monkeypatch: pytest.MonkeyPatch, wanted: dict[str, str]) -> None:
    monkeypatch.setattr(modules, "socket_routes", lambda: wanted)
    routes.table.cache_clear()


@pytest.mark.parametrize("path", [ECHO, "/api/v1/probe/tea/ws"])
async def test_a_route_leads_to_its_callable_with_what_it_found(alice: User, path: str) -> None:
    token = await sync_to_async(access_token)(alice)
    client = await Client(path=path, query=f"token={token}&debug=1").open()
    assert (await client.hear())["payload"] == {"user": "alice", "word": "tea"}
    await client.say("hello")
    assert (await client.hear())["type"] == "hello"
    await client.leave()


@pytest.mark.parametrize("path", ["/api/probe/tea", "/api/probe/tea/ws/", "/api/probe/a b/ws", "/probe", "/ws/other"])
async def test_other_paths_are_refused_before_the_handshake(alice: User, path: str) -> None:
    token = await sync_to_async(access_token)(alice)
    client = await Client(path=path, query=f"token={token}").open()
    assert (client.accepted, client.close_code) == (None, 4003)


async def test_the_house_keeps_its_own(alice: User) -> None:
    token = await sync_to_async(access_token)(alice)
    client = await Client(query=f"token={token}").open()
    assert (await client.hear())["type"] == "hello"
    await client.leave()


@pytest.mark.parametrize("path", [ECHO, "/probe/anything"])
async def test_the_page_must_be_ours(alice: User, path: str) -> None:
    token = await sync_to_async(access_token)(alice)
    headers = {"host": "testserver", "origin": "https://evil.example"}
    client = await Client(path=path, query=f"token={token}", headers=headers).open()
    assert await client.closing() == 4003
    assert [frame["payload"]["code"] for frame in client.seen] == ["forbidden"]
    headers["origin"] = "https://testserver"
    client = await Client(path=path, query=f"token={token}", headers=headers).open()
    assert (await client.hear())["type"] == "probe"
    await client.leave()


@pytest.mark.parametrize("query", ["", "token=", "token=nonsense", "token=%00"])
async def test_a_token_that_is_no_good_closes_with_4001(db: None, query: str) -> None:
    client = await Client(path=ECHO, query=query).open()
    assert await client.closing() == 4001
    assert [frame["type"] for frame in client.seen] == ["error"]


async def test_an_address_that_connects_too_often_waits(settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"socket": (2, 3600)}
    clients = []
    for answer in ("probe", "probe", "error"):
        clients.append(await Client(path="/probe/x").open())
        assert (await clients[-1].hear())["type"] == answer
    assert await clients[2].closing() == 4029
    for client in clients[:2]:
        await client.leave()


async def test_a_ticket_of_the_apps_own_is_given_out_once_and_stands_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for client in (
        Client(path="/probe/x", query="%74oken=canary-1&room=1"),
        Client(path="/probe/x", subprotocols=("janus-protocol", "bearer.canary-1")),
    ):
        await client.open()
        shown = (await client.hear())["payload"]
        assert (shown["ticket"], shown["again"]) == ("canary-1", "")
        assert "canary" not in shown["shown"]
        await client.leave()
    assert "canary" not in caplog.text
    assert "WS probe/ ended after" in caplog.text


async def test_an_old_server_gets_codes_it_can_send(db: None) -> None:
    client = Client(path="/probe/x")
    del client.scope["asgi"]["spec_version"]
    await client.open()
    await client.text("end")
    assert await client.closing() == 4011


@pytest.mark.parametrize("route", ["ws", "<slug:anything>", "/probe"])
def test_a_route_that_hides_the_house_is_a_fault(monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    _use(monkeypatch, {route: "tests.probe.sockets.by_ticket"})
    with pytest.raises(ImproperlyConfigured, match="hides the house's own"):
        routes.table()


def test_a_route_that_leads_nowhere_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, {"probe": "tests.probe.sockets.nobody"})
    room = next(room for room in modules.installed() if type(room).__name__ == "Realtime")
    with pytest.raises(ImportError, match="nobody"):
        room.start()

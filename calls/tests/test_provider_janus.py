"""Janus by its admin API: what the Debian package does, and what a broken one may answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from calls.providers.base import LegRef
from calls.providers.base import ProviderError
from calls.providers.janus import Janus
from calls.tests.media_peers import janus
from calls.tests.media_peers import needs_janus
from core.ids import uuid7
from core.tests.http_peer import Server
from tests.kit.processes import free_port

pytestmark = [needs_janus, pytest.mark.any_stack]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Janus]:
    with janus(tmp_path_factory.mktemp("janus")) as running:
        yield running


def test_a_room_is_made_once_however_often_it_is_asked_for(server: Janus) -> None:
    call_id = uuid7()
    room = server.open_room(call_id, most=50)
    assert room == f"call-{call_id}"
    assert server.open_room(call_id, most=50) == room
    assert server.seen(room) == []
    server.close_room(room)
    server.close_room(room)
    assert server.seen(room) == []


def test_who_is_not_in_need_not_be_thrown_out(server: Janus) -> None:
    server.remove("call-none", leg=LegRef(uuid7()))
    server.remove("call-none", leg=LegRef(uuid7(), "123456789/1"))


def test_a_pass_holds_no_secret(server: Janus) -> None:
    leg = LegRef(UUID(int=1))
    given = server.pass_for("call-1", leg=leg, seconds=60)
    assert (given.provider, given.url, given.token, given.role) == ("janus", "/sfu", None, None)
    shown = repr(server)
    assert not any(secret in shown for secret in (server.token_secret, server.admin_secret, server.room_key))


@pytest.mark.parametrize("wrong", ["admin_secret", "room_key"])
def test_a_wrong_secret_is_said_and_not_tried_again(server: Janus, wrong: str) -> None:
    other_secret: dict[str, Any] = {wrong: "not-the-right-one-0123456789"}
    other = replace(server, **other_secret)
    with pytest.raises(ProviderError, match="refuses our secrets") as refused:
        other.open_room(uuid7(), most=2)
    assert refused.value.permanent
    assert [finding.state for finding in other.check()] == ["fail"]


def test_the_doctor_makes_a_room_and_leaves_none(server: Janus) -> None:
    assert [finding.state for finding in server.check()] == ["ok"]


class TestBrokenServer:
    """A real server on loopback that answers as no Janus should."""

    @pytest.fixture
    def peer(self) -> Iterator[Server]:
        peer = Server()
        yield peer
        peer.http.shutdown()
        peer.http.server_close()

    def _ask(self, peer: Server) -> ProviderError:
        broken = Janus("ws://127.0.0.1:1", f"{peer.url}/admin", "t" * 30, "a" * 30, "r" * 30)
        with pytest.raises(ProviderError) as failed:
            broken.open_room(uuid7(), most=2)
        return failed.value

    @pytest.mark.parametrize(("status", "permanent"), [(401, True), (404, True), (429, False), (500, False)])
    def test_a_status(self, peer: Server, status: int, *, permanent: bool) -> None:
        peer.say("/admin", status, b"{}")
        assert self._ask(peer).permanent is permanent

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"[]", b"{}", b'{"janus": "success"}', b'{"janus": "success", "response": []}']
    )
    def test_what_cannot_be_read(self, peer: Server, body: bytes) -> None:
        peer.say("/admin", 200, body)
        assert "cannot be read" in str(self._ask(peer))

    def test_nobody_there(self) -> None:
        gone = Janus("ws://127.0.0.1:1", f"http://127.0.0.1:{free_port()}/admin", "t" * 30, "a" * 30, "r" * 30)
        with pytest.raises(ProviderError) as failed:
            gone.close_room("call-1")
        assert not failed.value.permanent
        assert [finding.state for finding in gone.check()] == ["fail"]


def test_settings_are_for_nobody_else_to_read(tmp_path: Path) -> None:
    with janus(tmp_path / "one"):
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "one").glob("*.jcfg")}
    assert len(modes) == 4
    assert set(modes.values()) == {0}

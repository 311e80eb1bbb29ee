"""100ms against a fake that was written from its documents: nobody here has an account."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from uuid import UUID

import jwt
import pytest

from calls.providers import hms
from calls.providers.base import LegRef
from calls.providers.base import ProviderError
from calls.providers.base import Stay
from calls.providers.hms import Hms
from calls.tests.hms_peer import ACCESS_KEY
from calls.tests.hms_peer import SECRET
from calls.tests.hms_peer import TEMPLATE
from calls.tests.hms_peer import HmsPeer
from core.ids import uuid7
from core.tests.http_peer import Server

pytestmark = pytest.mark.any_stack

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def peer() -> Iterator[HmsPeer]:
    peer = HmsPeer()
    yield peer
    peer.http.shutdown()
    peer.http.server_close()


def _hms(base: str, *, secret: str = SECRET) -> Hms:
    return Hms(ACCESS_KEY, secret, TEMPLATE, "eu", "guest", base)


def test_a_room_is_made_once_and_its_id_is_theirs(peer: HmsPeer) -> None:
    server, call_id = _hms(peer.url), uuid7()
    room = server.open_room(call_id, most=50)
    assert server.open_room(call_id, most=50) == room
    made = peer.room_of(f"call-{call_id}")
    assert (made.id, made.asked["size"], made.asked["region"]) == (room, 50, "eu")
    assert peer.wrong == []


def test_the_management_token_is_kept_for_minutes(peer: HmsPeer) -> None:
    server = _hms(peer.url)
    for _ in range(3):
        server.open_room(uuid7(), most=2)
    assert len(set(peer.tokens)) == 1
    claims = jwt.decode(peer.tokens[0], SECRET, algorithms=["HS256"])
    assert claims["exp"] - time.time() <= 600
    server._kept = (time.time() + 30, peer.tokens[0])  # it is about to run out
    server.open_room(uuid7(), most=2)
    assert len(set(peer.tokens)) == 2


def test_a_token_lets_its_leg_in_for_two_minutes(peer: HmsPeer) -> None:
    server = _hms(peer.url)
    room = server.open_room(uuid7(), most=2)
    given = server.pass_for(room, leg=LegRef(ONE), seconds=60)
    assert given.token is not None
    claims = jwt.decode(given.token, SECRET, algorithms=["HS256"])
    assert (claims["user_id"], claims["room_id"], claims["role"]) == (str(ONE), room, "guest")
    assert claims["exp"] - claims["iat"] == 60 + hms.SKEW_SECONDS
    assert peer.join(given.token)


def _in_room(peer: HmsPeer, server: Hms) -> tuple[str, dict[UUID, str]]:
    room = server.open_room(uuid7(), most=2)
    tokens = {leg: server.pass_for(room, leg=LegRef(leg), seconds=60).token or "" for leg in (ONE, TWO)}
    for token in tokens.values():
        peer.join(token)
    return room, tokens


def test_who_is_thrown_out_is_found_by_its_leg(peer: HmsPeer) -> None:
    server = _hms(peer.url)
    room, tokens = _in_room(peer, server)
    peer.join(tokens[ONE])  # a second tab with the same token
    server.remove(room, leg=LegRef(ONE))
    inside = {one["user_id"] for one in peer.rooms[room].peers.values() if "left_at" not in one}
    assert inside == {str(TWO)}
    server.remove(room, leg=LegRef(ONE))
    server.remove("no-such-room", leg=LegRef(ONE, "gone"))


def test_a_closed_room_lets_nobody_back_in(peer: HmsPeer) -> None:
    server = _hms(peer.url)
    room, tokens = _in_room(peer, server)
    server.close_room(room)
    with pytest.raises(ValueError, match="locked"):
        peer.join(tokens[ONE])
    server.close_room(room)
    server.close_room("no-such-room")


def test_an_empty_room_is_closed_too_and_opened_again_for_the_same_call(peer: HmsPeer) -> None:
    server, call_id = _hms(peer.url), uuid7()
    room = server.open_room(call_id, most=2)
    server.close_room(room)
    assert not peer.rooms[room].enabled
    assert server.open_room(call_id, most=2) == room
    assert peer.rooms[room].enabled


def test_who_was_there_is_read_from_running_and_ended_sessions(peer: HmsPeer) -> None:
    server = _hms(peer.url)
    room, _tokens = _in_room(peer, server)
    begun = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    assert server.seen(room) == [Stay(ONE, begun), Stay(TWO, begun)]
    server.close_room(room)
    ended = datetime(2026, 12, 1, 12, 10, tzinfo=UTC)
    assert server.seen(room) == [Stay(ONE, begun, ended), Stay(TWO, begun, ended)]
    assert server.seen("no-such-room") == []


def test_a_wrong_secret_is_said(peer: HmsPeer) -> None:
    server = _hms(peer.url, secret="another-secret-0123456789-0123456789")
    with pytest.raises(ProviderError, match="status 401") as refused:
        server.open_room(uuid7(), most=2)
    assert refused.value.permanent
    assert [finding.state for finding in server.check()] == ["fail"]
    assert [finding.state for finding in _hms(peer.url).check()] == ["ok"]


def test_nothing_secret_is_shown(peer: HmsPeer) -> None:
    assert SECRET not in repr(_hms(peer.url))


class TestBrokenServer:
    @pytest.fixture
    def broken(self) -> Iterator[Server]:
        peer = Server()
        yield peer
        peer.http.shutdown()
        peer.http.server_close()

    def _ask(self, peer: Server) -> ProviderError:
        with pytest.raises(ProviderError) as failed:
            _hms(peer.url).open_room(uuid7(), most=2)
        return failed.value

    @pytest.mark.parametrize(
        ("status", "permanent"), [(400, True), (401, True), (403, True), (404, True), (429, False), (500, False)]
    )
    def test_a_status(self, broken: Server, status: int, *, permanent: bool) -> None:
        broken.say("/rooms", status, b"{}", Retry_After="7")
        failed = self._ask(broken)
        assert (failed.permanent, failed.retry_after) == (permanent, 7)

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"id": 7}', b'{"id": ""}'])
    def test_what_cannot_be_read(self, broken: Server, body: bytes) -> None:
        broken.say("/rooms", 200, body)
        assert not self._ask(broken).permanent

    @pytest.mark.parametrize("body", [b'{"data": 5}', b'{"data": "x"}', b"null"])
    def test_a_list_that_is_none(self, broken: Server, body: bytes) -> None:
        broken.say("/sessions", 200, body)
        with pytest.raises(ProviderError):
            _hms(broken.url).seen("room")

    def test_peers_without_sense_are_left_out(self, broken: Server) -> None:
        peers = b'[{"id": "a", "user_id": "nobody"}, {"id": 5}, 7, {"id": "b", "user_id": "%s", "joined_at": "x"}]'
        broken.say("/sessions", 200, b'{"data": [{"peers": ' + peers % str(ONE).encode() + b"}, 5, null]}")
        assert _hms(broken.url).seen("room") == [Stay(ONE, None)]

    def test_a_server_that_fails_is_left_alone_after_a_while(self, broken: Server) -> None:
        broken.say("/rooms", 500, b"{}")
        server = _hms(broken.url)
        for _ in range(8):
            with pytest.raises(ProviderError):
                server.open_room(uuid7(), most=2)
        assert len(broken.seen) < 8

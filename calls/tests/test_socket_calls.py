"""A call over real sockets of real servers: one alone, and two that meet in Redis."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.http import request
from tests.kit.processes import manage
from tests.kit.processes import wait_for
from tests.kit.redis import RedisServer
from tests.kit.servers import Server
from tests.kit.servers import serving
from tests.kit.sockets import Socket
from tests.kit.sockets import opened

SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"


@pytest.fixture(params=["one process", "two processes"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Where the sockets of a test are opened: at one server, or at two."""
    if request.param == "one process":
        with serving(tmp_path, REDIS_URL="") as server:
            yield server, server
        return
    redis: RedisServer = request.getfixturevalue("redis_server")
    with serving(tmp_path, REDIS_URL=redis.url()) as one, one.beside(tmp_path) as two:
        yield one, two


class Person:
    """Somebody signed up."""

    def __init__(self, server: Server) -> None:
        name = f"user{secrets.token_hex(4)}"
        body = {"username": name, "email": f"{name}@example.com", "password": "correct-horse-7"}
        self.id = str(server.post("/api/auth/register", body).good()["user"]["id"])
        login = {"email": name, "password": body["password"]}
        self.token = str(server.post("/api/auth/login", login).good()["access_token"])


def talk_of(server: Server, one: Person, other: Person) -> str:
    """The conversation of two."""
    body = {"type": "direct", "participant_ids": [other.id]}
    return str(server.post("/api/messenger/conversations", body, token=one.token).good()["id"])


class Tab:
    """A socket that is live, and everything it was told of calls."""

    def __init__(self, socket: Socket) -> None:
        self.key = f"tab-{secrets.token_hex(4)}"
        self._socket = socket
        self._count = 0
        self.told: list[dict[str, Any]] = []

    async def ask(self, command: str, **payload: Any) -> dict[str, Any]:
        """Send a command; the payload of its answer."""
        self._count += 1
        number = str(self._count)
        await self._socket.say(command, payload, number)
        while (frame := await self._hear()).get("id") != number:
            pass
        answer: dict[str, Any] = frame.get("payload") or {}
        return answer

    async def until(self, frame_type: str, **wanted: Any) -> dict[str, Any]:
        """The first frame of this type whose payload says this."""
        while True:
            for payload in self.of(frame_type):
                if wanted.items() <= payload.items():
                    return payload
            await self._hear()

    async def state(self, status: str) -> dict[str, Any]:
        """Wait until a call is in this state."""
        while True:
            for payload in self.of("call.state"):
                if payload["call"]["status"] == status:
                    call: dict[str, Any] = payload["call"]
                    return call
            await self._hear()

    def of(self, frame_type: str) -> list[dict[str, Any]]:
        """What it was told of this type so far."""
        return [frame["payload"] for frame in self.told if frame["type"] == frame_type]

    async def _hear(self) -> dict[str, Any]:
        frame = await self._socket.hear()
        if frame["type"].startswith("call."):
            self.told.append(frame)
        return frame


@contextlib.asynccontextmanager
async def tab(server: Server, person: Person) -> AsyncIterator[Tab]:
    """A live socket of this user at this server."""
    async with opened(f"{server.url.replace('http', 'ws', 1)}/ws?token={person.token}") as socket:
        await socket.greeted()
        made = Tab(socket)
        await made.ask("sync", streams={})
        yield made


def _signal(call: dict[str, Any], sender: str, target: str, n: int = 1) -> dict[str, Any]:
    return {
        "call_id": call["id"],
        "from_leg_id": sender,
        "to_leg_id": target,
        "generation": call["generation"],
        "n": n,
    }


async def test_a_call_from_ring_to_end_and_no_word_to_a_third(servers: tuple[Server, Server]) -> None:
    here, there = servers
    alice, bob, mallory = Person(here), Person(here), Person(here)
    talk = talk_of(here, alice, bob)
    async with (
        tab(here, alice) as desk,
        tab(there, alice) as laptop,
        tab(there, bob) as phone,
        tab(here, bob) as watch,
        tab(there, mallory) as stranger,
    ):
        begun = await desk.ask("call.initiate", conversation_id=talk, call_type="audio", device_key=desk.key)
        call, hers = begun["call"], begun["leg"]["id"]
        assert set(begun["reachable"]) <= {bob.id}  # presence may be half a second late
        for each in (phone, watch):
            assert (await each.state("ringing"))["id"] == call["id"]
            assert (await each.until("call.initiate"))["user_id"] == alice.id

        answered = await phone.ask("call.answer", call_id=call["id"], device_key=phone.key)
        his = answered["leg"]["id"]
        assert (await watch.ask("call.answer", call_id=call["id"], device_key=watch.key))[
            "code"
        ] == "answered_elsewhere"
        for each in (desk, laptop, watch):
            await each.state("connecting")

        frame = _signal(call, hers, his)
        await desk.ask("call.offer", **frame, sdp=SDP)
        offer = await phone.until("call.offer")
        assert (offer["sdp"], offer["from_user_id"], offer["n"]) == (SDP, alice.id, 1)
        back = _signal(call, his, hers)
        await phone.ask("call.answer", **back, ack=1, sdp=SDP)
        await phone.ask("call.ice", **back | {"n": 2}, candidates=[{"candidate": "candidate:1"}, None])
        assert (await desk.until("call.answer"))["ack"] == 1
        assert (await desk.until("call.ice"))["candidates"][1] is None

        # Nobody else has a say, and whoever tries learns nothing.
        for liar in (stranger, watch):
            assert (await liar.ask("call.offer", **frame, sdp="v=0 lie"))["code"] == "not_found"
        assert (await phone.ask("call.offer", **frame, sdp="v=0 lie"))["code"] == "not_found"
        assert (await desk.ask("call.ice", **frame | {"generation": 0}, ack=1))["code"] == "conflict"

        for each, mine, other in ((desk, hers, his), (phone, his, hers)):
            said = await each.ask("call.beat", call_id=call["id"], leg_id=mine, generation=1, media_from=[other])
        assert said["status"] == "active"
        await watch.state("active")
        await desk.ask("call.end", call_id=call["id"])
        for each in (desk, laptop, phone, watch):
            assert (await each.state("ended"))["end_reason"] == "hangup"
        assert (await phone.ask("call.beat", call_id=call["id"], leg_id=his))["code"] == "call_over"
        await stranger.ask("ack")
    signalling = {"call.offer", "call.answer", "call.ice"}
    assert not [frame for each in (laptop, watch, stranger) for frame in each.told if frame["type"] in signalling]
    assert [one["sdp"] for one in phone.of("call.offer")] == [SDP]
    assert stranger.told == []


async def test_a_page_that_was_loaded_anew_is_heard_on_its_new_socket(servers: tuple[Server, Server]) -> None:
    here, there = servers
    alice, bob = Person(here), Person(here)
    talk = talk_of(here, alice, bob)
    async with tab(here, alice) as desk:
        begun = await desk.ask("call.initiate", conversation_id=talk, call_type="audio", device_key="desk")
        async with tab(here, bob) as first:
            answered = await first.ask("call.answer", call_id=begun["call"]["id"], device_key="phone")
        call, hers, his = begun["call"], begun["leg"]["id"], answered["leg"]["id"]
        async with tab(there, bob) as again:
            await again.ask("call.beat", call_id=call["id"], leg_id=his, generation=1)
            await desk.ask("call.offer", **_signal(call, hers, his), sdp=SDP)
            assert (await again.until("call.offer"))["sdp"] == SDP


async def test_six_devices_answer_in_the_same_moment(servers: tuple[Server, Server]) -> None:
    here, there = servers
    alice, bob = Person(here), Person(here)
    talk = talk_of(here, alice, bob)
    body = {"conversation_id": talk, "call_type": "audio", "device_key": "desk"}
    async with tab(here, bob) as laptop, tab(there, bob) as watch:
        call = here.post("/api/calls/initiate", body, token=alice.token).good()["call"]
        for device in (laptop, watch):
            await device.state("ringing")
        answers = await asyncio.gather(
            *(
                asyncio.to_thread(
                    server.post, f"/api/calls/{call['id']}/answer", {"device_key": f"d{number}"}, token=bob.token
                )
                for number, server in enumerate([here, there] * 3)
            )
        )
        said = sorted((answer.status, answer.json.get("code", "in")) for answer in answers)
        assert said == [(200, "in")] + [(409, "answered_elsewhere")] * 5
        # Those that did not answer fall silent, in whichever process.
        begun = time.monotonic()
        for device in (laptop, watch):
            await device.state("connecting")
        assert time.monotonic() - begun < 1


# Every process is killed ----------------------------------------------------------------------------------------------

_LATER = """
from datetime import timedelta
from django.db.models import F
from calls.models import Call, CallClock, CallLeg
ago = timedelta(seconds={seconds})
for name in ("ring_until", "connect_until", "due_at", "answered_at", "started_at", "created_at"):
    Call.objects.update(**{{name: F(name) - ago}})
CallLeg.objects.update(lease_until=F("lease_until") - ago)
CallClock.objects.update(ticked_at=F("ticked_at") - ago)
"""
_LOOKED = """
from calls.models import CallClock
from django.utils import timezone
print("looked" if (timezone.now() - CallClock.objects.get().ticked_at).total_seconds() < 5 else "not yet")
"""


def _sleep_while_dead(server: Server, seconds: int) -> None:
    """Kill the server, let so much time go by for what it has written, and start it again."""
    server.kill()
    done = manage("shell", "-c", _LATER.format(seconds=seconds), env=server.env)
    assert done.returncode == 0, done.stderr
    server.start()


def _get(server: Server, person: Person, path: str) -> Any:
    return request("GET", f"{server.url}{path}", token=person.token).good()


def test_a_ring_is_missed_on_time_though_every_process_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path, REDIS_URL="") as server:
        alice, bob = Person(server), Person(server)
        talk = talk_of(server, alice, bob)
        body = {"conversation_id": talk, "call_type": "video", "device_key": "desk"}
        call = server.post("/api/calls/initiate", body, token=alice.token).good()["call"]
        _sleep_while_dead(server, 46)

        def is_missed() -> bool:
            return bool(_get(server, bob, "/api/calls/missed")["count"] == 1)

        wait_for(is_missed, "nobody looked at the deadline", seconds=20)
        shown = _get(server, alice, f"/api/calls/{call['id']}/status")
        assert (shown["status"], shown["end_reason"]) == ("ended", "missed")
        said = _get(server, bob, f"/api/messenger/conversations/{talk}/messages")["results"]
        assert [one["system"]["action"] for one in said] == ["call_missed"]
        assert _get(server, bob, "/api/calls/live")["results"] == []


def test_a_call_that_runs_outlives_all_processes(tmp_path: Path) -> None:
    with serving(tmp_path, REDIS_URL="") as server:
        alice, bob = Person(server), Person(server)
        talk = talk_of(server, alice, bob)
        body = {"conversation_id": talk, "call_type": "audio", "device_key": "desk"}
        begun = server.post("/api/calls/initiate", body, token=alice.token).good()
        path = f"/api/calls/{begun['call']['id']}"
        answered = server.post(f"{path}/answer", {"device_key": "phone"}, token=bob.token).good()
        legs = [(alice, begun["leg"]["id"]), (bob, answered["leg"]["id"])]

        def all_hear() -> list[str]:
            return [
                server.post(
                    f"{path}/beat", {"leg_id": mine, "generation": 1, "media_from": [other]}, token=person.token
                ).good()["status"]
                for (person, mine), (_, other) in zip(legs, reversed(legs), strict=True)
            ]

        assert all_hear() == ["connecting", "active"]
        _sleep_while_dead(server, 300)

        def has_looked() -> bool:
            done = manage("shell", "-c", _LOOKED, env=server.env)
            return "looked" in done.stdout

        wait_for(has_looked, "the clock does not go", seconds=30)
        assert all_hear() == ["active", "active"]

"""A device in a room of Janus, without a browser: sound by aiortc, signalling through the door as a page would."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from aiortc import RTCConfiguration
from aiortc import RTCPeerConnection
from aiortc import RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from aiortc.mediastreams import AudioStreamTrack
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from calls.providers.janus import PLUGIN
from kintsugi.asgi import application

PATIENCE = 30.0


class Refused(Exception):
    """The door, or Janus, said no."""


class Page:
    """What a page has of the door: a socket that speaks Janus's protocol."""

    def __init__(self, ticket: str = "", *, query: str | None = None) -> None:
        self.close_code: int | None = None
        self.seen: list[dict[str, Any]] = []
        self.session: int | None = None
        self.news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.closed = asyncio.Event()
        self._count = itertools.count()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "path": "/sfu",
            "query_string": (f"token={ticket}" if query is None else query).encode(),
            "headers": [],
            "subprotocols": ["janus-protocol"],
            "client": ("127.0.0.1", 50_000),
        }

    async def open(self) -> Page:
        self._in.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(application(self._scope, self._in.get, self._sent))
        return self

    async def _sent(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.close_code = message["code"]
            self.closed.set()
        if message["type"] != "websocket.send":
            return
        frame = json.loads(message["text"])
        self.seen.append(frame)
        waiting = self._waiting.get(frame.get("transaction"))
        if waiting and not waiting.done() and (frame["janus"] != "ack" or frame["transaction"].startswith("keep")):
            waiting.set_result(frame)
        elif frame.get("plugindata", {}).get("data", {}).get("publishers"):
            self.news.put_nowait(frame["plugindata"]["data"])

    def text(self, text: str) -> None:
        self._in.put_nowait({"type": "websocket.receive", "text": text})

    async def ask(self, *, prefix: str = "t", **frame: Any) -> dict[str, Any]:
        """The answer; raises Refused."""
        transaction = f"{prefix}{next(self._count)}"
        waiting = self._waiting[transaction] = asyncio.get_running_loop().create_future()
        if self.session is not None:
            frame.setdefault("session_id", self.session)
        self.text(json.dumps({**frame, "transaction": transaction}))
        answer: dict[str, Any] = await asyncio.wait_for(waiting, PATIENCE)
        if answer["janus"] == "error" or "error_code" in answer.get("plugindata", {}).get("data", {}):
            raise Refused(answer)
        return answer

    async def create(self) -> None:
        self.session = (await self.ask(janus="create"))["data"]["id"]

    async def claim(self, session: int) -> None:
        await self.ask(janus="claim", session_id=session)
        self.session = session

    async def attach(self) -> int:
        answer = await self.ask(janus="attach", plugin=PLUGIN)
        handle: int = answer["data"]["id"]
        return handle

    async def say(self, handle: int, body: dict[str, Any], jsep: Any = None) -> dict[str, Any]:
        extra: dict[str, Any] = {"jsep": {"type": jsep.type, "sdp": jsep.sdp}} if jsep else {}
        return await self.ask(janus="message", handle_id=handle, body=body, **extra)

    async def keepalive(self) -> None:
        await self.ask(prefix="keep", janus="keepalive")

    async def leave(self) -> None:
        """The socket breaks."""
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await asyncio.wait_for(self._task, PATIENCE)


class DistantPage(Page):
    """The same over TCP, for servers in processes of their own: ``address`` is ``ws://…``."""

    def __init__(self, address: str, ticket: str) -> None:
        super().__init__(ticket)
        self._address = f"{address}/sfu?token={ticket}"

    async def open(self) -> Page:
        connection = await connect(self._address, subprotocols=[Subprotocol("janus-protocol")])
        self._task = asyncio.create_task(self._carry(connection))
        return self

    async def _carry(self, connection: ClientConnection) -> None:
        sending = asyncio.create_task(self._send_all(connection))
        try:
            async for text in connection:
                await self._sent({"type": "websocket.send", "text": text})
        except ConnectionClosed:
            pass
        finally:
            sending.cancel()
            await self._sent({"type": "websocket.close", "code": connection.close_code or 1006})

    async def _send_all(self, connection: ClientConnection) -> None:
        while (message := await self._in.get())["type"] == "websocket.receive":
            await connection.send(message["text"])
        await connection.close()


class Leg:
    """A publisher of sound and one connection for all it hears; ``dial`` makes its page of a ticket."""

    def __init__(self, leg_id: UUID, dial: Callable[[str], Page] = Page) -> None:
        self.leg_id = str(leg_id)
        self.dial = dial
        self.page = Page()
        self.feeds: set[str] = set()
        self.down: RTCPeerConnection | None = None

    async def enter(self, ticket: str) -> None:
        """Publish, and begin to follow the others."""
        self.page = await self.dial(ticket).open()
        await self.page.create()
        self.main = await self.page.attach()
        joined = await self.page.say(self.main, {"request": "join", "ptype": "publisher"})
        self.up = _connection()
        self.up.addTrack(AudioStreamTrack())
        await self.up.setLocalDescription(await self.up.createOffer())
        answer = await self.page.say(self.main, {"request": "publish"}, self.up.localDescription)
        await self.up.setRemoteDescription(RTCSessionDescription(**answer["jsep"]))
        self._following = asyncio.ensure_future(self._follow(joined["plugindata"]["data"].get("publishers", [])))

    async def again(self, ticket: str) -> None:
        """Dial anew and claim the session, as a page does when its socket broke."""
        session = self.page.session
        assert session is not None
        self.page = await self.dial(ticket).open()
        await self.page.claim(session)

    async def packets(self) -> int:
        """Of sound, heard so far."""
        if self.down is None:
            return 0
        stats = (await self.down.getStats()).values()
        return sum(one.packetsReceived for one in stats if one.type == "inbound-rtp")

    async def _follow(self, publishers: list[dict[str, Any]]) -> None:
        while True:
            streams = [{"feed": one["id"]} for one in publishers if one["id"] not in self.feeds]
            if streams:
                self.feeds |= {stream["feed"] for stream in streams}
                await self._subscribe(streams)
            publishers = (await self.page.news.get())["publishers"]

    async def _subscribe(self, streams: list[dict[str, Any]]) -> None:
        if self.down is None:
            self.sub, self.down, self.sink = await self.page.attach(), _connection(), MediaBlackhole()
            self.down.on("track", self.sink.addTrack)
            offer = await self.page.say(self.sub, {"request": "join", "ptype": "subscriber", "streams": streams})
        else:
            offer = await self.page.say(self.sub, {"request": "subscribe", "streams": streams})
        if "jsep" in offer:
            await self.down.setRemoteDescription(RTCSessionDescription(**offer["jsep"]))
            await self.down.setLocalDescription(await self.down.createAnswer())
            await self.page.say(self.sub, {"request": "start"}, self.down.localDescription)
            await self.sink.start()

    async def leave(self) -> None:
        self._following.cancel()
        for connection in (self.up, self.down):
            if connection:
                await connection.close()
        if self.page.close_code is None:
            await self.page.leave()


def _connection() -> RTCPeerConnection:
    """aiortc asks a public STUN server unless told otherwise, and waits five seconds where there is no way out."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


async def all_hear(legs: list[Leg], *, more_than: int = 10, seconds: float = 80) -> None:
    """Until each leg has heard each other one."""
    async with asyncio.timeout(seconds):
        while True:
            heard = [await leg.packets() for leg in legs]
            complete = all(len(leg.feeds) == len(legs) - 1 for leg in legs)
            if complete and all(count > more_than * (len(legs) - 1) for count in heard):
                return
            await asyncio.sleep(0.05)

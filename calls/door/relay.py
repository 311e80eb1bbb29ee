"""One open door: frames go both ways, and what Janus tells of the leg's media is noted.

The page keeps no secret and needs none. Whoever is thrown out loses the Janus session first, then the socket; a
``kick`` would leave them listening (measured with Janus 1.1.2).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp

from calls.door import frames
from calls.door.counting import FRAMES
from calls.models import CallInterval
from calls.providers.base import LegRef
from calls.providers.base import ProviderError
from calls.providers.janus import Janus
from calls.services import intervals
from calls.services import passes
from calls.services.passes import Admission
from core.db_threads import in_db_thread
from core.realtime import protocol

logger = logging.getLogger(__name__)

RATE = 20.0
"""Frames a second of one page; faster ones wait."""
BURST = 60.0
MOST_HANDLES = 3
"""Of one session: what it sends, what it hears, and one to spare. Each takes a port of Janus, which has few for all."""

_TOKEN_SECONDS = 60
_LAST_WORDS_SECONDS = 2.0

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Relay:
    """A leg's way to Janus. ``flows`` says whether its media does."""

    def __init__(self, admission: Admission, server: Janus, inner: aiohttp.ClientWebSocketResponse) -> None:
        self.admission = admission
        self.flows = False
        self._server = server
        self._inner = inner
        self._session: int | None = None
        self._creating = ""
        self._publisher: int | None = None
        self._handles: set[int] = set()
        self._attaching: set[str] = set()
        self._up: set[int] = set()
        self._out = asyncio.Event()
        self._given_way = False
        self._left, self._at = BURST, time.monotonic()
        self._rights = frames.Rights(
            leg_id=str(admission.leg_id),
            room=admission.room,
            api_token=lambda: server.api_token(seconds=_TOKEN_SECONDS),
            room_token=lambda: server.room_token(admission.room, seconds=_TOKEN_SECONDS),
        )

    def throw_out(self) -> None:
        """End it for good."""
        self._out.set()

    def give_way(self) -> None:
        """Another door of the same leg was opened, which has its session perhaps."""
        self._session = None
        self._given_way = True
        self._out.set()

    async def shut(self) -> None:
        """The door is closed. Media may flow on, and its time too when the page comes back for it."""
        if self.flows and not self._given_way:
            self.flows = False
            await in_db_thread(_end, self.admission)

    async def run(self, receive: Receive, send: Send) -> int:
        """Until one side goes, or the leg is thrown out; the close code for the page."""
        ways = (self._outward(receive, send), self._inward(send), self._thrown_out())
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if tasks[2] in done:
            await self._end_session()
        return max(task.result() for task in done)

    async def _thrown_out(self) -> int:
        await self._out.wait()
        return protocol.NOT_ALLOWED

    async def _end_session(self) -> None:
        if self._session is None:
            return
        last = {"janus": "destroy", "session_id": self._session, "transaction": uuid4().hex}
        last["token"] = self._server.api_token(seconds=_TOKEN_SECONDS)
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await self._inner.send_json(last)
                async for (
                    message
                ) in self._inner:  # until Janus has done it: a closed socket alone leaves it for a while
                    if message.type != aiohttp.WSMsgType.TEXT or last["transaction"] in message.data:
                        return

    # ------------------------------------------------------------------------------------------------------- outward

    async def _outward(self, receive: Receive, send: Send) -> int:
        while (message := await receive())["type"] == "websocket.receive":
            await self._slow_down()
            text = message.get("text") or ""
            if len(text.encode()) > frames.OUTWARD_BYTES:
                FRAMES.labels("too_large").inc()
                return protocol.TOO_LARGE
            try:
                frame = await self._looked_at(json.loads(text))
            except (ValueError, RecursionError):
                FRAMES.labels("malformed").inc()
                return protocol.MALFORMED
            except passes.PassRefused:
                return protocol.NOT_ALLOWED
            except frames.Dropped as dropped:
                FRAMES.labels(f"dropped_{dropped}").inc()
                await _refuse(send, text)
                continue
            FRAMES.labels("outward").inc()
            try:
                await self._inner.send_json(frame)
            except (aiohttp.ClientError, OSError):
                return protocol.FAULT
        return protocol.NORMAL

    async def _looked_at(self, frame: Any) -> dict[str, Any]:
        """The frame for Janus; raises Dropped."""
        verb = frame.get("janus") if isinstance(frame, dict) else None
        session = self._session
        if verb in {"create", "claim"} and (session is not None or self._creating):
            raise frames.Dropped("second_session")
        if verb == "claim":
            session = _numbers(self.admission.peer_id)[0]
            if session is None or frame.get("session_id") != session:
                raise frames.Dropped("foreign_session")
        made = frames.outward(frame, self._rights, session)
        if made["transaction"] in self._attaching:  # its answer could be taken for another
            raise frames.Dropped("transaction")
        if verb in {"create", "claim"}:
            self._creating = made["transaction"]
        if verb == "attach":
            if len(self._handles) + len(self._attaching) >= MOST_HANDLES:
                raise frames.Dropped("handles")
            self._attaching.add(made["transaction"])
        body = made.get("body", {})
        if body.get("request") == "join" and body.get("ptype") == "publisher":
            if self._publisher not in {None, made["handle_id"]}:
                raise frames.Dropped("second_publisher")
            self._publisher = made["handle_id"]
            await in_db_thread(passes.keep_peer, self.admission, f"{session}/{self._publisher}")
        return made

    async def _slow_down(self) -> None:
        """A page that sends too fast is read more slowly, so nothing of it is lost."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * RATE) - 1
        self._at = now
        if self._left < 0:
            FRAMES.labels("waited").inc()
            await asyncio.sleep(-self._left / RATE)

    # -------------------------------------------------------------------------------------------------------- inward

    async def _inward(self, send: Send) -> int:
        async for message in self._inner:
            if message.type != aiohttp.WSMsgType.TEXT:
                break
            try:
                await self._note(json.loads(message.data))
            except passes.PassRefused:
                self.throw_out()
                await asyncio.Event().wait()  # run() ends this
            FRAMES.labels("inward").inc()
            await send({"type": "websocket.send", "text": message.data})
        logger.warning("calls.janus_gone", extra={"call_id": str(self.admission.call_id)})
        return protocol.FAULT

    async def _note(self, frame: dict[str, Any]) -> None:
        """What a frame of Janus says of the session and of the leg's media. Raises PassRefused."""
        kind, sender = frame.get("janus"), frame.get("sender")
        if self._creating and frame.get("transaction") == self._creating:
            await self._begun(frame)
        elif frame.get("transaction") in self._attaching:
            self._attaching.remove(frame["transaction"])
            if kind == "success":
                self._handles.add(int(frame["data"]["id"]))
        elif kind == "webrtcup" and isinstance(sender, int):
            await self._media(sender, flows=True)
        elif kind in {"hangup", "detached"} and isinstance(sender, int):
            await self._media(sender, flows=False)
            if kind == "detached":
                self._handles.discard(sender)
                self._publisher = None if sender == self._publisher else self._publisher
        elif kind == "media" and frame.get("type") == "audio" and sender == self._publisher and sender is not None:
            # Every leg sends sound all the time, silence included.
            await self._media(sender, flows=bool(frame.get("receiving")))

    async def _begun(self, frame: dict[str, Any]) -> None:
        self._creating = ""
        if frame.get("janus") != "success":
            return
        if "data" not in frame:  # claimed
            await self._claimed()
            return
        session = int(frame["data"]["id"])
        before = await in_db_thread(passes.keep_peer, self.admission, str(session))
        self._session = session
        if before:
            await asyncio.to_thread(self._forget, before)

    async def _claimed(self) -> None:
        """What the session had while there was no door. What it hears by is taken to be up until Janus says no."""
        session, publisher = _numbers(self.admission.peer_id)
        handles = await asyncio.to_thread(self._known_handles, session or 0)
        self._session, self._handles = session, handles if handles is not None else {-1, -2, -3}
        self._publisher = publisher if handles is None or publisher in handles else None
        self._up = set(handles or ()) - {publisher}
        if publisher is not None and await asyncio.to_thread(self._publishes):
            self._up.add(publisher)
        if publisher is not None or self._up:
            await self._note_flow(goes_on=True)

    def _known_handles(self, session: int) -> set[int] | None:
        """None when nobody knows: then it gets no more of them."""
        try:
            return set(self._server.handles(session))
        except ProviderError:
            return None

    def _publishes(self) -> bool:
        """Whether media still flows: nobody heard what Janus said while there was no door."""
        try:
            return any(stay.leg_id == self.admission.leg_id for stay in self._server.seen(self.admission.room))
        except ProviderError:
            return True

    def _forget(self, peer_id: str) -> None:
        """A leg that begins anew leaves nothing behind that could be heard with."""
        leg = LegRef(self.admission.leg_id, peer_id)
        try:
            self._server.remove(self.admission.room, leg=leg)
        except ProviderError as error:
            logger.warning("calls.old_session_left", extra={"reason": str(error)})

    async def _media(self, handle: int, *, flows: bool) -> None:
        """Whatever is up counts: who only hears has the media server as well."""
        if flows:
            self._up.add(handle)
        elif handle in self._up:
            self._up.remove(handle)
        else:
            return
        await self._note_flow()

    async def _note_flow(self, *, goes_on: bool = False) -> None:
        if self._up:
            self.flows = await in_db_thread(_begin, self.admission, goes_on)
        else:
            self.flows = False
            await in_db_thread(_end, self.admission)


def _numbers(peer_id: str) -> tuple[int | None, int | None]:
    """Session and publishing handle of Janus, as they stand in a leg's ``peer_id``."""
    session, _, handle = peer_id.partition("/")
    return (int(session) if session.isdecimal() else None), (int(handle) if handle.isdecimal() else None)


def _begin(own: Admission, goes_on: bool) -> bool:  # noqa: FBT001 - given by position to a thread
    """Whether it may flow at all: the call may have ended meanwhile."""
    if not passes.is_inside(own):
        return False
    sfu = CallInterval.Transport.SFU
    intervals.begin(own.call_id, own.leg_id, own.user_id, transport=sfu, generation=own.generation, goes_on=goes_on)
    return True


def _end(own: Admission) -> None:
    """Who was thrown out had media until then, and not until this was noticed."""
    intervals.close([own.leg_id], by=CallInterval.EndedBy.DOOR, at=passes.left_at(own.leg_id))


async def _refuse(send: Send, text: str) -> None:
    """Who waits for an answer is told that there will be none."""
    transaction = json.loads(text)
    transaction = transaction.get("transaction") if isinstance(transaction, dict) else None
    error = {"code": 403, "reason": "This request does not pass."}
    answer = {"janus": "error", "transaction": transaction, "error": error}
    await send({"type": "websocket.send", "text": json.dumps(answer)})

"""A serving process is killed while people talk through Janus: they come back at another one, and nothing was lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest

from calls.tests.media_peers import janus
from calls.tests.media_peers import needs_janus
from calls.tests.sfu_legs import DistantPage
from calls.tests.sfu_legs import Leg
from calls.tests.sfu_legs import all_hear
from core.realtime import protocol
from tests.kit.http import request
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = [needs_janus, pytest.mark.timeout(300)]


class Person:
    """An account, a token, and a device in the call."""

    def __init__(self, site: Server, name: str) -> None:
        username = f"{name}-{uuid4().hex[:8]}"
        body = {"username": username, "email": f"{username}@example.org", "password": "correct-horse-7"}
        answer = site.post("/api/auth/register", body).good()
        self.id, self.token = answer["user"]["id"], answer["access_token"]
        self.leg_id = ""

    def ask(self, site: Server, method: str, path: str, body: Any = None) -> Any:
        return request(method, f"{site.url}/api{path}", body, token=self.token).good()

    def ticket(self, site: Server, call_id: str) -> str:
        given = self.ask(site, "POST", f"/calls/{call_id}/sfu", {"leg_id": self.leg_id})
        return str(given["url"].partition("?token=")[2])


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two serving processes on one database, and a Janus."""
    with contextlib.ExitStack() as stack:
        media = stack.enter_context(janus(tmp_path / "janus"))
        given = {
            "JANUS_URL": media.url,
            "JANUS_ADMIN_URL": media.admin_url,
            "JANUS_TOKEN_SECRET": media.token_secret,
            "JANUS_ADMIN_SECRET": media.admin_secret,
            "JANUS_ROOM_KEY": media.room_key,
            "CALL_MINUTES_LIMITED": "false",
            "RATE_LIMIT_ENABLED": "false",
        }
        first = stack.enter_context(serving(tmp_path, **given))
        second = stack.enter_context(first.beside(tmp_path))
        yield first, second


def _begun(site: Server) -> tuple[str, str, list[Person]]:
    """A call of five, which is on its way to Janus."""
    people = [Person(site, f"caller{number}") for number in range(5)]
    owner, *others = people
    body = {"type": "group", "name": "Five", "participant_ids": [other.id for other in others]}
    talk = owner.ask(site, "POST", "/messenger/conversations", body)["id"]
    asked = {"conversation_id": talk, "call_type": "audio", "device_key": "d0"}
    begun = owner.ask(site, "POST", "/calls/initiate", asked)
    owner.leg_id = begun["leg"]["id"]
    call_id = begun["call"]["id"]
    for number, other in enumerate(others, 1):
        came = other.ask(site, "POST", f"/calls/{call_id}/answer", {"device_key": f"d{number}"})
        other.leg_id = came["leg"]["id"]
    return call_id, talk, people


def _dial(site: Server) -> Any:
    return partial(DistantPage, site.url.replace("http", "ws"))


async def test_a_killed_process_costs_no_sound_and_who_is_removed_elsewhere_is_out(
    sites: tuple[Server, Server],
) -> None:
    first, second = sites
    call_id, talk, people = await asyncio.to_thread(_begun, first)
    legs = [Leg(UUID(person.leg_id), _dial(first)) for person in people[:3]]
    try:
        for leg, person in zip(legs, people, strict=False):
            await leg.enter(await asyncio.to_thread(person.ticket, first, call_id))
        await all_hear(legs)
        before, begun = [await leg.packets() for leg in legs], time.monotonic()
        first.kill()
        await asyncio.gather(*(asyncio.wait_for(leg.page.closed.wait(), 10) for leg in legs))
        for leg, person in zip(legs, people, strict=False):
            leg.dial = _dial(second)
            await leg.again(await asyncio.to_thread(person.ticket, second, call_id))
            await leg.page.keepalive()
        heard = [await leg.packets() - count for leg, count in zip(legs, before, strict=True)]
        # 50 packets a second of each of the two others, the seconds without a server included.
        assert min(heard) > 0.8 * 100 * (time.monotonic() - begun)
        # Removed through one process, with the door at another's: the row tells it.
        path = f"/messenger/conversations/{talk}/participants/{people[2].id}"
        await asyncio.to_thread(people[0].ask, second, "DELETE", path)
        await asyncio.wait_for(legs[2].page.closed.wait(), 10)
        assert legs[2].page.close_code == protocol.NOT_ALLOWED
        await asyncio.to_thread(people[0].ask, second, "POST", f"/calls/{call_id}/end", {"for_everyone": True})
        await asyncio.gather(*(asyncio.wait_for(leg.page.closed.wait(), 10) for leg in legs))
    finally:
        await asyncio.gather(*(leg.leave() for leg in legs), return_exceptions=True)

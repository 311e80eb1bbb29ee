"""The door before a real Janus, with legs that really send sound."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from calls.door import relay
from calls.door import watching
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.providers.janus import Janus
from calls.services import passes
from calls.tests.factories import call_settings
from calls.tests.factories import make_call
from calls.tests.factories import make_leg
from calls.tests.factories import through_janus
from calls.tests.media_peers import janus
from calls.tests.media_peers import needs_janus
from calls.tests.sfu_legs import Leg
from calls.tests.sfu_legs import Page
from calls.tests.sfu_legs import Refused
from calls.tests.sfu_legs import all_hear
from conftest import make_user
from core.realtime import protocol
from messenger.tests.factories import make_group

pytestmark = [needs_janus, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Janus]:
    with janus(tmp_path_factory.mktemp("janus")) as running:
        yield running


@pytest.fixture
def rows(server: Janus, settings: Settings) -> tuple[Call, list[CallLeg]]:
    """A call of five that has a room, and their legs."""
    settings.CALLS = call_settings(
        media_server="janus",
        janus_url=server.url,
        janus_admin_url=server.admin_url,
        janus_token_secret=server.token_secret,
        janus_admin_secret=server.admin_secret,
        janus_room_key=server.room_key,
    )
    people = [make_user(f"person{number}") for number in range(5)]
    return _call(server, people)


def _call(server: Janus, people: list[User]) -> tuple[Call, list[CallLeg]]:
    call = make_call(make_group(*people), people[0])
    through_janus(call, server.open_room(call.pk, most=50))
    return call, [make_leg(call, person) for person in people]


async def _ticket(leg: CallLeg) -> str:
    return await sync_to_async(passes.mint)(leg.pk)


async def _entered(legs: list[CallLeg]) -> list[Leg]:
    devices = [Leg(leg.pk) for leg in legs]
    tickets = [await _ticket(leg) for leg in legs]
    await asyncio.gather(*(device.enter(ticket) for device, ticket in zip(devices, tickets, strict=True)))
    return devices


async def _left(devices: list[Leg]) -> None:
    await asyncio.gather(*(device.leave() for device in devices), return_exceptions=True)


@sync_to_async
def _intervals(**fields: Any) -> list[CallInterval]:
    return list(CallInterval.objects.filter(**fields).order_by("started_at"))


async def _until(condition: Any, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - rows and packets send no event
            await asyncio.sleep(0.05)


async def test_five_hear_each_other_and_are_measured(rows: tuple[Call, list[CallLeg]]) -> None:
    call, legs = rows
    devices = await _entered(legs)
    try:
        await all_hear(devices)

        async def all_measured() -> bool:
            return len(await _intervals(call_id=call.pk, ended_at=None)) == 5

        await _until(all_measured)
    finally:
        await _left(devices)
    found = await _intervals(call_id=call.pk)
    assert {one.leg_id for one in found} == {leg.pk for leg in legs}
    assert {(one.transport, one.generation) for one in found} == {("sfu", 1)}


async def test_who_is_thrown_out_hears_nothing_more_and_is_gone(
    rows: tuple[Call, list[CallLeg]], server: Janus
) -> None:
    call, legs = rows
    devices = await _entered(legs[:3])
    try:
        await all_hear(devices)
        out, *others = devices
        await sync_to_async(CallLeg.objects.filter(pk=legs[0].pk).update)(state="left", left_reason="removed")
        await asyncio.wait_for(out.page.closed.wait(), 5)
        assert out.page.close_code == protocol.NOT_ALLOWED

        async def silent() -> bool:
            before = await out.packets()
            await asyncio.sleep(0.3)  # fifteen packets of each other leg
            return await out.packets() == before

        await _until(silent, 5)
        present = await asyncio.to_thread(server.seen, f"call-{call.pk}")
        assert {stay.leg_id for stay in present} == {leg.pk for leg in legs[1:3]}
        # The others talk on.
        before = [await other.packets() for other in others]

        async def others_hear() -> bool:
            return all([await other.packets() > count for other, count in zip(others, before, strict=True)])

        await _until(others_hear)
    finally:
        await _left(devices)


async def test_a_door_that_was_lost_is_found_again_and_sound_never_stopped(
    rows: tuple[Call, list[CallLeg]],
) -> None:
    _call_row, legs = rows
    devices = await _entered(legs[:2])
    try:
        await all_hear(devices)
        lost, other = devices
        await lost.page.leave()
        heard = await other.packets()

        async def five_seconds_of_sound() -> bool:
            return await other.packets() >= heard + 5 * 50

        await _until(five_seconds_of_sound, 30)
        await lost.again(await _ticket(legs[0]))
        await lost.page.keepalive()
        heard = await lost.packets()

        async def hears() -> bool:
            return await lost.packets() > heard + 20

        await _until(hears)
        before, after = await _intervals(leg_id=legs[0].pk)
        assert (before.ended_by, before.ended_at, after.ended_at) == ("door", after.started_at, None)
    finally:
        await _left(devices)


async def test_a_door_nobody_comes_back_to_ended_the_media(rows: tuple[Call, list[CallLeg]]) -> None:
    _call_row, legs = rows
    devices = await _entered(legs[:2])
    try:
        await all_hear(devices)
        await devices[0].page.leave()
        found = (await _intervals(leg_id=legs[0].pk))[0]
        assert (found.ended_by, found.ended_at is not None) == ("door", True)
    finally:
        await _left(devices)


async def test_silence_of_the_device_ends_the_interval_and_sound_begins_another(
    rows: tuple[Call, list[CallLeg]],
) -> None:
    _call_row, legs = rows
    devices = await _entered(legs[:2])
    try:
        await all_hear(devices)
        await asyncio.gather(*(one.close() for one in (devices[0].up, devices[0].down) if one))  # both died

        async def closed() -> bool:
            return [one.ended_by for one in await _intervals(leg_id=legs[0].pk)] == ["door"]

        await _until(closed, 30)
        assert devices[0].page.close_code is None
    finally:
        await _left(devices)


@pytest.mark.parametrize("query", ["", "token=", "token=nonsense", f"token={UUID(int=7).hex}.abc"])
async def test_without_a_ticket_nobody_gets_in(rows: tuple[Call, list[CallLeg]], query: str) -> None:
    page = await Page(query=query).open()
    await asyncio.wait_for(page.closed.wait(), 5)
    assert page.close_code == protocol.NOT_ALLOWED
    assert page.seen[0]["error"]["code"] == 403


async def test_a_ticket_opens_once(rows: tuple[Call, list[CallLeg]]) -> None:
    _call_row, legs = rows
    ticket = await _ticket(legs[0])
    first = await Page(ticket).open()
    await first.create()
    second = await Page(ticket).open()
    await asyncio.wait_for(second.closed.wait(), 5)
    assert second.close_code == protocol.NOT_ALLOWED
    await first.keepalive()  # which does the first one no harm
    await first.leave()


@pytest.mark.parametrize(
    ("legs_are", "call_is"),
    [
        ({"state": "left"}, {}),
        ({"pass_until": F("pass_until") - timedelta(seconds=61)}, {}),
        ({}, {"transport": "p2p"}),
        ({}, {"sfu_state": "wanted"}),
        ({}, {"status": "ended", "end_reason": "hangup", "ended_at": F("created_at")}),
    ],
)
async def test_a_ticket_is_for_a_live_leg_of_a_live_call(
    rows: tuple[Call, list[CallLeg]], legs_are: dict[str, Any], call_is: dict[str, Any]
) -> None:
    call, legs = rows
    ticket = await _ticket(legs[0])
    if legs_are:
        await sync_to_async(CallLeg.objects.filter(pk=legs[0].pk).update)(**legs_are)
    if call_is:
        await sync_to_async(Call.objects.filter(pk=call.pk).update)(**call_is)
    page = await Page(ticket).open()
    await asyncio.wait_for(page.closed.wait(), 5)
    assert page.close_code == protocol.NOT_ALLOWED


async def test_nothing_but_the_room_of_the_leg_can_be_asked_for(
    rows: tuple[Call, list[CallLeg]], server: Janus
) -> None:
    _call_row, legs = rows
    people = [await sync_to_async(make_user)(f"stranger{number}") for number in range(2)]
    foreign, _ = await sync_to_async(_call)(server, people)
    page = await Page(await _ticket(legs[0])).open()
    await page.create()
    handle = await page.attach()
    # It names another room, another id and a token of its own: all three are ours in the end.
    token = server.room_token(f"call-{foreign.pk}", seconds=60)
    asked = {"request": "join", "ptype": "publisher", "room": f"call-{foreign.pk}", "id": "somebody", "token": token}
    joined = await page.say(handle, asked)
    data = joined["plugindata"]["data"]
    assert (data["room"], data["id"]) == (f"call-{legs[0].call_id}", str(legs[0].pk))
    for body in (
        {"request": "list"},
        {"request": "create", "room": "mine"},
        {"request": "destroy", "room": data["room"]},
        {"request": "kick", "room": data["room"], "id": "x"},
        {"request": "joinandconfigure", "room": data["room"]},
        {"request": "rtp_forward", "room": data["room"]},
        {"request": "enable_recording", "room": data["room"], "record": True},
    ):
        with pytest.raises(Refused):
            await page.say(handle, body)
    for frame in (
        {"janus": "attach", "plugin": "janus.plugin.echotest"},
        {"janus": "info"},
        {"janus": "add_token"},
        {"janus": "message_plugin"},
        {"janus": "create"},
        {"janus": "claim", "session_id": page.session},
    ):
        with pytest.raises(Refused):
            await page.ask(**frame)
    await page.keepalive()
    await page.leave()


async def test_nobody_claims_the_session_of_another(rows: tuple[Call, list[CallLeg]]) -> None:
    _call_row, legs = rows
    first = await Page(await _ticket(legs[0])).open()
    await first.create()
    assert first.session is not None
    second = await Page(await _ticket(legs[1])).open()
    with pytest.raises(Refused):
        await second.claim(first.session)
    with pytest.raises(Refused):
        await second.keepalive()
    await second.create()
    assert second.session != first.session
    # A session that a frame names is not believed either.
    await second.ask(prefix="keep", janus="keepalive", session_id=first.session)
    await first.keepalive()
    await first.leave()
    await second.leave()


async def test_a_newer_door_shuts_the_older_one(rows: tuple[Call, list[CallLeg]]) -> None:
    _call_row, legs = rows
    first = await Page(await _ticket(legs[0])).open()
    await first.create()
    second = await Page(await _ticket(legs[0])).open()
    await asyncio.wait_for(first.closed.wait(), 5)
    await second.claim(first.session or 0)
    await second.keepalive()
    await second.leave()


async def test_a_call_that_moves_back_keeps_its_doors_for_a_moment_and_not_into_the_next_move(
    rows: tuple[Call, list[CallLeg]],
) -> None:
    call, legs = rows
    own = Call.objects.filter(pk=call.pk)
    page = await Page(await _ticket(legs[0])).open()
    await page.create()
    soon = timezone.now() + timedelta(seconds=20)
    await sync_to_async(own.update)(transport="p2p", sfu_state="none", generation=2, connect_until=soon)
    for _ in range(2):  # what sounds is not cut off
        await page.keepalive()
        await asyncio.sleep(watching.LOOK_SECONDS)
    assert page.close_code is None
    # Into the next move, who stayed from before would come unmeasured.
    await sync_to_async(own.update)(transport="sfu", sfu_state="ready", generation=3)
    await asyncio.wait_for(page.closed.wait(), 5)
    assert page.close_code == protocol.NOT_ALLOWED


async def test_a_newer_door_in_another_process_keeps_the_session(
    rows: tuple[Call, list[CallLeg]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older one learns of it from the row, and must not end what the newer one has claimed."""
    _call_row, legs = rows
    devices = await _entered(legs[:2])
    try:
        await all_hear(devices)
        older = devices[0].page
        monkeypatch.setattr(watching, "of_this_loop", watching.Watch)  # as another process would have
        await devices[0].again(await _ticket(legs[0]))
        await asyncio.wait_for(older.closed.wait(), 10)
        heard = await devices[0].packets()

        async def hears_on() -> bool:
            return await devices[0].packets() > heard + 100

        await _until(hears_on)
        await devices[0].page.keepalive()
        assert [one.ended_at for one in await _intervals(leg_id=legs[0].pk)] == [None]
    finally:
        await _left(devices)


async def test_what_is_too_large_or_no_json_ends_the_door(rows: tuple[Call, list[CallLeg]]) -> None:
    _call_row, legs = rows
    for text, code in (("x" * 70_000, protocol.TOO_LARGE), ("{", protocol.MALFORMED), ("[" * 5000, protocol.MALFORMED)):
        page = await Page(await _ticket(legs[0])).open()
        page.text(text)
        await asyncio.wait_for(page.closed.wait(), 5)
        assert page.close_code == code


async def test_a_flood_is_slowed_down_and_loses_nothing(
    rows: tuple[Call, list[CallLeg]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BURST", 5.0)
    _call_row, legs = rows
    page = await Page(await _ticket(legs[0])).open()
    await page.create()
    begun = asyncio.get_running_loop().time()
    await asyncio.gather(*(page.keepalive() for _ in range(25)))
    assert asyncio.get_running_loop().time() - begun > (25 - 5) / relay.RATE * 0.8
    await page.leave()


async def test_no_frame_shows_a_secret(rows: tuple[Call, list[CallLeg]], server: Janus) -> None:
    _call_row, legs = rows
    devices = await _entered(legs[:2])
    try:
        await all_hear(devices)
        said = json.dumps([frame for device in devices for frame in device.page.seen])
        begins = "janus.plugin.videoroom,"  # as a token does, behind its time
        assert not any(text in said for text in (begins, server.token_secret, server.admin_secret, server.room_key))
    finally:
        await _left(devices)


async def test_without_janus_the_page_is_told_to_come_again(
    rows: tuple[Call, list[CallLeg]], settings: Settings
) -> None:
    settings.CALLS = call_settings(janus_url="ws://127.0.0.1:1")
    page = await Page(await _ticket(rows[1][0])).open()
    await asyncio.wait_for(page.closed.wait(), 10)
    assert page.close_code == protocol.FAULT

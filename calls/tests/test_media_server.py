"""From the fifth person's answer to sound through Janus, by the front doors: REST, worker's jobs, the door."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.models import MinuteEntry
from calls import providers
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.providers.base import Stay
from calls.providers.janus import Janus
from calls.providers.testing import Scripted
from calls.services import ending
from calls.services import intervals
from calls.services import moves
from calls.services import reconcile
from calls.tests.factories import call_settings
from calls.tests.kit import fresh
from calls.tests.kit import running
from calls.tests.media_peers import janus
from calls.tests.media_peers import needs_janus
from calls.tests.sfu_legs import Leg
from calls.tests.sfu_legs import all_hear
from conftest import make_user
from conftest import signed_in
from core import sql
from core.realtime import protocol
from messenger.models import Conversation
from messenger.tests.factories import make_group

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(db: None) -> list[User]:
    return [make_user(f"person{number}") for number in range(5)]


@pytest.fixture
def talk(people: list[User]) -> Conversation:
    return make_group(*people)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Janus]:
    with janus(tmp_path_factory.mktemp("janus")) as started:
        yield started


def _through(settings: Settings, server: Janus) -> None:
    settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 10}}
    settings.CALLS = call_settings(
        media_server="janus",
        janus_url=server.url,
        janus_admin_url=server.admin_url,
        janus_token_secret=server.token_secret,
        janus_admin_secret=server.admin_secret,
        janus_room_key=server.room_key,
    )


def _passes(call: Call, legs: list[CallLeg]) -> list[dict[str, Any]]:
    answers = [
        signed_in(leg.user).post(f"/api/calls/{call.pk}/{name}", {"leg_id": str(leg.pk)})
        for leg, name in zip(legs, ["sfu", "100ms", "sfu", "sfu", "sfu"], strict=True)
    ]
    assert [answer.status_code for answer in answers] == [200] * 5, answers[0].json()
    return [answer.json() for answer in answers]


@needs_janus
async def test_five_people_talk_through_janus_and_pay_for_it(
    people: list[User], talk: Conversation, server: Janus, settings: Settings
) -> None:
    _through(settings, server)
    call, legs = await sync_to_async(running)(talk, *people)
    assert (call.transport, call.generation) == ("sfu", 2)
    given = await sync_to_async(_passes)(call, legs)
    assert {(one["provider"], one["generation"], one["token"], one["role"]) for one in given} == {
        ("janus", 2, None, None)
    }
    devices = [Leg(leg.pk) for leg in legs]
    try:
        tickets = [one["url"].partition("?token=")[2] for one in given]
        await asyncio.gather(*(device.enter(ticket) for device, ticket in zip(devices, tickets, strict=True)))
        await all_hear(devices)
        # One is removed from the group: out, at once, and its way back is shut.
        await sync_to_async(ending.end_membership)(talk.pk, [people[4].pk])
        await asyncio.wait_for(devices[4].page.closed.wait(), 5)
        assert devices[4].page.close_code == protocol.NOT_ALLOWED
        again = await sync_to_async(_post)(call, legs[4])
        assert again.status_code in {404, 409}
        while await sync_to_async(intervals.seconds_together)(call.pk) < 2:  # noqa: ASYNC110 - rows send no event
            await asyncio.sleep(0.1)
        # The call ends: everybody's door is shut, the room is gone, and it was charged.
        await sync_to_async(_end)(people[0], call)
        await asyncio.gather(*(asyncio.wait_for(device.page.closed.wait(), 5) for device in devices))
        await sync_to_async(reconcile.end_room)(call.pk)
        await sync_to_async(reconcile.reconcile)(call.pk)
    finally:
        await asyncio.gather(*(device.leave() for device in devices), return_exceptions=True)
    entry = await MinuteEntry.objects.aget(reference=str(call.pk))
    together = await sync_to_async(intervals.seconds_together)(call.pk)
    assert (entry.user_id, entry.measured, entry.seconds) == (people[0].pk, together, 60)
    assert together >= 2
    assert not await CallInterval.objects.filter(ended_at=None).aexists()
    assert await asyncio.to_thread(server.seen, f"call-{call.pk}") == []
    await sync_to_async(call_command)("check_ledger")


def _post(call: Call, leg: CallLeg) -> Any:
    return signed_in(leg.user).post(f"/api/calls/{call.pk}/sfu", {"leg_id": str(leg.pk)})


def _end(actor: User, call: Call) -> None:
    assert signed_in(actor).post(f"/api/calls/{call.pk}/end", {"for_everyone": True}).status_code == 200


class TestRooms:
    """Who asked for the room, and what came between."""

    @pytest.fixture
    def scripted(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Scripted:
        server = Scripted()
        monkeypatch.setattr(providers, "configured", lambda: server)
        monkeypatch.setattr(providers, "named", lambda _name: server)
        settings.CALLS = call_settings(media_server="janus", minutes_limited=False)
        return server

    @pytest.fixture
    def call(self, scripted: Scripted, people: list[User], talk: Conversation) -> Call:
        call, _legs = running(talk, *people)
        # Where workers are threads of this process the job may be done already.
        Call.objects.filter(pk=call.pk).update(sfu_state="wanted", hms_room_id="")
        scripted.rooms.clear()
        return fresh(call)

    def _open(self, call: Call, *, is_last_try: bool = True) -> None:
        moves.open_room(call.pk, call.generation, "people", is_last_try=is_last_try)

    def test_a_request_and_a_job_ask_at_once_and_the_room_stays(self, call: Call, scripted: Scripted) -> None:
        scripted.meanwhile = lambda: self._open(call)
        self._open(call)
        assert (fresh(call).sfu_state, scripted.rooms) == ("ready", {f"call-{call.pk}"})

    def test_the_call_ends_meanwhile_and_the_room_is_closed(
        self, call: Call, scripted: Scripted, people: list[User]
    ) -> None:
        scripted.meanwhile = lambda: _end(people[0], call)
        self._open(call)
        assert (fresh(call).status, scripted.rooms) == ("ended", set())

    @pytest.mark.parametrize("fault", ["401", "404"])
    def test_what_cannot_get_better_is_not_tried_again(self, call: Call, scripted: Scripted, fault: Any) -> None:
        scripted.faults = [fault]
        self._open(call, is_last_try=False)
        found = fresh(call)
        assert (found.transport, found.sfu_state, found.notice) == ("p2p", "failed", "sfu_unavailable")

    @pytest.mark.parametrize("fault", ["429", "500", "malformed"])
    def test_the_rest_is_until_the_last_try(self, call: Call, scripted: Scripted, fault: Any) -> None:
        scripted.faults = [fault, fault]
        with pytest.raises(providers.ProviderError):
            self._open(call, is_last_try=False)
        assert (fresh(call).transport, fresh(call).sfu_state) == ("sfu", "wanted")
        self._open(call)
        assert (fresh(call).transport, fresh(call).notice) == ("p2p", "sfu_unavailable")

    def test_a_slow_one_is_waited_for(self, call: Call, scripted: Scripted) -> None:
        scripted.faults = ["slow"]
        self._open(call)
        assert fresh(call).sfu_state == "ready"

    def test_the_charge_is_never_more_than_the_vendors_session(
        self, call: Call, scripted: Scripted, people: list[User], settings: Settings
    ) -> None:
        settings.CALLS = call_settings(media_server="hms", minutes_limited=True)
        settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 10}}
        from calls.services import minutes

        self._open(call)
        minutes.reserve(call, people[0].pk)
        legs = list(CallLeg.objects.filter(call=call).order_by("id")[:2])
        for leg in legs:
            intervals.begin(call.pk, leg.pk, leg.user_id, transport="sfu", generation=call.generation)
        now = sql.now()
        CallInterval.objects.filter(call_id=call.pk).update(seen_at=now)
        _end(people[0], call)
        room = fresh(call).hms_room_id
        scripted.stays[room] = [Stay(leg.pk, now, now) for leg in legs]
        reconcile.end_room(call.pk)
        entry = MinuteEntry.objects.get(reference=str(call.pk))
        assert (entry.measured, entry.seconds) == (0, 0)

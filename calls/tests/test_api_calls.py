"""Calls over REST: statuses, lists with a fixed number of queries, and what is refused."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import providers
from calls.models import Call
from calls.models import CallParticipant
from calls.providers.testing import Scripted
from calls.services import ending
from calls.tests.factories import call_settings
from calls.tests.kit import begin
from calls.tests.kit import pass_time
from calls.tests.kit import pick_up
from calls.tests.kit import running
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from messenger.models import Conversation
from messenger.models import Participant
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group


def _initiate(client: JsonClient, talk: Conversation, **more: Any) -> Any:
    body = {"conversation_id": str(talk.pk), "call_type": "audio", "device_key": "tab"}
    return client.post("/api/calls/initiate", body | more)


def test_a_call_from_ring_to_end(talk: Conversation, alice_client: JsonClient, bob_client: JsonClient) -> None:
    begun = _initiate(alice_client, talk, client_id="c-1")
    assert begun.status_code == 201
    body = begun.json()
    assert (body["joined"], body["call"]["status"], body["call"]["most"]) == (False, "ringing", 6)
    assert body["ice"] == {"ice_servers": [], "policy": "all", "ttl": 3600}
    again = _initiate(alice_client, talk, client_id="c-1")
    assert (again.status_code, again.json()["call"]["id"]) == (200, body["call"]["id"])
    path = f"/api/calls/{body['call']['id']}"
    answered = bob_client.post(f"{path}/answer", {"device_key": "phone", "video_on": True})
    assert answered.status_code == 200
    assert answered.json()["call"]["status"] == "connecting"
    assert answered.json()["leg"]["video_on"]
    elsewhere = bob_client.post(f"{path}/answer", {"device_key": "desk"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "answered_elsewhere")
    assert elsewhere.json()["call"]["id"] == body["call"]["id"]
    legs = [body["leg"]["id"], answered.json()["leg"]["id"]]
    for client, mine, other in ((alice_client, *legs), (bob_client, *reversed(legs))):
        beat = client.post(f"{path}/beat", {"leg_id": mine, "generation": 1, "media_from": [other]})
    assert beat.json() == {"status": "active", "generation": 1}
    assert bob_client.post(f"{path}/end", {}).json()["call"]["end_reason"] == "hangup"
    assert alice_client.post(f"{path}/end", {}).status_code == 200
    late = bob_client.post(f"{path}/answer", {"device_key": "desk"})
    assert (late.status_code, late.json()["code"], late.json()["call"]["status"]) == (409, "call_over", "ended")
    assert alice_client.get(f"{path}/status").json()["duration"] is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"call_type": "hologram"},
        {"device_key": ""},
        {"device_key": "x" * 65},
        {"device_key": "no blanks"},
        {"client_id": "x" * 65},
        {"conversation_id": "none"},
    ],
)
def test_what_cannot_be_is_said_by_field(talk: Conversation, alice_client: JsonClient, wrong: dict[str, str]) -> None:
    refused = _initiate(alice_client, talk, **wrong)
    assert (refused.status_code, set(refused.json()["details"])) == (400, set(wrong))
    assert not Call.objects.exists()


def test_the_history_is_of_ones_conversations_and_of_what_one_took_part_in(
    talk: Conversation, group: Conversation, alice: User, bob: User, charlie: User
) -> None:
    bob_client = signed_in(bob)
    old, _ = running(group, bob, charlie)
    ending.end(charlie, call_id=old.pk, for_everyone=False)
    ending.end(bob, call_id=old.pk, for_everyone=True)
    missed = begin(alice, talk)
    ending.end(alice, call_id=missed.call.pk)
    strangers = begin(alice, make_direct(alice, charlie))
    shown = bob_client.get("/api/calls").json()["results"]
    assert [one["id"] for one in shown] == [str(missed.call.pk), str(old.pk)]
    assert bob_client.get(f"/api/calls/{strangers.call.pk}/status").status_code == 404
    only = bob_client.get(f"/api/calls?conversation_id={talk.pk}").json()["results"]
    assert [one["id"] for one in only] == [str(missed.call.pk)]
    assert [one["id"] for one in bob_client.get("/api/calls?missed=1").json()["results"]] == [str(missed.call.pk)]
    Participant.objects.filter(conversation=group, user=bob).delete()
    kept = bob_client.get("/api/calls").json()["results"]
    assert [one["id"] for one in kept] == [str(missed.call.pk), str(old.pk)]


def test_who_left_sees_no_devices_of_others(
    group: Conversation, alice: User, bob: User, charlie: User, bob_client: JsonClient
) -> None:
    call, _ = running(group, alice, bob, charlie)
    Participant.objects.filter(conversation=group, user=bob).delete()
    shown = {
        one["user"]["username"]: one["leg"]
        for one in bob_client.get(f"/api/calls/{call.pk}/status").json()["participants"]
    }
    assert (shown["alice"], shown["charlie"]) == (None, None)
    assert bob_client.get("/api/calls/live").json()["results"] == []


@pytest.mark.parametrize("path", ["/api/calls", "/api/calls/live", "/api/calls?missed=1"])
def test_a_list_costs_the_same_however_long_it_is(alice: User, bob: User, bob_client: JsonClient, path: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert bob_client.get(path).status_code == 200
        return len(asked)

    def more(number: int) -> None:
        people = [make_user(f"p{number}-{index}") for index in range(2)]
        group = make_group(alice, bob, *people)
        ending.end(alice, call_id=begin(alice, group).call.pk)
        running(group, alice, *people)

    more(0)
    few = count()
    for number in range(1, 4):
        more(number)
    assert count() == few


def test_missed_calls_are_counted_until_they_were_looked_at(
    talk: Conversation, alice: User, bob_client: JsonClient, alice_client: JsonClient
) -> None:
    for _ in range(2):
        ending.end(alice, call_id=begin(alice, talk).call.pk)
    assert bob_client.get("/api/calls/missed").json() == {"count": 2}
    assert alice_client.get("/api/calls/missed").json() == {"count": 0}
    assert bob_client.post("/api/calls/seen").status_code == 204
    assert bob_client.get("/api/calls/missed").json() == {"count": 0}
    assert len(bob_client.get("/api/calls?missed=1").json()["results"]) == 2


def test_settings_are_as_the_site_has_them_until_somebody_says(alice_client: JsonClient, settings: Settings) -> None:
    assert alice_client.get("/api/calls/settings").json() == {"hide_address": "never", "ring": True}
    settings.CALLS = call_settings(turn_urls=("turn:t.example.org:3478",), turn_secret="hush")
    assert alice_client.get("/api/calls/settings").json() == {"hide_address": "strangers", "ring": True}
    said = {"hide_address": "always", "ring": False}
    assert alice_client.put("/api/calls/settings", said).json() == said
    assert alice_client.get("/api/calls/settings").json() == said
    assert alice_client.put("/api/calls/settings", {"hide_address": "sometimes", "ring": True}).status_code == 400


def test_ice_servers_are_not_kept_by_anybody(
    talk: Conversation, alice: User, alice_client: JsonClient, settings: Settings
) -> None:
    settings.CALLS = call_settings(
        stun_urls=("stun:s.example.org:3478",), turn_urls=("turn:t.example.org:3478",), turn_secret="hush"
    )
    call = begin(alice, talk).call
    shown = alice_client.get(f"/api/calls/ice-servers?call_id={call.pk}")
    assert shown["Cache-Control"] == "no-store"
    stun, turn = shown.json()["ice_servers"]
    assert (stun["urls"], "credential" in turn) == (["stun:s.example.org:3478"], True)
    assert "hush" not in shown.content.decode()
    outside = alice_client.get("/api/calls/ice-servers").json()["ice_servers"]
    assert [one["urls"] for one in outside] == [["stun:s.example.org:3478"]]
    assert alice_client.get(f"/api/calls/ice-servers?call_id={uuid4()}").status_code == 404


def test_without_a_media_server_there_is_no_pass(talk: Conversation, alice: User, bob: User) -> None:
    _, (hers, _) = running(talk, alice, bob)
    client = signed_in(alice)
    for name in ("sfu", "100ms"):
        refused = client.post(f"/api/calls/{hers.call_id}/{name}", {"leg_id": str(hers.pk)})
        assert (refused.status_code, refused.json()["code"]) == (409, "sfu_not_configured")
    refused = client.post("/api/calls/hms-token", {"call_id": str(hers.call_id)})
    assert refused.json()["code"] == "sfu_not_configured"


@pytest.mark.django_db(transaction=True)
def test_a_pass_leads_to_the_media_server_only_where_the_call_goes_there(
    talk: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Scripted()
    monkeypatch.setattr(providers, "configured", lambda: server)
    monkeypatch.setattr(providers, "named", lambda _name: server)
    monkeypatch.setattr("calls.services.minutes.reserve", lambda *_: None)
    begun = begin(alice, talk)
    answered = pick_up(bob, begun.call)
    client, path = signed_in(alice), f"/api/calls/{begun.call.pk}/sfu"
    refused = client.post(path, {"leg_id": str(begun.leg.pk)})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_needed")
    pass_time(11)
    alone = client.post(path, {"leg_id": str(begun.leg.pk)})
    assert (alone.status_code, alone.json()["code"]) == (409, "not_needed")  # one device does not move a call
    assert signed_in(bob).post(path, {"leg_id": str(answered.leg.pk)}).status_code == 200
    first, second = (client.post(path, {"leg_id": str(begun.leg.pk)}) for _ in range(2))
    assert (first.status_code, first["Cache-Control"]) == (200, "no-store")
    shown = first.json()
    assert (shown["provider"], shown["generation"], shown["token"]) == ("janus", 2, None)
    assert shown["url"].startswith("/sfu?token=")
    assert shown["url"] != second.json()["url"]
    assert client.post("/api/calls/hms-token", {"call_id": str(begun.call.pk)}).json()["code"] == "not_this_provider"


def test_whoever_was_rung_and_never_came_is_no_part_of_it_later(
    group: Conversation, alice: User, bob: User, charlie: User, charlie_client: JsonClient
) -> None:
    call, _ = running(group, alice, bob)
    ending.end(alice, call_id=call.pk, for_everyone=True)
    row = CallParticipant.objects.get(user=charlie)
    assert (row.response, row.joined_at) == ("missed", None)
    assert charlie_client.get("/api/calls/missed").json() == {"count": 1}

"""Agents over REST: made within the plan, changed, drafted, published, copied, retired; strangers find nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AgentUser
from accounts.models import User
from agents.models import Agent
from agents.tests.factories import add_function
from agents.tests.factories import give_plan
from agents.tests.factories import make_agent
from conftest import JsonClient
from core import llm
from messenger.tests.factories import make_group


def _made(client: JsonClient, name: str = "Clerk", **more: Any) -> Any:
    return client.post("/api/agents", {"name": name, **more})


def test_an_agent_from_its_making_to_its_end(alice: User, alice_client: JsonClient) -> None:
    give_plan(alice)
    made = _made(alice_client, system_prompt="Be brief.\n", temperature=0.5)
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["model"], body["system_prompt"], body["version"]) == ("Clerk", "demo", "Be brief.\n", 1)
    assert (body["user"]["username"], body["user"]["kind"], body["user"]["name"]) == ("clerk", "agent", "Clerk")
    assert (body["owner"]["id"], body["is_own"], body["audience"], body["draft"]) == (
        str(alice.pk),
        True,
        "owner",
        None,
    )
    assert body["limits"]["max_steps"] == 12
    path = f"/api/agents/{body['id']}"

    changed = alice_client.patch(path, {"name": "Писар", "max_steps": 3, "temperature": None})
    assert changed.status_code == 200
    assert (changed.json()["user"]["name"], changed.json()["limits"]["max_steps"]) == ("Писар", 3)
    assert (changed.json()["version"], changed.json()["temperature"]) == (2, None)
    assert alice_client.get(path).json() == changed.json()

    assert alice_client.delete(path).status_code == 204
    assert alice_client.get(path).status_code == 404
    assert alice_client.delete(path).status_code == 404
    assert alice_client.get("/api/agents").json()["results"] == []
    assert AgentUser.objects.get(pk=body["user"]["id"]).retired_for == "asked"


def test_a_plan_has_room_for_so_many(alice: User, alice_client: JsonClient) -> None:
    refused = _made(alice_client)
    assert (refused.status_code, refused.json()["code"]) == (403, "upgrade_required")
    assert refused.json()["required_tier"] == "premium_starter"
    give_plan(alice)
    first = _made(alice_client)
    assert first.status_code == 201
    full = _made(alice_client, "Another")
    assert (full.status_code, full.json()["code"], full.json()["limit"]) == (409, "agent_limit", 1)
    assert not User.objects.filter(username="another").exists()
    alice_client.delete(f"/api/agents/{first.json()['id']}")
    assert _made(alice_client, "Another").status_code == 201


def test_names_are_shared_with_people(alice: User, bob: User, alice_client: JsonClient) -> None:
    give_plan(alice, "unlimited")
    taken = _made(alice_client, username="bob")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert _made(alice_client, "Bob").json()["user"]["username"].startswith("bob-")
    assert _made(alice_client, "Допомога Олени").json()["user"]["username"].endswith("agent")
    reserved = _made(alice_client, "Support")
    assert (reserved.status_code, set(reserved.json()["details"])) == (400, {"name"})
    assert _made(alice_client, username="x").json()["details"].keys() == {"username"}


def test_a_model_must_call_functions(alice: User, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch) -> None:
    give_plan(alice)
    unknown = _made(alice_client, model="none-such")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_model")
    agent = make_agent(alice)
    mute = replace(llm.catalogue.get("demo"), id="mute", name="Mute", tools=False)
    monkeypatch.setattr(llm.catalogue, "require", lambda name: mute if name == "mute" else llm.catalogue.get(name))
    for refused in (
        alice_client.patch(f"/api/agents/{agent.pk}", {"model": "mute"}),
        alice_client.put(f"/api/agents/{agent.pk}/draft", {"model": "mute"}),
        _made(alice_client, model="mute"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "model_without_tools")
        assert refused.json()["models"] == [llm.catalogue.get("demo").name]
        assert llm.catalogue.get("demo").name in refused.json()["error"]


def test_a_draft_counts_when_it_is_published(alice: User, alice_client: JsonClient) -> None:
    agent = make_agent(alice, system_prompt="Old")
    path = f"/api/agents/{agent.pk}"
    kept = alice_client.put(f"{path}/draft", {"system_prompt": "New", "name": "Scribe", "audience": "site"})
    assert kept.json()["draft"] == {"system_prompt": "New", "name": "Scribe"}
    assert (kept.json()["system_prompt"], kept.json()["version"]) == ("Old", 1)
    assert alice_client.put(f"{path}/draft", {"max_steps": 31}).status_code == 400
    published = alice_client.post(f"{path}/publish").json()
    assert (published["draft"], published["system_prompt"], published["version"]) == (None, "New", 2)
    assert (published["user"]["name"], published["audience"]) == ("Scribe", "owner")
    assert alice_client.post(f"{path}/publish").json()["version"] == 2
    alice_client.put(f"{path}/draft", {"name": "Other"})
    assert alice_client.put(f"{path}/draft", {}).json()["draft"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 61},
        {"system_prompt": "x" * 32_001},
        {"temperature": 2.1},
        {"max_steps": 0},
        {"max_calls": 51},
        {"max_seconds": 601},
        {"run_tokens": 1999},
        {"history_tokens": 32_001},
        {"max_tokens": 63},
        {"audience": "everybody"},
        {"payer": "nobody"},
        {"owner_daily_tokens": 0},
    ],
)
def test_what_cannot_be_is_said_by_field(alice: User, alice_client: JsonClient, wrong: dict[str, Any]) -> None:
    agent = make_agent(alice)
    refused = alice_client.patch(f"/api/agents/{agent.pk}", wrong)
    assert (refused.status_code, set(refused.json()["details"])) == (400, set(wrong))
    assert Agent.objects.get(pk=agent.pk).version == 1


def test_who_finds_an_agent(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient, charlie_client: JsonClient
) -> None:
    agent = make_agent(alice, "Clerk")

    def found(client: JsonClient) -> list[str]:
        return [one["name"] for one in client.get("/api/agents").json()["results"]]

    def searched(client: JsonClient) -> list[str]:
        return [one["name"] for one in client.get("/api/messenger/users?search=clerk").json()["results"]]

    assert (found(bob_client), searched(bob_client), searched(alice_client)) == ([], [], ["Clerk"])
    group = make_group(alice, bob)
    path = f"/api/messenger/conversations/{group.pk}/participants"
    assert alice_client.post(path, {"user_ids": [str(agent.user_id)]}).status_code == 200
    # It speaks where Bob reads; that he may bring it elsewhere its owner has not said.
    assert (found(bob_client), searched(bob_client), found(charlie_client)) == (["Clerk"], [], [])
    alice_client.patch(f"/api/agents/{agent.pk}", {"audience": "members"})
    assert (searched(bob_client), searched(charlie_client)) == (["Clerk"], [])
    alice_client.patch(f"/api/agents/{agent.pk}", {"audience": "site"})
    assert (found(charlie_client), searched(charlie_client)) == (["Clerk"], ["Clerk"])
    [shown] = charlie_client.get("/api/agents?own=false").json()["results"]
    assert (shown["is_own"], "system_prompt" in shown) == (False, False)
    assert charlie_client.get("/api/agents?own=true").json()["results"] == []
    alice_client.patch(f"/api/agents/{agent.pk}", {"is_active": False})
    assert (found(charlie_client), searched(charlie_client), found(alice_client)) == ([], [], ["Clerk"])


def test_lists_ask_as_often_for_many_as_for_one(alice: User, alice_client: JsonClient) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert alice_client.get("/api/agents").status_code == 200
        return len(captured)

    add_function(make_agent(alice, "One"))
    asked()
    before = asked()
    for name in ("Two", "Three", "Four"):
        add_function(make_agent(alice, name))
    assert asked() == before
    one = alice_client.get("/api/agents").json()["results"][0]
    assert (one["hosts"], one["functions_count"]) == (["api.example.com"], 1)


def test_a_stranger_finds_nothing(alice: User, charlie: User, charlie_client: JsonClient) -> None:
    give_plan(charlie, "unlimited")
    agent = make_agent(alice, audience="site")
    function = add_function(agent)
    path = f"/api/agents/{agent.pk}"
    asked = [
        charlie_client.get(path),
        charlie_client.patch(path, {"name": "Mine"}),
        charlie_client.delete(path),
        charlie_client.put(f"{path}/draft", {"name": "Mine"}),
        charlie_client.post(f"{path}/publish"),
        charlie_client.post(f"{path}/duplicate", {}),
        charlie_client.get(f"{path}/export"),
        charlie_client.post(f"{path}/functions/{function.pk}/test", {}),
        charlie_client.post(f"{path}/functions/{function.pk}/rotate"),
        charlie_client.post(f"{path}/functions/approve", {"items": [{"id": str(function.pk), "hash": ""}]}),
        charlie_client.post("/api/agents/estimate", {"agent_id": str(agent.pk), "draft": {"name": "Mine"}}),
        charlie_client.post("/api/agents/estimate", {"agent_id": str(uuid4())}),
    ]
    assert [one.status_code for one in asked] == [404] * len(asked)
    assert Agent.objects.get(pk=agent.pk).name == "Clerk"

"""Templates, files of agents, copies, estimates: nothing of them tells a secret or costs anything."""

from __future__ import annotations

from accounts.models import User
from agents.models import Agent
from agents.models import AgentFunction
from agents.tests.factories import add_function
from agents.tests.factories import give_plan
from agents.tests.factories import make_agent
from agents.tests.factories import make_run
from billing.models import TokenQuota
from conftest import JsonClient

SECRET = "correct-horse-Xk2f"


def test_templates_work_without_account_or_network(alice: User, alice_client: JsonClient) -> None:
    offered = alice_client.get("/api/agents/templates").json()["results"]
    assert [one["id"] for one in offered] == ["clerk", "librarian", "interpreter", "caller"]
    give_plan(alice, "unlimited")
    for template in offered:
        made = alice_client.post("/api/agents", {"name": f"My {template['id']}", "template": template["id"]})
        assert made.status_code == 201, made.json()
        body = made.json()
        assert (body["name"], body["template"]) == (f"My {template['id']}", template["id"])
        assert body["system_prompt"] == template["system_prompt"]
        assert [one["name"] for one in body["functions"]][: len(template["functions"])] == [
            one["name"] for one in template["functions"]
        ]
    unknown = alice_client.post("/api/agents", {"name": "X", "template": "butler"})
    assert (unknown.status_code, set(unknown.json()["details"])) == (400, {"template"})


def test_an_agent_goes_into_a_file_and_comes_back(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    agent = make_agent(alice, system_prompt="Be brief.", max_steps=5, temperature=0.5)
    secrets = {"auth_kind": "basic", "auth_name": "robot", "secret": SECRET, "secret_before": SECRET}
    add_function(agent, **secrets, places={"city": {"in": "query", "name": "q"}}, per_day=7)
    add_function(agent, name="clock", function_type="internal", remote_name="now", endpoint_url="", http_method="POST")
    source = agent.sources.create(kind="openapi", name="theirs", secret=SECRET, auth_kind="bearer")
    add_function(agent, name="imported", source=source)
    exported = alice_client.get(f"/api/agents/{agent.pk}/export")
    assert exported.status_code == 200
    assert SECRET not in exported.content.decode()
    file = exported.json()
    assert [one["name"] for one in file["functions"]] == ["get_weather", "clock"]
    give_plan(bob)
    made = bob_client.post("/api/agents/import", file | {"username": "bobs-clerk"})
    assert made.status_code == 201, made.json()
    body = made.json()
    assert (body["system_prompt"], body["limits"]["max_steps"], body["temperature"]) == ("Be brief.", 5, 0.5)
    weather, clock = body["functions"]
    assert weather["auth_config"] == {"kind": "basic", "name": "robot", "secret_last4": None}
    assert (weather["is_enabled"], weather["per_day"], weather["places"]["city"]["name"]) == (False, 7, "q")
    assert (clock["is_enabled"], clock["tool"]) == (True, "now")
    full = bob_client.post("/api/agents/import", file)
    assert (full.status_code, full.json()["code"]) == (409, "agent_limit")
    assert bob_client.post("/api/agents/import", {"format": "other", "name": "X"}).status_code == 400
    assert bob_client.post("/api/agents/import", file | {"limits": {"max_steps": 99}}).status_code == 400


def test_a_copy_has_no_secrets(alice: User, alice_client: JsonClient) -> None:
    agent = make_agent(alice, system_prompt="Be brief.")
    add_function(agent, auth_kind="bearer", secret=SECRET)
    hook = add_function(
        agent, name="hook", function_type="webhook", http_method="POST", auth_kind="hmac", secret=SECRET
    )
    copied = alice_client.post(f"/api/agents/{agent.pk}/duplicate", {"name": "Second"})
    assert copied.status_code == 201, copied.json()
    body = copied.json()
    assert (body["name"], body["system_prompt"], body["version"]) == ("Second", "Be brief.", 1)
    assert body["functions"][0]["auth_config"]["secret_last4"] is None
    made = AgentFunction.objects.get(agent_id=body["id"], name="hook")
    assert made.secret.reveal() != hook.secret
    assert made.is_enabled
    assert alice_client.post(f"/api/agents/{agent.pk}/duplicate", {}).json()["user"]["username"].startswith("clerk-")


def test_an_estimate_before_anybody_pays(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    agent = make_agent(alice, audience="site", system_prompt="Be brief.", run_tokens=5000)
    add_function(agent, callable_by="members")
    asked = {"agent_id": str(agent.pk), "input": "What is the weather?"}
    first = bob_client.post("/api/agents/estimate", asked)
    assert first.status_code == 200
    body = first.json()
    assert (body["typical"], body["typical_of"], body["at_most"], body["fits"]) == (None, 0, 5000, True)
    assert (body["payer"]["username"], body["tokens_left"]) == ("bob", TokenQuota.objects.get(pk=bob.pk).tokens_limit)
    for used in (100, 300, 2000):
        make_run(agent, alice, prompt_tokens=used, completion_tokens=10)
    make_run(agent, alice, state="failed", prompt_tokens=9999)
    again = bob_client.post("/api/agents/estimate", asked).json()
    assert (again["typical"], again["typical_of"]) == (310, 3)
    # A function that Bob cannot call costs him nothing.
    AgentFunction.objects.update(callable_by="owner")
    assert bob_client.post("/api/agents/estimate", asked).json()["prompt_tokens"] < body["prompt_tokens"]
    Agent.objects.update(payer="owner")
    owners = bob_client.post("/api/agents/estimate", asked).json()
    assert (owners["payer"]["username"], owners["tokens_left"]) == ("alice", None)
    mine = alice_client.post("/api/agents/estimate", asked | {"draft": {"system_prompt": "Be brief. " * 400}}).json()
    assert mine["prompt_tokens"] > 400
    small = {"draft": {"model": "demo", "system_prompt": "word " * 3000, "run_tokens": 2000}}
    assert not alice_client.post("/api/agents/estimate", small).json()["fits"]
    assert alice_client.post("/api/agents/estimate", {"input": "Hello"}).status_code == 400

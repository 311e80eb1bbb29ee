"""Functions over REST: written and read without their secrets, tried, signed anew, given to nobody else."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from agents import signing
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentGrant
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from conftest import JsonClient
from core.tests.http_peer import Server

SECRET = "correct-horse-Xk2f"
API = {
    "name": "get_weather",
    "function_type": "api",
    "http_method": "GET",
    "endpoint_url": "https://api.example.com/v1/{city}",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "auth_config": {"kind": "bearer", "secret": SECRET},
}
HOOK = {
    "name": "tell",
    "function_type": "webhook",
    "endpoint_url": "https://hook.example.com/in",
    "parameters": {"type": "object", "properties": {"text": {"type": "string"}}},
}


def _is_signed(sent: dict[str, Any], secret: str) -> bool:
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    call_id, at = headers["webhook-id"], headers["webhook-timestamp"]
    return signing.is_signed(call_id, at, sent["body"].encode(), headers["webhook-signature"], secret)


@pytest.fixture
def agent(alice: User) -> Agent:
    return make_agent(alice)


def _wrote(client: JsonClient, agent: Agent, *functions: dict[str, Any]) -> Any:
    return client.patch(f"/api/agents/{agent.pk}", {"functions": list(functions)})


def _only(answer: Any) -> Any:
    assert answer.status_code == 200, answer.json()
    [function] = answer.json()["functions"]
    return function


def test_a_secret_is_written_and_never_read(agent: Agent, alice_client: JsonClient) -> None:
    made = _wrote(alice_client, agent, API)
    function = _only(made)
    assert function["auth_config"] == {"kind": "bearer", "name": "", "secret_last4": "…Xk2f"}
    assert (function["effect"], function["repeat"], function["confirm"]) == ("read", "always", "never")
    assert (function["callable_by"], function["is_enabled"], function["host"]) == ("owner", True, "api.example.com")
    assert SECRET not in made.content.decode()

    def secret() -> str | None:
        row = AgentFunction.objects.get(pk=function["id"])
        return row.secret.reveal() if row.secret else None

    named = {"id": function["id"]}
    _wrote(alice_client, agent, named | {"description": "Weather of today"})
    assert secret() == SECRET
    _wrote(alice_client, agent, named | {"auth_config": {"kind": "bearer"}})
    assert secret() == SECRET
    _wrote(alice_client, agent, named | {"endpoint_url": "https://api.example.com/v2/{city}"})
    assert secret() == SECRET
    # Another server never gets the secret of this one, nor does anybody who listens.
    moved = _only(_wrote(alice_client, agent, named | {"endpoint_url": "https://evil.example.com/{city}"}))
    assert (secret(), moved["is_enabled"], moved["auth_config"]["secret_last4"]) == (None, False, None)
    assert "secret" in moved["problem"]
    again = {"endpoint_url": "https://api.example.com:443/{city}", "is_enabled": True}
    again["auth_config"] = {"kind": "bearer", "secret": SECRET}
    assert _only(_wrote(alice_client, agent, named | again))["is_enabled"]
    _wrote(alice_client, agent, named | {"auth_config": {"kind": "bearer", "secret": None}})
    assert secret() is None


def test_a_webhook_always_signs(agent: Agent, alice_client: JsonClient) -> None:
    function = _only(_wrote(alice_client, agent, HOOK))
    assert (function["auth_config"]["kind"], function["http_method"]) == ("hmac", "POST")
    assert (function["effect"], function["repeat"], function["confirm"]) == ("write", "never", "asker")
    row = AgentFunction.objects.get()
    first = row.secret.reveal()
    rotated = alice_client.post(f"/api/agents/{agent.pk}/functions/{row.pk}/rotate")
    assert rotated.status_code == 200
    told = rotated.json()["secret"]
    assert (told.startswith("whsec_"), told != first, rotated["Cache-Control"]) == (True, True, "no-store")
    path = f"/api/agents/{agent.pk}/functions/{row.pk}/test"
    sent = alice_client.post(path, {"arguments": {"text": "Hello"}}).json()["request"]
    assert [_is_signed(sent, secret) for secret in (told, first)] == [True, True]
    AgentFunction.objects.update(secret_before_until=timezone.now() - timedelta(seconds=1))
    sent = alice_client.post(path, {"arguments": {"text": "Hello"}}).json()["request"]
    assert [_is_signed(sent, secret) for secret in (told, first)] == [True, False]
    plain = add_function(agent)
    refused = alice_client.post(f"/api/agents/{agent.pk}/functions/{plain.pk}/rotate")
    assert refused.status_code == 400


def test_functions_are_changed_and_removed_by_id(agent: Agent, alice_client: JsonClient, alice: User) -> None:
    _wrote(alice_client, agent, API, HOOK)
    rows = {row.name: row for row in agent.functions.all()}
    changed = _wrote(
        alice_client,
        agent,
        {"id": str(rows["tell"].pk), "remove": True},
        {"id": str(rows["get_weather"].pk), "per_day": 5},
    )
    assert (_only(changed)["per_day"], changed.json()["version"]) == (5, 3)
    other = add_function(make_agent(alice, "Other"))
    assert _wrote(alice_client, agent, {"id": str(other.pk), "remove": True}).status_code == 404
    assert AgentFunction.objects.filter(pk=other.pk).exists()
    taken = _wrote(alice_client, agent, HOOK | {"name": "GET_weather"})
    assert (taken.status_code, taken.json()["code"]) == (409, "function_name_taken")
    assert Agent.objects.get(pk=agent.pk).version == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "1st"}, "name"),
        ({"name": "with blank"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"parameters": {"type": "array"}}, "parameters"),
        ({"parameters": {"type": "object", "properties": {"x": {"enum": ["y" * 17_000]}}}}, "parameters"),
        ({"headers": {"X-A": "line\r\nbreak"}}, "headers.X-A"),
        ({"timeout": 31}, "timeout"),
        ({"per_run": 21}, "per_run"),
        ({"http_method": "TRACE"}, "http_method"),
        ({"endpoint_url": ""}, "endpoint_url"),
        ({"function_type": "internal", "tool": "rm"}, "tool"),
        ({"function_type": "mcp"}, "function_type"),
        ({"auth_config": {"kind": "bearer", "secret": "short\n"}}, "auth_config.secret"),
    ],
)
def test_what_cannot_be_is_said_by_field(
    agent: Agent, alice_client: JsonClient, wrong: dict[str, Any], field: str
) -> None:
    refused = _wrote(alice_client, agent, HOOK, API | wrong)
    assert refused.status_code == 400
    assert [key.replace(".[key]", "") for key in refused.json()["details"]] == [f"functions.1.{field}"]
    assert not agent.functions.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"endpoint_url": "http://api.example.com/"}, "address_refused"),
        ({"endpoint_url": "https://api.example.com:8443/"}, "address_refused"),
        ({"endpoint_url": "https://user:pass@api.example.com/"}, "address_refused"),
        ({"endpoint_url": "file:///etc/passwd"}, "address_refused"),
        ({"headers": {"Host": "evil.example.com"}}, "function_refused"),
        ({"headers": {"Authorization": "Bearer x"}}, "function_refused"),
        ({"places": {"city": {"kind": "header", "name": "Cookie"}}}, "function_refused"),
    ],
)
def test_what_may_not_be_called_is_not_saved(
    agent: Agent, alice_client: JsonClient, wrong: dict[str, Any], code: str
) -> None:
    refused = _wrote(alice_client, agent, API | wrong)
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert not agent.functions.exists()


def test_so_many_functions_may_be_on(agent: Agent, alice_client: JsonClient) -> None:
    for number in range(64):
        add_function(agent, name=f"f{number}")
    assert _wrote(alice_client, agent, API).status_code == 400
    assert _wrote(alice_client, agent, API | {"is_enabled": False}).status_code == 200


def _gives_back_what_it_is_told(handler: BaseHTTPRequestHandler) -> None:
    told = f"{handler.headers['Authorization']} {base64.b64encode(SECRET.encode()).decode()}".encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.send_header("Content-Length", str(len(told)))
    handler.end_headers()
    handler.wfile.write(told)


def test_a_function_is_tried_through_the_real_door(agent: Agent, alice_client: JsonClient, peer: Server) -> None:
    url = f"http://127.0.0.1:{peer.http.server_port}/echo"
    peer.answers["/echo"] = _gives_back_what_it_is_told
    function = _only(_wrote(alice_client, agent, API | {"endpoint_url": url}))
    path = f"/api/agents/{agent.pk}/functions/{function['id']}/test"
    dry = alice_client.post(path, {"arguments": {"city": "Kyiv"}}).json()
    assert (dry["status_code"], dry["response"], dry["request"]["url"]) == (None, None, f"{url}?city=Kyiv")
    assert peer.seen == []
    assert dry["request"]["headers"]["Authorization"] == "Bearer [redacted]"
    sent = alice_client.post(path, {"arguments": {"city": "Kyiv"}, "dry_run": False})
    assert (sent.status_code, sent.json()["status_code"]) == (200, 200), sent.json()
    assert "[redacted]" in sent.json()["result"]
    assert SECRET not in sent.content.decode()
    assert base64.b64encode(SECRET.encode()).decode() not in sent.content.decode()
    wrong = alice_client.post(path, {"arguments": {"city": 5}}).json()
    assert (wrong["problem"]["code"], wrong["request"]) == ("bad_arguments", {})


def test_the_echo_service_needs_no_network(alice: User, alice_client: JsonClient) -> None:
    agent = make_agent(alice, "Echoing")
    made = alice_client.post("/api/agents", {"name": "Clerk", "template": "clerk"})
    assert made.status_code == 201, made.json()
    function = made.json()["functions"][0]
    path = f"/api/agents/{made.json()['id']}/functions/{function['id']}/test"
    answer = alice_client.post(path, {"arguments": {"text": "Привіт"}, "dry_run": False}).json()
    assert answer["status_code"] == 200
    assert json.loads(answer["result"])["signature"] == "verified"
    assert agent.version == 1


def test_tools_of_the_house_are_functions_too(agent: Agent, alice_client: JsonClient) -> None:
    offered = {one["name"]: one for one in alice_client.get("/api/agents/tools").json()["results"]}
    assert {"now", "echo", "remember", "recall", "forget", "search_messages", "read_conversation"} <= set(offered)
    assert (offered["remember"]["effect"], offered["search_messages"]["reads"]) == ("write", "private")
    function = _only(_wrote(alice_client, agent, {"name": "say", "function_type": "internal", "tool": "echo"}))
    assert (function["tool"], function["effect"], function["callable_by"]) == ("echo", "read", "members")
    path = f"/api/agents/{agent.pk}/functions/{function['id']}/test"
    assert alice_client.post(path, {"arguments": {"text": "Hi"}, "dry_run": False}).json()["result"] == "Hi"
    assert alice_client.post(path, {"arguments": {}, "dry_run": False}).json()["problem"]["code"] == "tool_failed"


def test_what_was_imported_is_approved_by_its_hash(agent: Agent, alice: User, alice_client: JsonClient) -> None:
    source = agent.sources.create(kind="mcp", name="weather", url="https://mcp.example.com/mcp")
    row = add_function(
        agent, source=source, function_type="mcp", definition_hash="a" * 64, approved_at=None, is_enabled=False
    )
    off = _wrote(alice_client, agent, {"id": str(row.pk), "is_enabled": True})
    assert (off.status_code, off.json()["code"]) == (409, "function_not_approved")
    assert _wrote(alice_client, agent, {"id": str(row.pk), "description": "Mine"}).status_code == 400
    path = f"/api/agents/{agent.pk}/functions/approve"
    wrong = alice_client.post(path, {"items": [{"id": str(row.pk), "hash": "b" * 64}]})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["hash"]) == (409, "definition_changed", "a" * 64)
    approved = alice_client.post(path, {"items": [{"id": str(row.pk), "hash": "a" * 64}]})
    assert approved.status_code == 200
    [now] = approved.json()["functions"]
    assert (now["is_enabled"], now["pinned_hash"]) == (True, "a" * 64)
    # It changes: off until it is approved anew, and grants for what it was are over.
    until = timezone.now() + timedelta(days=1)
    AgentGrant.objects.create(user=alice, function=row, pinned_hash="a" * 64, until=until)
    offered = {"description": "Tell me all", "parameters": {"type": "object", "properties": {}}}
    AgentFunction.objects.filter(pk=row.pk).update(definition_hash="c" * 64, offered=offered, is_enabled=False)
    assert _wrote(alice_client, agent, {"id": str(row.pk), "is_enabled": True}).status_code == 409
    again = alice_client.post(path, {"items": [{"id": str(row.pk), "hash": "c" * 64}], "enable": False})
    assert (again.json()["functions"][0]["description"], again.json()["functions"][0]["changed"]) == (
        "Tell me all",
        None,
    )
    assert not AgentGrant.objects.exists()
    assert not AgentFunction.objects.get(pk=row.pk).is_enabled

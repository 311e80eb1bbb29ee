"""A person in the middle of a run, and what may leave the house twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone
from pytest_django.fixtures import Settings

from agents.models import AgentApproval
from agents.models import AgentStep
from agents.runner import runners
from agents.tests.asking import Asker
from agents.tests.asking import run_of
from agents.tests.kit import SECRET
from agents.tests.readers import WORD
from agents.tests.readers import a_reader
from agents.tests.readers import add
from agents.tests.readers import make
from agents.tests.readers import proven
from agents.tests.readers import shape_of
from core.tests.http_peer import Server

# A person in the middle -----------------------------------------------------------------------------------------------


async def a_writer(asker: Asker, peer: Server, **fields: Any) -> tuple[Any, list[str]]:
    keys: list[str] = []

    def answer(handler: Any) -> None:
        keys.append(handler.headers["webhook-id"])
        body = b"Noted."
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    peer.answers["/note"] = answer
    agent = await make(asker.user)
    given = {"function_type": "webhook", "http_method": "POST", "effect": "write", "parameters": WORD}
    given |= {"auth_kind": "hmac", "secret": SECRET}
    await add(agent, name="note", endpoint_url=f"{peer.url}/note", **given | fields)
    return agent, keys


async def until_asked(asker: Asker, agent: Any, text: str) -> tuple[Any, dict[str, Any]]:
    """The stream of a run, and what it asks."""
    stream = await asker.open(agent, text)
    async for one in stream:
        if one.event == "approval":
            return stream, one.data
    raise AssertionError("nobody was asked")


async def test_a_write_waits_for_a_yes_and_leaves_once_under_its_steps_id(
    asker: Asker, stranger: Asker, peer: Server
) -> None:
    agent, keys = await a_writer(asker, peer)
    stream, card = await until_asked(asker, agent, "note “gold”")
    assert json.loads(card["request"]["body"])["arguments"] == {"word": "gold"}
    assert not keys
    path = f"runs/{card['run_id']}/approvals/{card['step_id']}"
    yes = {"decision": "approve", "arguments_hash": card["arguments_hash"]}
    assert (await stranger.post(path, yes)).status_code == 404
    assert (await asker.post(path, yes | {"arguments_hash": "0" * 64})).json()["code"] == "definition_changed"
    assert (await asker.post(path, yes)).status_code == 200
    rest = [one async for one in stream]
    assert rest[-1].data["state"] == "complete"
    assert keys == [card["step_id"]]
    assert (await asker.post(path, yes)).json()["code"] == "approval_over"
    await proven(await asker.run(card["run_id"]))


async def test_a_no_is_told_to_the_model_and_nothing_leaves(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer)
    stream, card = await until_asked(asker, agent, "note “gold”")
    no = {"decision": "deny", "arguments_hash": card["arguments_hash"]}
    answer = await asker.post(f"runs/{card['run_id']}/approvals/{card['step_id']}", no)
    assert answer.status_code == 200
    assert [one async for one in stream][-1].data["state"] == "complete"
    assert not keys
    assert shape_of(await asker.run(card["run_id"]))[1] == ("tool", "denied")


async def test_nobody_answers_which_is_a_no(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer)
    stream, _card = await until_asked(asker, agent, "note “gold”")
    await AgentApproval.objects.aupdate(expires_at=timezone.now() - timedelta(minutes=1))
    await sync_to_async(runners.sweep)()
    await runners.current().take_due()
    assert [one async for one in stream][-1].data["state"] == "complete"
    assert not keys
    assert (await AgentApproval.objects.aget()).state == "expired"


async def test_a_yes_may_hold_for_this_definition_of_the_function(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer)
    stream, card = await until_asked(asker, agent, "note “gold”")
    yes = {"decision": "approve", "arguments_hash": card["arguments_hash"], "remember": True}
    await asker.post(f"runs/{card['run_id']}/approvals/{card['step_id']}", yes)
    assert [one async for one in stream][-1].is_last
    assert (await asker.ask(agent, "note “silver”"))[-1].data["state"] == "complete"
    assert len(keys) == 2
    await sync_to_async(agent.functions.update)(pinned_hash="another", definition_hash="another")
    _stream, again = await until_asked(asker, agent, "note “tin”")
    assert again["why"] == "writes"


async def test_a_run_that_waits_is_stopped_without_its_process(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer)
    stream, card = await until_asked(asker, agent, "note “gold”")
    stopped = (await asker.post(f"runs/{card['run_id']}/stop")).json()
    assert stopped["state"] == "stopped"
    assert stopped["trace"][1]["approval"]["state"] == "expired"
    assert [one async for one in stream][-1].data["state"] == "stopped"
    assert not keys


async def test_the_console_builds_calls_and_sends_none(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer)
    run = await asker.run(run_of(await asker.ask(agent, "note “gold”", really_call=False)))
    assert (run["state"], run["is_dry"], run["trigger"]) == ("complete", True, "console")
    assert run["trace"][1]["request"]["url"] == f"{peer.url}/note"
    assert not keys


async def test_a_draft_is_its_owners_alone(asker: Asker, stranger: Asker) -> None:
    agent = await make(asker.user, audience="site")
    await sync_to_async(type(agent).objects.filter(pk=agent.pk).update)(draft={"system_prompt": "Speak of tin."})
    run = await asker.run(run_of(await asker.ask(agent, "Hello", draft=True)))
    assert run["is_dry"]
    assert (await stranger.post(f"{agent.pk}/execute", {"input": "Hello", "draft": True})).status_code == 404


async def test_what_is_bounded_by_its_owner_is_told_to_the_model(asker: Asker, peer: Server) -> None:
    agent = await a_reader(asker, peer)
    await sync_to_async(agent.functions.update)(per_run=1)
    run = await asker.run(run_of(await asker.ask(agent, "get_weather “a” then get_weather “b”")))
    assert run["state"] == "complete"
    assert run["trace"][3]["error"] == "per_run"
    await sync_to_async(agent.functions.update)(per_run=5, per_day=1)
    run = await asker.run(run_of(await asker.ask(agent, "get_weather “a” then get_weather “b”")))
    assert [step["error"] for step in run["trace"] if step["kind"] == "tool"] == ["", "per_day"]
    assert len(peer.seen) == 2
    assert (await agent.functions.aget()).called_at is not None


async def test_a_call_nobody_knows_of_is_not_repeated_unasked(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer, confirm="never")

    def cut(handler: Any) -> None:
        keys.append(handler.headers["webhook-id"])
        handler.close_connection = True

    peer.answers["/note"] = cut
    stream, card = await until_asked(asker, agent, "note “gold” then note “gold”")
    assert card["why"] == "again_after_unknown"
    assert len(keys) == 1
    steps = [step async for step in AgentStep.objects.filter(run_id=card["run_id"], kind="tool").order_by("n")]
    assert steps[0].state == "unknown"
    assert "not known" in steps[0].result
    await stream.aclose()


async def test_a_keyed_call_is_tried_again_under_the_same_id(asker: Asker, peer: Server) -> None:
    agent, keys = await a_writer(asker, peer, confirm="never", repeat="keyed")
    good = peer.answers["/note"]

    def cut_once(handler: Any) -> None:
        keys.append(handler.headers["webhook-id"])
        handler.close_connection = True
        peer.answers["/note"] = good

    peer.answers["/note"] = cut_once
    run = await asker.run(run_of(await asker.ask(agent, "note “gold”")))
    assert run["state"] == "complete"
    assert keys == [run["trace"][1]["id"]] * 2


async def test_what_read_somebodys_own_and_a_strangers_words_does_not_leave_for_elsewhere_unasked(
    asker: Asker, peer: Server, settings: Settings
) -> None:
    other = Server()
    try:
        agent = await a_reader(asker, peer)
        other.say("/carry")
        hosts = [*settings.AGENT_HTTP_HOSTS, f"localhost:{other.http.server_port}"]
        settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = hosts
        url = f"http://localhost:{other.http.server_port}/carry"
        await add(agent, name="carry", endpoint_url=url, confirm="never", parameters=WORD)
        fields = {"function_type": "internal", "endpoint_url": "", "confirm": "never", "effect": "read"}
        await add(agent, name="recall", parameters={"type": "object", "properties": {}}, **fields)
        _stream, card = await until_asked(asker, agent, "recall then get_weather “a” then carry “b”")
        assert (card["name"], card["why"]) == ("carry", "private_to_outside")
        assert not other.seen
    finally:
        other.http.shutdown()
        other.http.server_close()

"""Runs through the front door: steps, calls, figures, and what a person reads at a bound."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.models import Sum
from django.utils import timezone
from pytest_django.fixtures import Settings

from agents.models import AgentApproval
from agents.models import AgentStep
from agents.runner import runners
from agents.tests.asking import Asker
from agents.tests.asking import run_of
from agents.tests.asking import text_of
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from agents.tests.kit import SECRET
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.llm.tests.wires import DONE
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.tests.http_peer import Server
from tests.peers import LLMock

make = sync_to_async(make_agent)
add = sync_to_async(add_function)
WORD = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


async def a_reader(asker: Asker, peer: Server, name: str = "get_weather", *, agent: Any = None) -> Any:
    """An agent with a function that reads, which the peer answers."""
    peer.say(f"/{name}", body=b'{"temperature": 21}')
    agent = agent or await make(asker.user)
    await add(agent, name=name, endpoint_url=f"{peer.url}/{name}", confirm="never", parameters=WORD)
    return agent


def shape_of(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["kind"], step["state"]) for step in run["trace"]]


@sync_to_async
def proven(run: dict[str, Any]) -> None:
    """What was charged is what the steps say, and nothing is set aside any more."""
    booked = UsageEntry.objects.filter(reference=run["id"]).aggregate(total=Sum("total_tokens"))["total"] or 0
    steps = sum(step["prompt_tokens"] + step["completion_tokens"] for step in run["trace"])
    assert booked == steps == run["total_tokens"]
    assert not TokenHold.objects.filter(state=TokenHold.State.HELD).exists()
    assert set(TokenQuota.objects.values_list("tokens_held", flat=True)) == {0}


async def test_a_run_calls_what_the_model_wants_and_answers(asker: Asker, peer: Server) -> None:
    agent = await a_reader(asker, peer)
    events = await asker.ask(agent, "Call get_weather for “Kyiv”")
    run = await asker.run(run_of(events))
    assert run["state"] == "complete"
    assert shape_of(run) == [("model", "done"), ("tool", "done"), ("model", "done")]
    assert peer.seen[0][1] == "/get_weather?word=Kyiv"
    assert text_of(events, 3) == run["text"] == run["trace"][2]["text"] == events[-1].data["text"]
    assert [one.id for one in events if not one.id[-1].isdigit()] == [
        "0.s", "1.s", "1.e", "2.s", "2.e", "3.s", "3.e", "3.done",
    ]  # fmt: skip
    assert (run["steps"], run["calls"]) == (2, 1)
    assert run["trace"][1]["response"]["status"] == 200
    await proven(run)


async def test_who_comes_back_gets_what_is_missing_wherever_they_stopped(asker: Asker, peer: Server) -> None:
    agent = await a_reader(asker, peer)
    await a_reader(asker, peer, "get_news", agent=agent)
    events = await asker.ask(agent, "Call get_weather and get_news for “Kyiv”")
    run_id = run_of(events)
    assert [one.id for one in events if one.event == "step"] == ["1.s", "2.s", "3.s", "2.e", "3.e", "4.s"]
    whole = text_of(events, 4)
    for place, last in enumerate(events[:-1]):
        rest = await asker.resume(run_id, last.id)
        had = events[: place + 1]
        assert [one.id for one in rest if not one.id[-1].isdigit()] == [
            one.id for one in events[place + 1 :] if not one.id[-1].isdigit()
        ], last.id
        assert text_of([*had, *rest], 4) == whole, last.id
    over = await asker.get(f"runs/{run_id}/stream", **{"Last-Event-ID": events[-1].id})
    assert over.status_code == 204
    assert (await asker.get(f"runs/{run_id}/stream", **{"Last-Event-ID": "x"})).status_code == 400


async def test_a_repeated_client_id_attaches_and_is_charged_once(asker: Asker, peer: Server) -> None:
    agent = await a_reader(asker, peer)
    first = await asker.ask(agent, "Hello", client_id="once")
    again = await asker.ask(agent, "Hello", client_id="once")
    assert run_of(again) == run_of(first)
    assert await UsageEntry.objects.acount() == 1
    other = await asker.post(f"{agent.pk}/execute", {"input": "Goodbye", "client_id": "once"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


async def test_what_was_said_before_is_read_newest_first_as_far_as_there_is_room(asker: Asker, wire: Wire) -> None:
    agent = await make(asker.user, model="gpt-4o-mini", history_tokens=100)
    wire.streams(event("Yes.", finish="stop"), DONE)
    history = [
        {"role": "user", "content": "An old question " * 100},
        {"role": "user", "content": "Is gold a metal?"},
        {"role": "assistant", "content": "It is."},
    ]
    events = await asker.ask(agent, "Really?", history=history)
    assert events[-1].data["state"] == "complete"
    sent = [message["content"] for message in wire.bodies[0]["messages"]]
    assert sent[1:] == ["Is gold a metal?", "It is.", "Really?"]


# Bounds ---------------------------------------------------------------------------------------------------------------


async def test_at_its_last_step_the_model_answers_in_words_and_may_be_continued(asker: Asker, peer: Server) -> None:
    """LibreChat #14181: "Recursion limit reached", and no way on."""
    agent = await a_reader(asker, peer)
    await sync_to_async(type(agent).objects.filter(pk=agent.pk).update)(max_steps=3)
    question = " then ".join(f"get_weather “{number}”" for number in range(5))
    events = await asker.ask(agent, question)
    assert (events[-1].event, events[-1].data["state"], events[-1].data["reason"]) == ("error", "limited", "steps")
    assert events[-1].data["text"]
    run = await asker.run(run_of(events))
    assert run["steps"] == 3
    assert run["trace"][-1]["is_closing"]
    assert len(peer.seen) == 2
    await proven(run)

    more = [one async for one in await asker.stream(await asker.post(f"runs/{run['id']}/continue"))]
    assert more[0].id == "6.s"
    run = await asker.run(run["id"])
    assert run["state"] in ("complete", "limited")
    assert run["steps"] > 3
    assert run["at_most"] == 80_000
    await proven(run)


async def test_a_model_that_goes_in_a_circle_is_told_and_then_ended(asker: Asker, peer: Server) -> None:
    """LibreChat #15294: inner calls spin and burn the day's tokens."""
    agent = await a_reader(asker, peer)
    events = await asker.ask(agent, "/demo tools loop “Kyiv”")
    run = await asker.run(run_of(events))
    assert (run["state"], run["reason"]) == ("limited", "repeats")
    assert len(peer.seen) == 2, "the third call was not made"
    calls = [step for step in run["trace"] if step["kind"] == "tool"]
    assert [(step["state"], step["error"]) for step in calls] == [
        ("done", ""), ("done", ""), ("failed", "repeated"), ("failed", "repeated"),
    ]  # fmt: skip
    assert run["text"]
    await proven(run)


@pytest.mark.parametrize("budget", [2_000, 5_000])
async def test_a_run_never_uses_more_than_its_tokens(asker: Asker, peer: Server, budget: int) -> None:
    agent = await a_reader(asker, peer)
    peer.say("/get_weather", body=b"rain " * 2_000)
    await sync_to_async(type(agent).objects.filter(pk=agent.pk).update)(run_tokens=budget, max_steps=30)
    question = " then ".join(f"get_weather “{number}”" for number in range(25))
    events = await asker.ask(agent, question)
    run = await asker.run(run_of(events))
    assert (run["state"], run["reason"]) == ("limited", "tokens")
    assert 0 < run["total_tokens"] <= budget
    assert run["text"], "there was room to end in words"
    await proven(run)


async def test_results_that_are_too_long_for_the_window_are_shortened_the_oldest_first(
    asker: Asker, peer: Server
) -> None:
    """open-webui #27599: results overflow the window, and every retry fails again."""
    agent = None
    for number in range(5):
        name = f"read_{number}"
        agent = await a_reader(asker, peer, name, agent=agent)
        peer.say(f"/{name}", body=f"{name} ".encode() * 40_000)
    assert agent is not None
    await sync_to_async(type(agent).objects.filter(pk=agent.pk).update)(run_tokens=12_000)
    events = await asker.ask(agent, "/demo tools parallel “Kyiv”")
    run = await asker.run(run_of(events))
    assert run["state"] == "complete"
    results = [step for step in run["trace"] if step["kind"] == "tool"]
    assert [step["state"] for step in results] == ["done"] * 5
    assert all(step["result"].endswith("[The rest was cut.]") for step in results)
    assert all(len(step["response"]["body"]) > 100_000 for step in results), "the rest stays in the trace"
    assert run["total_tokens"] <= 12_000
    await proven(run)


@pytest.mark.parametrize("how", ["bad_arguments", "unknown"])
async def test_a_call_that_is_none_is_told_to_the_model(asker: Asker, peer: Server, how: str) -> None:
    """n8n #24042, #37916: it ends the whole run."""
    agent = await a_reader(asker, peer)
    events = await asker.ask(agent, f"/demo tools {how} “Kyiv”")
    run = await asker.run(run_of(events))
    assert run["state"] == "complete"
    assert run["trace"][1]["state"] == "failed"
    assert run["trace"][1]["result"]
    assert run["calls"] == 1, "it counts"
    assert not peer.seen


async def test_an_answer_of_500_is_told_to_the_model(asker: Asker, peer: Server) -> None:
    agent = await a_reader(asker, peer)
    peer.say("/get_weather", status=500, body=b"no")
    run = await asker.run(run_of(await asker.ask(agent, "get_weather “Kyiv”")))
    assert run["state"] == "complete"
    assert (run["trace"][1]["state"], run["trace"][1]["status_code"]) == ("failed", 500)


async def test_three_calls_in_a_row_that_are_none_end_the_run(asker: Asker, llmock_server: LLMock) -> None:
    agent = await make(asker.user, model="gpt-4o-mini")
    await add(agent, name="get_weather", parameters=WORD, confirm="never")
    for number in range(3):
        llmock_server.script({"type": "reply", "tool_calls": [{"name": f"nothing_{number}", "arguments": {}}]})
    llmock_server.script({"type": "reply", "text": "I could not."})
    run = await asker.run(run_of(await asker.ask(agent, "Hello")))
    assert (run["state"], run["reason"], run["text"]) == ("limited", "arguments", "I could not.")
    assert llmock_server.requests()[-1]["body"]["tool_choice"] == "none"


async def test_a_finish_reason_of_calls_without_a_call_is_the_end(asker: Asker, wire: Wire) -> None:
    """open-webui #23066: an endless loop."""
    agent = await make(asker.user, model="gpt-4o-mini")
    await add(agent, name="get_weather", parameters=WORD, confirm="never")
    wire.streams(event("Done.", finish="tool_calls"), DONE)
    run = await asker.run(run_of(await asker.ask(agent, "Hello")))
    assert (run["state"], run["steps"], run["text"]) == ("complete", 1, "Done.")


async def test_answers_that_break_are_tried_again_and_never_counted_twice(asker: Asker, wire: Wire) -> None:
    """n8n #37779: a retry wipes the count, so it loops for ever."""
    agent = await make(asker.user, model="gpt-4o-mini")
    wire.streams(event("Half an ans"))
    wire.streams(event("A whole answer.", finish="stop"), DONE)
    events = await asker.ask(agent, "Hello")
    run = await asker.run(run_of(events))
    assert (run["state"], run["steps"], run["text"]) == ("complete", 1, "A whole answer.")
    assert run["trace"][0]["attempt"] == 2
    begun = [place for place, one in enumerate(events) if one.event == "step"]
    assert [events[place].data["attempt"] for place in begun] == [1, 2]
    assert text_of(events[begun[1] :], 1) == "A whole answer."
    await proven(run)


async def test_a_model_that_stays_away_ends_the_run_with_its_own_words(asker: Asker, wire: Wire) -> None:
    agent = await make(asker.user, model="gpt-4o-mini")
    for _attempt in range(3):
        wire.streams(event("Half an ans"))
    events = await asker.ask(agent, "Hello")
    assert (events[-1].data["code"], events[-1].data["reason"]) == ("stream_cut", "model_unavailable")
    run = await asker.run(run_of(events))
    assert (run["state"], run["steps"]) == ("failed", 1)
    await proven(run)


async def test_without_tokens_nothing_begins_and_in_mid_run_it_ends_where_it_is(
    asker: Asker, peer: Server, settings: Settings
) -> None:
    agent = await a_reader(asker, peer)
    quota = TokenQuota.objects.filter(pk=asker.user.pk)
    allowed = settings.TOKEN_LIMITS["premium_starter"]
    await quota.aupdate(tier="premium_starter", tokens_limit=allowed, tokens_used=allowed - 330)
    question = " then ".join(f"get_weather “{number}”" for number in range(5))
    events = await asker.ask(agent, question)
    assert (events[-1].data["state"], events[-1].data["reason"]) == ("limited", "payer_tokens")
    assert events[-1].data["code"] == "token_limit_exceeded"
    run = await asker.run(run_of(events))
    assert run["steps"] >= 1
    await proven(run)
    await quota.aupdate(tokens_used=allowed)
    refused = await asker.post(f"{agent.pk}/execute", {"input": "Hello"})
    assert (refused.status_code, refused.json()["code"]) == (429, "token_limit_exceeded")


# Stop -----------------------------------------------------------------------------------------------------------------


async def test_stop_ends_an_answer_at_once_and_charges_what_was_said(asker: Asker, settings: Settings) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.2
    agent = await make(asker.user)
    stream = await asker.open(agent, "Tell me of gold")
    events = [await anext(stream) for _ in range(4)]
    stopped = await asker.post(f"runs/{run_of(events)}/stop")
    assert stopped.status_code == 200
    assert (stopped.json()["state"], stopped.json()["reason"]) == ("stopped", "asked")
    events += [one async for one in stream]
    assert events[-1].data["state"] == "stopped"
    run = await asker.run(run_of(events))
    assert run["text"] == text_of(events, 1)
    await proven(run)


async def test_stop_cuts_a_call_that_is_under_way(asker: Asker, peer: Server) -> None:
    agent = await a_reader(asker, peer)
    asked, hung_up = _hanging(peer, "/get_weather")
    stream = await asker.open(agent, "get_weather “Kyiv”")
    events = [await anext(stream) for _ in range(4)]
    await sync_to_async(asked.wait)(10)
    stopped = (await asker.post(f"runs/{run_of(events)}/stop")).json()
    hung_up.set()
    assert stopped["state"] == "stopped"
    assert shape_of(stopped)[1] == ("tool", "failed")
    assert [one async for one in stream][-1].data["state"] == "stopped"


def _hanging(peer: Server, path: str) -> tuple[Any, Any]:
    asked, go = threading.Event(), threading.Event()

    def answer(handler: Any) -> None:
        asked.set()
        go.wait(30)
        handler.close_connection = True

    peer.answers[path] = answer
    return asked, go


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

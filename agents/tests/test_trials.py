"""Templates are tried by everybody: no plan, no agent, and one's own tokens."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from agents.models import Agent
from agents.models import AgentMemory
from agents.models import AgentRun
from agents.services import templates
from agents.tests.asking import Asker
from agents.tests.asking import Event
from agents.tests.asking import run_of
from agents.tests.asking import text_of
from agents.tests.readers import make
from agents.tests.readers import proven
from agents.tests.readers import shape_of
from billing.models import TokenQuota


async def attempt(asker: Asker, template: str, text: str, **body: Any) -> list[Event]:
    """Try a template, and read to the end."""
    response = await asker.post(f"templates/{template}/try", {"input": text} | body)
    return [event async for event in await asker.stream(response)]


def called(run: dict[str, Any]) -> list[str]:
    return [step["name"] for step in run["trace"] if step["kind"] == "tool"]


@pytest.mark.parametrize("language", ["en", "uk"])
@pytest.mark.parametrize(
    ("template", "calls"), [("clerk", ["echo", "now"]), ("librarian", ["search_messages"]), ("caller", ["three__time"])]
)
async def test_a_template_is_tried_without_a_plan_and_leaves_nothing_but_the_run(
    asker: Asker, template: str, calls: list[str], language: str
) -> None:
    with translation.override(language):
        text = next(one.try_this for one in templates.everything() if one.id == template)
    people = await User.objects.acount()
    events = await attempt(asker, template, text)
    assert events[-1].data["state"] == "complete"
    run = await asker.run(run_of(events))
    assert (run["template"], run["agent_id"], run["payer"]["username"]) == (template, None, "alice")
    assert called(run) == calls
    assert [state for kind, state in shape_of(run) if kind == "tool"] == ["done"] * len(calls)
    # One after the other: the model has read what came before.
    assert [kind for kind, _state in shape_of(run)] == [*["model", "tool"] * len(calls), "model"]
    assert "result " not in text_of(events, run["trace"][-1]["n"])
    assert run["total_tokens"] > 0
    await proven(run)
    assert (await User.objects.acount(), await Agent.objects.acount()) == (people, 0)
    if template == "clerk":
        assert '"signature": "verified"' in run["trace"][1]["result"]
    # To have one is another matter.
    refused = await asker.client.post(
        "/api/agents", {"name": "Mine", "template": template}, content_type="application/json", headers=asker.headers
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "upgrade_required")


async def test_a_repeated_try_is_the_first_one_and_a_dry_one_calls_nothing(asker: Asker, stranger: Asker) -> None:
    first = await attempt(asker, "clerk", "echo “gold”", client_id="once", really_call=False)
    again = await attempt(asker, "clerk", "echo “gold”", client_id="once", really_call=False)
    assert run_of(first) == run_of(again)
    assert await AgentRun.objects.acount() == 1
    run = await asker.run(run_of(first))
    assert run["is_dry"]
    assert run["trace"][1]["response"] is None
    assert "webhook-signature" in {name.lower() for name in run["trace"][1]["request"]["headers"]}
    for body in ({"input": "other", "client_id": "once"}, {"input": "echo “gold”", "client_id": "once"}):
        other = await asker.post("templates/caller/try", body)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert (await stranger.get(f"runs/{run['id']}")).status_code == 404
    assert (await asker.post("templates/butler/try", {"input": "Hello"})).status_code == 404


async def test_what_is_tried_remembers_nothing_and_an_agent_does(asker: Asker) -> None:
    run = await asker.run(run_of(await attempt(asker, "librarian", "remember “The bowl is blue.”")))
    assert shape_of(run)[1] == ("tool", "failed")
    assert "only tried" in run["trace"][1]["result"]
    assert not await AgentMemory.objects.aexists()
    agent = await make(asker.user, functions=[{"name": "remember", "function_type": "internal", "tool": "remember"}])
    made = await asker.run(run_of(await asker.ask(agent, "remember “The bowl is blue.”")))
    assert shape_of(made)[1] == ("tool", "done")
    assert (await AgentMemory.objects.aget()).text == "The bowl is blue."


async def test_who_has_no_tokens_tries_nothing_and_one_that_met_a_bound_goes_on(asker: Asker) -> None:
    events = await attempt(asker, "clerk", "/demo tools loop")
    assert (events[-1].data["state"], events[-1].data["reason"]) == ("limited", "repeats")
    more = await asker.post(f"runs/{run_of(events)}/continue")
    assert more.status_code == 200
    assert [event async for event in await asker.stream(more)][-1].is_last
    used = TokenQuota.objects.filter(pk=asker.user.pk)
    await used.aupdate(tokens_used=(await used.aget()).tokens_limit)
    refused = await asker.post("templates/clerk/try", {"input": "Hello"})
    assert (refused.status_code, refused.json()["code"]) == (429, "token_limit_exceeded")


async def test_what_a_try_would_cost(asker: Asker) -> None:
    bare = await asker.post("estimate", {"draft": {"model": "demo"}, "input": "Hello"})
    tried = await asker.post("estimate", {"template": "clerk", "input": "Hello"})
    assert tried.json()["prompt_tokens"] > bare.json()["prompt_tokens"]
    assert tried.json()["payer"]["username"] == "alice"
    assert (await asker.post("estimate", {"template": "butler", "input": "Hello"})).status_code == 404

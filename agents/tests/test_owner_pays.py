"""Whose tokens are used, when an owner pays for others: never without a bound, for all of them and for each."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from agents import limits
from agents.models import Agent
from agents.tests.asking import Asker
from agents.tests.asking import run_of
from agents.tests.factories import make_run
from agents.tests.readers import make
from agents.tests.test_conversations import group
from billing.models import UsageEntry
from conftest import make_user

_make_run = sync_to_async(make_run)


async def shared(alice: User, bob: User, **fields: Any) -> Any:
    """An agent of alice's, in a group with bob."""
    agent = await make(alice, payer="owner", **fields)
    await sync_to_async(group)(alice, bob, await User.objects.aget(pk=agent.user_id))
    return agent


async def test_who_only_shares_a_conversation_asks_there_and_not_over_rest(asker: Asker, bob: User) -> None:
    agent = await shared(asker.user, bob)
    theirs = await Asker.of(bob)
    listed = (await theirs.client.get("/api/agents", headers=theirs.headers)).json()["results"]
    assert [one["id"] for one in listed] == [str(agent.pk)]
    refused = await theirs.post(f"{agent.pk}/execute", {"input": "Hello"})
    assert (refused.status_code, refused.json()["code"]) == (403, "agent_not_open")
    for audience in ("members", "site"):
        await Agent.objects.filter(pk=agent.pk).aupdate(audience=audience)
        assert (await theirs.ask(agent, "Hello"))[-1].data["state"] == "complete"
    payers = {entry.user_id async for entry in UsageEntry.objects.all()}
    assert payers == {asker.user.pk}


@pytest.mark.parametrize(
    ("bounds", "used", "is_answered"),
    [
        ({}, (0, 0), True),
        ({}, (limits.ASKER_DAILY_TOKENS, 0), False),
        ({}, (0, limits.OWNER_DAILY_TOKENS), False),
        ({"asker_daily_tokens": 5_000}, (5_000 - limits.LEAST_TOKENS, 0), False),
        ({"asker_daily_tokens": 5_000}, (0, 5_000), True),
        ({"owner_daily_tokens": 5_000}, (0, 5_000), False),
        ({"asker_daily_tokens": 2_000_000, "owner_daily_tokens": 2_000_000}, (900_000, 900_000), True),
    ],
)
async def test_an_owner_pays_for_others_within_a_day(
    asker: Asker, bob: User, bounds: Any, used: tuple[int, int], is_answered: bool
) -> None:
    agent = await make(asker.user, payer="owner", audience="site", **bounds)
    for person, tokens in zip((bob, await sync_to_async(make_user)("dora")), used, strict=True):
        await _make_run(agent, person, payer=asker.user, prompt_tokens=tokens)
    # What the owner asks for is theirs, whatever others may use.
    await _make_run(agent, asker.user, prompt_tokens=10_000_000)
    last = (await (await Asker.of(bob)).ask(agent, "Hello"))[-1].data
    if is_answered:
        assert last["state"] == "complete"
    else:
        assert (last["state"], last["reason"], last["total_tokens"]) == ("limited", "owner_budget", 0)
    assert (await asker.ask(agent, "Hello"))[-1].data["state"] == "complete"


async def test_an_answer_is_no_longer_than_what_is_left_of_the_day(asker: Asker, bob: User) -> None:
    agent = await make(asker.user, payer="owner", audience="site", asker_daily_tokens=300)
    theirs = await Asker.of(bob)
    used = 0
    for _ in range(6):
        last = (await theirs.ask(agent, "Hello"))[-1].data
        used += last["total_tokens"]
        if last["reason"] == "owner_budget":
            break
    assert last["reason"] == "owner_budget"
    assert 0 < used <= 300
    run = await theirs.run(run_of(await theirs.ask(agent, "Hello")))
    assert run["payer"]["username"] == "alice"

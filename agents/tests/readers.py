"""An agent whose function a peer answers, and what is to hold of a run that has ended."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import Sum

from agents.tests.asking import Asker
from agents.tests.factories import add_function
from agents.tests.factories import make_agent
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.tests.http_peer import Server

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

"""Asking agents through the real ASGI application, and reading the events of their runs."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.test import AsyncClient

from accounts.models import User
from agents.api import run_bodies
from agents.models import Agent
from conftest import bearer
from core.shapes import Shape

_NAMED: dict[str, type[Shape]] = {
    "start": run_bodies.RunStartEvent,
    "step": run_bodies.StepEvent,
    "usage": run_bodies.StepUsageEvent,
    "approval": run_bodies.ApprovalEvent,
    "error": run_bodies.RunErrorEvent,
}


@dataclass(frozen=True)
class Event:
    """One server-sent event; ``event`` is ``message`` when it has no name."""

    event: str
    id: str
    data: dict[str, Any]

    @property
    def is_last(self) -> bool:
        return self.id.endswith(".done")


def parse(raw: str) -> Event | None:
    """An event of its lines, None for a comment; one that is not in its shape fails."""
    fields = dict(line.split(": ", 1) for line in raw.splitlines() if not line.startswith(":"))
    if not fields:
        return None
    event = Event(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
    usual = run_bodies.RunDoneEvent if event.is_last else run_bodies.StepDeltaEvent
    _NAMED.get(event.event, usual).model_validate(event.data)
    return event


async def events_of(content: AsyncIterator[bytes]) -> AsyncGenerator[Event]:
    """The events of a body as they arrive."""
    buffer = ""
    async for chunk in content:
        buffer += chunk.decode()
        while "\n\n" in buffer:
            raw, buffer = buffer.split("\n\n", 1)
            if (event := parse(raw)) is not None:
                yield event


def text_of(events: Iterable[Event], n: int) -> str:
    """The text of one step, as its deltas make it."""
    return "".join(event.data["delta"] for event in events if event.event == "message" and event.data.get("n") == n)


class Asker:
    """A signed-in user in an event loop."""

    def __init__(self, user: User, headers: dict[str, str]) -> None:
        self.user = user
        self.client = AsyncClient()
        self.headers = headers

    @classmethod
    async def of(cls, user: User) -> Asker:
        return cls(user, await sync_to_async(bearer)(user))

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self.client.post(
            f"/api/agents/{path}", body or {}, content_type="application/json", headers=self.headers
        )

    async def get(self, path: str, **headers: str) -> Any:
        return await self.client.get(f"/api/agents/{path}", headers=self.headers | headers)

    async def open(self, agent: Agent, text: str, **body: Any) -> AsyncGenerator[Event]:
        """Ask, and return the running stream."""
        return await self.stream(await self.post(f"{agent.pk}/execute", {"input": text} | body))

    async def ask(self, agent: Agent, text: str, **body: Any) -> list[Event]:
        """Ask, and read to the end."""
        return [event async for event in await self.open(agent, text, **body)]

    async def resume(self, run_id: Any, last_id: str = "") -> list[Event]:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        return [event async for event in await self.stream(await self.get(f"runs/{run_id}/stream", **headers))]

    async def run(self, run_id: Any) -> dict[str, Any]:
        response = await self.get(f"runs/{run_id}")
        assert response.status_code == 200, response.content
        found: dict[str, Any] = response.json()
        return found

    async def stream(self, response: Any) -> AsyncGenerator[Event]:
        assert response.status_code == 200, response.content
        return events_of(aiter(response.streaming_content))


def run_of(events: list[Event]) -> str:
    """The id of the run that a stream shows from its beginning."""
    assert events[0].event == "start"
    run_id: str = events[0].data["run"]["id"]
    return run_id

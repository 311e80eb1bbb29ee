"""A run as server-sent events, from memory, the relay or the rows: whoever comes back gets what is missing.

An event's id is ``<step>.<position>``: ``s`` a step has begun, a number of code points of its text, ``e`` it has ended,
``done`` the run has. Of calls that stand together all beginnings come before the first end. What a person is asked has
no id, so it is told again for as long as it waits.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from collections.abc import Sequence
from contextlib import aclosing
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.request import Request

from accounts.models import User
from agents import access
from agents import runner
from agents.api import run_bodies
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.models import AgentStep
from agents.presentation import endings
from agents.presentation import runs as shown
from agents.runner.claimed import ENDED_CALL
from agents.runner.model_steps import engines
from agents.runner.model_steps import snapshot
from core.api.request import actor
from core.api.streaming import ReadyStream
from core.db_threads import in_db_thread
from core.errors import InvalidInput
from core.jobs import looks
from core.shapes import Shape

HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 0.5
"""How often the rows of a run of another process are looked at, while nothing comes through the relay."""
LOOK_SECONDS = 2.5 * HEARTBEAT_SECONDS
"""How long it is remembered that a person follows a run, unless they say again that they do."""
_HEARTBEAT = b":\n\n"
_ID = re.compile(r"(\d{1,9})\.(s|e|done|\d{1,9})")
_ENDED = frozenset({*ENDED_CALL, AgentStep.State.BROKEN})
_Kind = AgentStep.Kind
_encode = msgspec.json.encode

_SHAPES: list[Any] = [
    run_bodies.RunStartEvent,
    run_bodies.StepEvent,
    run_bodies.StepDeltaEvent,
    run_bodies.StepUsageEvent,
    run_bodies.ApprovalEvent,
    run_bodies.RunDoneEvent,
    run_bodies.RunErrorEvent,
]
EVENTS = PolymorphicProxySerializer("RunEvent", serializers=_SHAPES, resource_type_field_name=None)
RESPONSES = {(200, "text/event-stream"): EVENTS}
POSITION = [
    OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="The id of the last event received."),
    OpenApiParameter("last_event_id", str, description="The same, for those who cannot set headers."),
]


@dataclass(frozen=True, slots=True)
class Last:
    """The last event a client has: nothing yet is ``Last(0, "")``."""

    n: int = 0
    position: str = ""


NOTHING = Last()


def last_event(request: Request) -> Last | None:
    """What the client has; None when it has everything. Raises InvalidInput."""
    given = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id") or ""
    if not given:
        return NOTHING
    found = _ID.fullmatch(given)
    if found is None or not given.isascii():
        raise InvalidInput(details={"last_event_id": ["This is not the id of an event of ours."]})
    return None if found[2] == "done" else Last(int(found[1]), found[2])


def respond(request: Request, run: AgentRun, last: Last = NOTHING) -> StreamingHttpResponse:
    """A run from ``last`` on, until its end. Reading it changes nothing about it."""
    if not isinstance(request._request, ASGIRequest):
        raise ImproperlyConfigured("Runs go on in the server's event loop: serve kintsugi.asgi, not WSGI.")
    return ReadyStream(
        _Reading(actor(request), run.pk, last).events(),
        content_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    run: AgentRun
    steps: list[AgentStep]
    approvals: dict[UUID, AgentApproval]


def _load(run_id: UUID, after: int) -> _Rows | None:
    run = AgentRun.objects.select_related("agent", "asker", "payer").filter(pk=run_id).first()
    if run is None:
        return None
    steps = list(AgentStep.objects.filter(run_id=run_id, n__gt=after).order_by("n"))
    asked = any(step.state == AgentStep.State.ASKING for step in steps)
    return _Rows(run, steps, shown.approvals_of(run_id) if asked else {})


class _Reading:
    """One client that follows one run. ``_told`` are the events it has, by id; steps up to ``_over`` are done with."""

    def __init__(self, user: User, run_id: UUID, last: Last) -> None:
        self._user = user
        self._run_id = run_id
        self._over = 0
        self._last = last
        self._began: dict[int, int] = {}
        self._ended: set[int] = set()
        self._asked: set[UUID] = set()
        self._reads = True
        self._asks = False
        self._sent = (0, 0)
        self._fed_at = self._look_at = 0.0
        self._started = bool(last.position)
        self._resuming = last.position not in ("", "s") or last.n > 0

    async def events(self) -> AsyncGenerator[bytes]:
        """All of them, until the run is over or this process can no longer see it."""
        async with aclosing(self._events()) as pieces:
            async for piece in pieces:
                self._fed_at = asyncio.get_running_loop().time()
                yield piece
                await self._note_look()

    async def _events(self) -> AsyncGenerator[bytes]:
        watcher = runner.current()
        changed = watcher.watch(self._run_id)
        try:
            while True:
                changed.clear()
                rows = await in_db_thread(_load, self._run_id, self._over)
                if rows is None:
                    return
                self._reads = access.may_read_texts(self._user, rows.run)
                self._asks = rows.run.asker_id == self._user.pk
                if not self._started:
                    self._started = True
                    yield _event("start", "0.s", run_bodies.RunStartEvent(run=shown.one(self._user, rows.run)))
                if self._resuming:
                    self._skip(rows.steps)
                async for piece in self._steps(rows):
                    yield piece
                if not rows.run.is_live:
                    yield await in_db_thread(_end, self._user, rows.run)
                    return
                await self._wait(changed)
                if asyncio.get_running_loop().time() - self._fed_at >= HEARTBEAT_SECONDS:
                    yield _HEARTBEAT
        finally:
            watcher.unwatch(self._run_id, changed)
            if self._look_at:
                # Not awaited: a reader that is gone is being cancelled.
                asyncio.get_running_loop().run_in_executor(None, looks.forget, self._run_id)

    async def _note_look(self) -> None:
        """Who has asked follows it, and need not be told of its end."""
        now = asyncio.get_running_loop().time()
        if self._asks and now >= self._look_at:
            self._look_at = now + LOOK_SECONDS / 2
            await in_db_thread(looks.note, self._run_id, LOOK_SECONDS)

    async def _wait(self, changed: asyncio.Event) -> None:
        """Until the run may have changed."""
        seconds = HEARTBEAT_SECONDS if runner.current().has(self._run_id) else POLL_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), seconds)

    def _skip(self, steps: Sequence[AgentStep]) -> None:
        """Mark what a client that comes back has."""
        self._resuming = False
        last = self._last
        at = next((place for place, step in enumerate(steps) if step.n == last.n), None)
        if at is None:
            return
        step = steps[at]
        if step.kind == _Kind.MODEL:
            self._over = step.n - 1
            if last.position == "e":
                self._began[step.n], self._over = step.attempt, step.n
                self._ended.add(step.n)
            elif step.attempt == 1 and (last.position == "s" or step.text or step.state == AgentStep.State.OPEN):
                self._began[step.n] = step.attempt
            return
        first, end = _batch(steps, at)
        self._over = first.n - 1
        for one in steps:
            if first.n <= one.n <= end and (last.position == "e" or one.n <= last.n):
                self._began[one.n] = 1
            if last.position == "e" and first.n <= one.n <= last.n:
                self._ended.add(one.n)

    async def _steps(self, rows: _Rows) -> AsyncGenerator[bytes]:
        steps = [step for step in rows.steps if step.n > self._over]
        at = 0
        while at < len(steps):
            step = steps[at]
            if step.kind == _Kind.MODEL:
                async for piece in self._answer(step):
                    yield piece
                if step.n not in self._ended:
                    return  # it has changed meanwhile: the rows are read anew
                self._over = step.n
                at += 1
                continue
            _first, end = _batch(steps, at)
            together = [one for one in steps if step.n <= one.n <= end]
            for piece in self._calls(together, rows.approvals):
                yield piece
            if any(one.n not in self._ended for one in together):
                return
            self._over = end
            at += len(together)

    def _calls(self, steps: Sequence[AgentStep], approvals: dict[UUID, AgentApproval]) -> list[bytes]:
        pieces = []
        for step in steps:
            if step.n not in self._began:
                self._began[step.n] = 1
                pieces.append(_event("step", f"{step.n}.s", self._step(step, ended=False)))
        for step in steps:
            asked = approvals.get(step.pk)
            if asked is not None and asked.state == AgentApproval.State.WAITING and asked.pk not in self._asked:
                self._asked.add(asked.pk)
                if self._reads:
                    card = shown.approval_shape(step, asked)
                    pieces.append(_event("approval", "", card))
        for step in steps:
            if step.n in self._ended:
                continue
            if step.state not in ENDED_CALL:
                break
            self._ended.add(step.n)
            pieces.append(_event("step", f"{step.n}.e", self._step(step, ended=True)))
        return pieces

    async def _answer(self, step: AgentStep) -> AsyncGenerator[bytes]:
        """One answer of the model, as far as it is; its text anew with each attempt."""
        position = 0
        if self._began.get(step.n) == step.attempt:
            # Code points of this very attempt, as the client has told, or as were sent before the rows were read again.
            position = self._position(step)
        else:
            self._began[step.n] = step.attempt
            self._sent = (step.n, 0)
            yield _event("step", f"{step.n}.s", self._step(step, ended=False))
        transcript = engines.current().transcript(step.pk, snapshot(step))
        async for piece in transcript.follow(position, idle=HEARTBEAT_SECONDS):
            if not piece:
                yield _HEARTBEAT
                continue
            position += len(piece)
            self._sent = (step.n, position)
            if self._reads:
                yield b'id: %d.%d\ndata: {"delta":%b,"n":%d,"done":false}\n\n' % (
                    step.n,
                    position,
                    _encode(piece),
                    step.n,
                )
        async for event in self._end_of_answer(step.pk, position):
            yield event

    async def _end_of_answer(self, step_id: UUID, position: int) -> AsyncGenerator[bytes]:
        step, tokens, estimated = await in_db_thread(_step_and_tokens, step_id)
        if step is None or step.state not in _ENDED or self._began.get(step.n) != step.attempt:
            return
        if rest := step.text[position:]:  # what the house has said for a model that said nothing
            self._sent = (step.n, len(step.text))
            if self._reads:
                body = {"delta": rest, "n": step.n, "done": False}
                yield b"id: %d.%d\ndata: %b\n\n" % (step.n, len(step.text), _encode(body))
        if step.state == AgentStep.State.BROKEN and await in_db_thread(_is_live, self._run_id):
            return
        self._ended.add(step.n)
        usage = run_bodies.StepUsageEvent(
            n=step.n,
            prompt_tokens=step.prompt_tokens,
            completion_tokens=step.completion_tokens,
            run_tokens=tokens,
            estimated=estimated,
        )
        yield _event("usage", f"{step.n}.e", usage)

    def _position(self, step: AgentStep) -> int:
        if self._sent[0] == step.n:
            return self._sent[1]
        return int(self._last.position) if self._last.n == step.n and self._last.position.isdigit() else 0

    def _step(self, step: AgentStep, *, ended: bool) -> run_bodies.StepEvent:
        is_call, reads = step.kind == _Kind.TOOL, self._reads
        seconds = (step.finished_at - step.started_at).total_seconds() if ended and step.finished_at else None
        return run_bodies.StepEvent(
            n=step.n,
            kind=step.kind,
            state=step.state if ended or not is_call else AgentStep.State.PLANNED,
            attempt=max(1, step.attempt),
            is_closing=step.is_closing,
            name=step.name,
            arguments=step.arguments if reads else None,
            effect=step.effect or None,
            status_code=step.status_code if ended else None,
            seconds=round(seconds, 3) if seconds is not None else None,
            bytes=(step.response or {}).get("bytes") if ended else None,
            result=step.result if ended and reads else None,
            error=step.error if ended and reads else None,
        )


def _batch(steps: Sequence[AgentStep], at: int) -> tuple[AgentStep, int]:
    """The first and the last number of the calls that stand together."""
    first = at
    while first > 0 and steps[first - 1].kind == _Kind.TOOL:
        first -= 1
    end = at
    while end + 1 < len(steps) and steps[end + 1].kind == _Kind.TOOL:
        end += 1
    return steps[first], steps[end].n


def _step_and_tokens(step_id: UUID) -> tuple[AgentStep | None, int, bool]:
    step = AgentStep.objects.select_related("run").filter(pk=step_id).first()
    if step is None:
        return None, 0, False
    return step, step.run.prompt_tokens + step.run.completion_tokens, step.run.estimated


def _is_live(run_id: UUID) -> bool:
    return AgentRun.objects.live().filter(pk=run_id).exists()


def _end(user: User, run: AgentRun) -> bytes:
    """The last event: how the run ended, and what it used."""
    detail = shown.detail(user, run)
    last = detail.trace[-1].n if detail.trace else 0
    figures = {
        "state": run.state,
        "reason": run.reason or None,
        "text": detail.text or "",
        "prompt_tokens": run.prompt_tokens,
        "completion_tokens": run.completion_tokens,
        "total_tokens": detail.total_tokens,
        "estimated": run.estimated,
        "steps": run.steps,
        "calls": run.calls,
    }
    if run.state in (AgentRun.State.FAILED, AgentRun.State.LIMITED):
        told = {key: value for key, value in endings.error_of(run).items() if key in ("error", "code", "details")}
        failed = run_bodies.RunErrorEvent.model_validate({"request_id": "", **told, **figures})
        return _event("error", f"{last}.done", failed)
    return _event("", f"{last}.done", run_bodies.RunDoneEvent.model_validate({"delta": "", "done": True, **figures}))


def _event(name: str, event_id: str, body: Shape) -> bytes:
    head = (b"event: %b\n" % name.encode() if name else b"") + (b"id: %b\n" % event_id.encode() if event_id else b"")
    return head + b"data: %b\n\n" % body.model_dump_json().encode()

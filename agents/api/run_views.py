"""Runs: ask an agent, follow it, stop it, decide, go on."""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import access
from agents import runner
from agents import shapes
from agents.api import run_bodies
from agents.api import sse
from agents.models import AgentRun
from agents.presentation import runs as shown
from agents.services import approvals
from agents.services import runs
from agents.services import trials
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import validated
from core.api.streaming import AnyAccept
from core.errors import InvalidInput


class _Streaming(APIView):
    """A view whose good answer is a stream of events."""

    content_negotiation_class = AnyAccept


class ExecuteView(_Streaming):
    """Asking an agent."""

    throttle_scope = "agent_run"

    @extend_schema(request=run_bodies.ExecuteRequest, responses=sse.RESPONSES)
    def post(self, request: Request, agent_id: UUID) -> HttpResponseBase:
        """Its run streams, and goes on when nobody reads. A repeated `client_id` attaches and is not charged again."""
        asked = validated(request, run_bodies.ExecuteRequest)
        question = runs.Question(
            text=asked.input,
            history=[turn.model_dump() for turn in asked.history],
            draft=asked.draft,
            really_call=asked.really_call,
        )
        run = runs.begin(actor(request), agent_id, question, client_id=asked.client_id)
        _take(run)
        return sse.respond(request, run)


class TryView(_Streaming):
    """Trying a template."""

    throttle_scope = "agent_run"

    @extend_schema(request=run_bodies.TryRequest, responses=sse.RESPONSES)
    def post(self, request: Request, template_id: str) -> HttpResponseBase:
        """Without an agent and without a plan that has any: a run of the site's default model, for one's own tokens."""
        tried = validated(request, run_bodies.TryRequest)
        question = runs.Question(
            text=tried.input,
            history=[turn.model_dump() for turn in tried.history],
            really_call=tried.really_call,
            template=template_id,
        )
        run = trials.begin(actor(request), template_id, question, client_id=tried.client_id)
        _take(run)
        return sse.respond(request, run)


class RunsView(APIView):
    """What an agent has done."""

    throttle_scope = "agents"

    @extend_schema(
        operation_id="agents_runs_list",
        parameters=[OpenApiParameter("state", str, enum=AgentRun.State.values), *params.PAGE],
        responses=shapes.RunPage,
    )
    def get(self, request: Request, agent_id: UUID) -> Response:
        """Newest first: all runs of an agent of yours, else those you asked for or paid."""
        state = request.query_params.get("state")
        if state and state not in AgentRun.State.values:
            raise InvalidInput(details={"state": ["There is no such state."]})
        found = runs.listed(actor(request), agent_id, state=state or None)
        paginator = CursorPagination()
        rows = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response(shown.many(actor(request), rows))


class RunView(APIView):
    """One run."""

    throttle_scope = "agents"

    @extend_schema(responses=shapes.RunDetail)
    def get(self, request: Request, run_id: UUID) -> Response:
        """With all its steps. The owner of the agent sees others' runs without their texts."""
        return Response(shown.detail(actor(request), access.run(actor(request), run_id)))


class RunStreamView(_Streaming):
    """A run once more, or the rest of it."""

    throttle_scope = "agents"

    @extend_schema(parameters=sse.POSITION, responses={**sse.RESPONSES, 204: None})
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        """From the last event received on, from any process; 204 after the last one."""
        run = access.run(actor(request), run_id)
        last = sse.last_event(request)
        if last is None and not run.is_live:
            return HttpResponse(status=204)
        return sse.respond(request, run, last or sse.NOTHING)


class StopRunView(APIView):
    """The end of a run before its end."""

    throttle_scope = "agents"

    @extend_schema(request=None, responses=shapes.RunDetail)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Closes what is open to the model and to functions; what was used is charged. An ended one is as it was.

        Another process looks once a second: until then the run `is_stopping`, and its stream tells the end.
        """
        run = runs.request_stop(actor(request), run_id)
        if run.is_live:
            async_to_sync(_stop_here)(run.pk)
            run.refresh_from_db()
        return Response(shown.detail(actor(request), run))


class ContinueRunView(_Streaming):
    """Going on."""

    throttle_scope = "agent_run"

    @extend_schema(request=None, responses=sse.RESPONSES)
    def post(self, request: Request, run_id: UUID) -> HttpResponseBase:
        """The same run with one more budget, for who pays it; its stream goes on behind what was there."""
        before = access.run(actor(request), run_id)
        last = before.trace.order_by("-n").values_list("n", flat=True).first() or 0
        run = runs.resume(actor(request), run_id)
        _take(run)
        return sse.respond(request, run, sse.Last(last, "e") if last else sse.NOTHING)


class ApprovalView(APIView):
    """A yes or a no."""

    throttle_scope = "agents"

    @extend_schema(request=run_bodies.DecisionRequest, responses=shapes.RunDetail)
    def post(self, request: Request, run_id: UUID, step_id: UUID) -> Response:
        """Of whom was asked, for the arguments that were shown. The run goes on once all of a step are decided."""
        sent = validated(request, run_bodies.DecisionRequest)
        run = approvals.decide(
            actor(request),
            run_id,
            step_id,
            approve=sent.decision == "approve",
            arguments_hash=sent.arguments_hash,
            remember=sent.remember,
        )
        _take(run)
        return Response(shown.detail(actor(request), run))


def _take(run: AgentRun) -> None:
    """Begin in this process at once; where it has no room, or holds a payer's fifth, the run waits for its turn."""
    if run.state == AgentRun.State.QUEUED:
        async_to_sync(_take_here)(run.pk)


async def _take_here(run_id: UUID) -> None:
    await runner.current().take_if_due(run_id)


async def _stop_here(run_id: UUID) -> None:
    await runner.current().stop(run_id)

"""Agents: make, change, publish, retire."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from agents import access
from agents import shapes
from agents.api import bodies
from agents.presentation import agents as shown
from agents.services import agents
from agents.services import beginning
from agents.services import estimating
from agents.services import exporting
from agents.services import templates
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import validated


class AgentsView(APIView):
    """Agents."""

    throttle_scope = "agents"

    @extend_schema(
        operation_id="agents_list",
        parameters=[
            OpenApiParameter("own", bool, description="Only your own, or only those of others; left out: both."),
            *params.PAGE,
        ],
        responses=shapes.AgentPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first: your own, those for everybody here, and those that speak in your conversations."""
        found = agents.listed(actor(request), own=params.flag(request, "own"))
        paginator = CursorPagination()
        rows = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response(shown.briefs(actor(request), rows))

    @extend_schema(request=bodies.NewAgentRequest, responses={201: shapes.AgentShape})
    def post(self, request: Request) -> Response:
        """Needs a plan with agents. Its user name is made of its name unless you choose one."""
        values = validated(request, bodies.NewAgentRequest).model_dump(exclude_unset=True)
        made = beginning.begin(actor(request), values, client=client_of(request))
        return Response(shown.full(actor(request), made), status=201)


class AgentView(APIView):
    """One agent of yours."""

    throttle_scope = "agents"

    @extend_schema(responses=shapes.AgentShape)
    def get(self, request: Request, agent_id: UUID) -> Response:
        """With its functions and sources. What others may know of it stands in the list."""
        return Response(shown.full(actor(request), access.own(actor(request), agent_id)))

    @extend_schema(request=bodies.AgentChangeRequest, responses=shapes.AgentShape)
    def patch(self, request: Request, agent_id: UUID) -> Response:
        """What is left out stays. `functions` are made, changed by their `id`, or removed; others stay."""
        values = validated(request, bodies.AgentChangeRequest).model_dump(exclude_unset=True)
        changed = agents.change(actor(request), agent_id=agent_id, values=values, client=client_of(request))
        return Response(shown.full(actor(request), changed))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, agent_id: UUID) -> Response:
        """It stops and answers nobody any more; what it said stays, and runs stay for who paid them."""
        agents.retire(actor(request), agent_id=agent_id, client=client_of(request))
        return Response(status=204)


class DraftView(APIView):
    """What was changed and not published."""

    throttle_scope = "agents"

    @extend_schema(request=bodies.AgentDraftRequest, responses=shapes.AgentShape)
    def put(self, request: Request, agent_id: UUID) -> Response:
        """In place of the draft there was. Only runs of the console use it."""
        values = validated(request, bodies.AgentDraftRequest).model_dump(exclude_unset=True)
        kept = agents.keep_draft(actor(request), agent_id=agent_id, values=values)
        return Response(shown.full(actor(request), kept))


class PublishView(APIView):
    """Publishing."""

    throttle_scope = "agents"

    @extend_schema(request=None, responses=shapes.AgentShape)
    def post(self, request: Request, agent_id: UUID) -> Response:
        """The draft counts from the next run on."""
        published = agents.publish(actor(request), agent_id=agent_id, client=client_of(request))
        return Response(shown.full(actor(request), published))


class DuplicateView(APIView):
    """Copying."""

    throttle_scope = "agents"

    @extend_schema(request=bodies.DuplicateRequest, responses={201: shapes.AgentShape})
    def post(self, request: Request, agent_id: UUID) -> Response:
        """Another one with the same settings and functions; secrets and what was imported are not copied."""
        values = validated(request, bodies.DuplicateRequest).model_dump(exclude_unset=True)
        made = agents.duplicate(actor(request), agent_id=agent_id, values=values, client=client_of(request))
        return Response(shown.full(actor(request), made), status=201)


class ExportView(APIView):
    """As a file."""

    throttle_scope = "agents"

    @extend_schema(responses=shapes.ExportedAgent)
    def get(self, request: Request, agent_id: UUID) -> Response:
        """Without secrets, and without what was imported: its sources say that anew."""
        exported = exporting.exported(access.own(actor(request), agent_id))
        return Response(exported, headers={"Content-Disposition": 'attachment; filename="agent.json"'})


class ImportView(APIView):
    """From a file."""

    throttle_scope = "agents"

    @extend_schema(request=bodies.ImportRequest, responses={201: shapes.AgentShape})
    def post(self, request: Request) -> Response:
        """A new agent of what `export` gave. Secrets are entered again; webhooks get new ones."""
        values = exporting.read(validated(request, bodies.ImportRequest).model_dump(exclude_unset=True))
        made = agents.create(actor(request), values, client=client_of(request))
        return Response(shown.full(actor(request), made), status=201)


class TemplatesView(APIView):
    """What to begin with."""

    @extend_schema(responses=shapes.TemplatesShape)
    def get(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        """They work without account, key or network."""
        return Response(shapes.TemplatesShape(results=templates.everything()))


class EstimateView(APIView):
    """What it would cost."""

    throttle_scope = "agents"

    @extend_schema(request=bodies.AgentEstimateRequest, responses=shapes.EstimateShape)
    def post(self, request: Request) -> Response:
        """Of an agent you may talk to, of a template, or of a draft of yours."""
        body = validated(request, bodies.AgentEstimateRequest)
        draft = body.draft.model_dump(exclude_unset=True) if body.draft else {}
        return Response(
            estimating.estimate(
                actor(request), agent_id=body.agent_id, draft=draft, text=body.input, template=body.template
            )
        )

"""Functions of an agent: trying, approving, new secrets; and the tools of the house."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import shapes
from agents.api import bodies
from agents.presentation import functions as shown
from agents.services import functions
from agents.services import testing
from core.api.request import actor
from core.api.request import validated
from core.llm import tools


class TestView(APIView):
    """Trying."""

    throttle_scope = "agent_test"

    @extend_schema(request=bodies.TestRequest, responses=shapes.TestedShape)
    def post(self, request: Request, agent_id: UUID, function_id: UUID) -> Response:
        """Without a model. A dry run builds and signs the request and sends nothing."""
        body = validated(request, bodies.TestRequest)
        tested = testing.test(
            actor(request),
            agent_id=agent_id,
            function_id=function_id,
            arguments=body.arguments,
            dry_run=body.dry_run,
        )
        return Response(tested)


class RotateView(APIView):
    """A new secret."""

    throttle_scope = "agent_test"

    @extend_schema(request=None, responses=shapes.RotatedShape)
    def post(self, request: Request, agent_id: UUID, function_id: UUID) -> Response:
        """It is said this once; the one before signs along for a day."""
        row, secret = functions.rotate(actor(request), agent_id=agent_id, function_id=function_id)
        told = shapes.RotatedShape(
            secret=secret,
            function=shown.function(row),
            both_until=row.secret_before_until if row.secret_before else None,
        )
        return Response(told, headers={"Cache-Control": "no-store"})


class ApproveView(APIView):
    """Approving."""

    throttle_scope = "agents"

    @extend_schema(request=bodies.ApproveRequest, responses=shapes.ApprovedShape)
    def post(self, request: Request, agent_id: UUID) -> Response:
        """What was imported, or has changed since, may be called: each with the hash of what you have seen."""
        body = validated(request, bodies.ApproveRequest)
        items = [(item.id, item.hash) for item in body.items]
        _agent, rows = functions.approve(actor(request), agent_id=agent_id, items=items, enable=body.enable)
        return Response(shapes.ApprovedShape(functions=[shown.function(row) for row in rows]))


class ToolsView(APIView):
    """The tools of the house."""

    @extend_schema(responses=shapes.InternalToolsShape)
    def get(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        """What an agent may be given as functions of type internal; they run with the rights of who asks."""
        found = [
            shapes.InternalToolShape(
                name=one.name,
                description=one.description,
                effect=one.effect,
                reads=one.reads,
                parameters=dict(one.definition.parameters),
            )
            for one in tools.registered()
        ]
        return Response(shapes.InternalToolsShape(results=found))

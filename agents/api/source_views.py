"""Sources of functions: OpenAPI documents and MCP servers."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents import shapes
from agents.api import bodies
from agents.presentation import functions as shown
from agents.services import sources
from core.api.request import actor
from core.api.request import validated


class SourcesView(APIView):
    """Importing."""

    throttle_scope = "agent_import"

    @extend_schema(request=bodies.SourceRequest, responses={201: shapes.ImportedShape})
    def post(self, request: Request, agent_id: UUID) -> Response:
        """What it offers arrives switched off: look at it, then `functions/approve`. Takes up to a minute."""
        values = validated(request, bodies.SourceRequest).model_dump(exclude_unset=True)
        found = sources.bring_in(actor(request), agent_id=agent_id, values=values)
        imported = shapes.ImportedShape(
            source=shown.source(found.source),
            functions=[shown.function(row) for row in found.added],
            left_out=list(found.reading.left_out),
            notes=[*found.notes, *found.reading.notes],
            servers=[shapes.ServerShape(url=one.url, description=one.description) for one in found.reading.servers],
            auth=[shapes.AuthShape(kind=one.kind, name=one.name, secret_last4=None) for one in found.reading.auth],
        )
        return Response(imported, status=201)


class SourceView(APIView):
    """One source."""

    throttle_scope = "agents"

    @extend_schema(request=bodies.SourceChangeRequest, responses=shapes.SourceShape)
    def patch(self, request: Request, agent_id: UUID, source_id: UUID) -> Response:
        """What is left out stays, the key as well."""
        values = validated(request, bodies.SourceChangeRequest).model_dump(exclude_unset=True)
        changed = sources.change(actor(request), agent_id=agent_id, source_id=source_id, values=values)
        return Response(shown.source(changed))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, agent_id: UUID, source_id: UUID) -> Response:
        """With all its functions."""
        sources.take_out(actor(request), agent_id=agent_id, source_id=source_id)
        return Response(status=204)


class RefreshView(APIView):
    """Looking again."""

    throttle_scope = "agent_import"

    @extend_schema(request=bodies.SourceRefreshRequest, responses=shapes.RefreshedShape)
    def post(self, request: Request, agent_id: UUID, source_id: UUID) -> Response:
        """What has changed is switched off until you approve it anew; a document without address is given again."""
        values = validated(request, bodies.SourceRefreshRequest).model_dump(exclude_unset=True)
        found = sources.refresh(actor(request), agent_id=agent_id, source_id=source_id, values=values)
        refreshed = shapes.RefreshedShape(
            source=shown.source(found.source),
            added=[shown.function(row) for row in found.added],
            changed=[
                shapes.ChangedShape(id=row.pk, name=row.name, before=before, after=after, hash=row.definition_hash)
                for row, before, after in found.changed
            ],
            gone=found.gone,
            left_out=list(found.reading.left_out),
            notes=list(found.reading.notes),
        )
        return Response(refreshed)

"""``/api/generate`` and ``/api/jobs/generate``: HTTP only. What is begun there is followed by ``/api/jobs``."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from core.api.request import actor
from core.api.request import validated
from documents import presentation as shown
from documents import shapes
from documents.api import bodies
from documents.services import starting
from documents.services import usage
from documents.services import writers


class OutlineView(APIView):
    """An outline by a model."""

    throttle_scope = "document_generate"

    @extend_schema(
        operation_id="generate_outline", request=bodies.GenerateOutlineRequest, responses={202: shapes.DocumentRunShape}
    )
    def post(self, request: Request) -> Response:
        """It takes the place of the one there is. 409 `section_written` when something of that is written already."""
        body = validated(request, bodies.GenerateOutlineRequest)
        row = starting.outline(actor(request), body.document_id, requirements=body.additional_requirements)
        return Response(shown.run(row), status=202)


class SectionView(APIView):
    """One section by a model."""

    throttle_scope = "document_generate"

    @extend_schema(
        operation_id="generate_section", request=bodies.GenerateSectionRequest, responses={202: shapes.DocumentRunShape}
    )
    def post(self, request: Request) -> Response:
        """By the same steps as in a whole document."""
        body = validated(request, bodies.GenerateSectionRequest)
        row = starting.section(
            actor(request),
            body.document_id,
            body.section_index,
            title=body.section_title,
            requirements=body.additional_requirements,
        )
        return Response(shown.run(row), status=202)


class DocumentView(APIView):
    """All that is missing, by a model."""

    throttle_scope = "document_whole"

    @extend_schema(
        operation_id="generate_document",
        request=bodies.GenerateDocumentRequest,
        responses={202: shapes.DocumentRunShape},
    )
    def post(self, request: Request) -> Response:
        """Section by section, in the background; the job can be paused, resumed and cancelled. Where pages are sold:
        409 `quote_changed` for another digest than the quote's, and 402 `payment_required` with the ways to pay."""
        body = validated(request, bodies.GenerateDocumentRequest)
        row = starting.whole(
            actor(request),
            body.document_id,
            model=body.model,
            requirements=body.requirements,
            client_id=body.client_id,
            digest=body.quote_digest,
            client=client_of(request),
        )
        return Response(shown.run(row), status=202)


class ModelsView(APIView):
    """Who may write."""

    throttle_scope = "documents"

    @extend_schema(operation_id="generate_models", responses=shapes.WritersShape)
    def get(self, request: Request) -> Response:
        """Those that are set up for documents first, in the order in which they are tried."""
        return Response(writers.shown(actor(request)))


class UsageView(APIView):
    """What documents have used."""

    throttle_scope = "documents"

    @extend_schema(operation_id="generate_usage", responses=shapes.DocumentUsageShape)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Your own; anybody's for staff."""
        return Response(usage.of(actor(request), user_id))

"""``/api/documents/{id}/sources`` and ``…/citations``: HTTP only."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import queried
from core.api.request import validated
from core.errors import InvalidInput
from documents import presentation as shown
from documents import shapes
from documents.api import bodies
from documents.models import DocumentSource
from documents.services import changing
from documents.services.sourcing import adding
from documents.services.sourcing import citations
from documents.services.sourcing import keeping
from documents.services.sourcing import reviewing


class SourcesView(APIView):
    """What a document may cite."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_sources_list", parameters=params.PAGE, responses=shapes.DocumentSourcePage)
    def get(self, request: Request, document_id: UUID) -> Response:
        """In the order in which they came."""
        rows = keeping.listed(changing.own(actor(request), document_id))
        paginator = _Oldest()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([shown.source(row) for row in page])

    @extend_schema(
        operation_id="documents_sources_add",
        request=bodies.CitedSourceRequest,
        responses={201: shapes.DocumentSourceShape},
    )
    def post(self, request: Request, document_id: UUID) -> Response:
        """A source of your own: by DOI, by a PDF with its description, or by a description."""
        row = _added(actor(request), document_id, validated(request, bodies.CitedSourceRequest))
        return Response(shown.source(row), status=201)


def _added(user: User, document_id: UUID, body: bodies.CitedSourceRequest) -> DocumentSource:
    if (body.doi is None) == (body.csl is None):
        raise InvalidInput(details={"doi": ["Name a DOI or give a description; a file may come along."]})
    if body.file_id is not None:
        return adding.by_file(user, document_id, body.file_id, body.csl or {}, doi=body.doi)
    if body.doi is not None:
        return adding.by_doi(user, document_id, body.doi)
    return adding.by_csl(user, document_id, body.csl or {})


class SourceView(APIView):
    """One of them."""

    throttle_scope = "documents"

    @extend_schema(
        operation_id="documents_source_change",
        request=bodies.CitedSourceChangeRequest,
        responses=shapes.DocumentSourceShape,
    )
    def patch(self, request: Request, document_id: UUID, source_id: UUID) -> Response:
        """Excluded, it is not cited by what is written from now on."""
        body = validated(request, bodies.CitedSourceChangeRequest)
        row = adding.exclude(actor(request), document_id, source_id, is_excluded=body.excluded)
        return Response(shown.source(row))


class _InOrder(CursorPagination):
    ordering = ("section_number", "number")  # type: ignore[assignment]


class _Oldest(CursorPagination):
    ordering = "id"


class CitationsView(APIView):
    """What rests on which words of which source."""

    throttle_scope = "documents"

    @extend_schema(
        operation_id="documents_citations_list",
        parameters=[
            *params.PAGE,
            OpenApiParameter(
                "lamp", str, enum=["green", "amber", "red", "grey"], description="With such a lamp, not overridden."
            ),
        ],
        responses=shapes.CitationPage,
    )
    def get(self, request: Request, document_id: UUID) -> Response:
        """In the order of reading."""
        lamp = queried(request, bodies.CitationsQuery).lamp or ""
        rows = citations.of_document(changing.own(actor(request), document_id), lamp=lamp)
        paginator = _InOrder()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([shown.citation(row) for row in page])


class OverrideView(APIView):
    """A citation that shall stand."""

    throttle_scope = "documents"

    @extend_schema(
        operation_id="documents_citation_override", request=bodies.OverrideRequest, responses=shapes.CitationShape
    )
    def post(self, request: Request, document_id: UUID, citation_id: UUID) -> Response:
        """With a reason; it is listed among what was not verified."""
        body = validated(request, bodies.OverrideRequest)
        return Response(shown.citation(reviewing.override(actor(request), document_id, citation_id, body.reason)))


class ConfirmView(APIView):
    """A citation that somebody has read."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_citation_confirm", request=None, responses=shapes.CitationShape)
    def post(self, request: Request, document_id: UUID, citation_id: UUID) -> Response:
        """ "I have read it": green under your name. 409 `citation_wrong` where computing says no."""
        return Response(shown.citation(reviewing.confirm(actor(request), document_id, citation_id)))


class RecheckView(APIView):
    """A citation that is to be asked about again."""

    throttle_scope = "document_recheck"

    @extend_schema(operation_id="documents_citation_recheck", request=None, responses=shapes.CitationShape)
    def post(self, request: Request, document_id: UUID, citation_id: UUID) -> Response:
        """Catalogues are asked anew, and words compared; what a model or a person said of the sentence stays."""
        return Response(shown.citation(reviewing.recheck(actor(request), document_id, citation_id)))

"""``/api/documents/{id}/export``: HTTP only."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.request import actor
from core.api.request import validated
from core.files import links
from documents import presentation as shown
from documents import shapes
from documents.api import bodies
from documents.services import exporting


class ExportView(APIView):
    """A document as a file."""

    throttle_scope = "document_export"

    @extend_schema(operation_id="documents_export", request=bodies.ExportRequest, responses=shapes.DocumentExportShape)
    def post(self, request: Request, document_id: UUID) -> Response:
        """What is written so far. 409 `citations_unverified` while something red has no reason."""
        body = validated(request, bodies.ExportRequest)
        row = exporting.make(
            actor(request),
            document_id,
            body.format,
            layout=None if body.layout is None else body.layout.model_dump(exclude_unset=True),
            names_author=body.include_metadata,
            lists_unverified=body.include_citations,
        )
        return Response(shown.export(row))


class DownloadView(APIView):
    """The file."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_export_download", responses={302: None})
    def get(self, request: Request, document_id: UUID, format_name: str) -> HttpResponseBase:
        """A link to the newest one that is good for minutes. 410 `export_gone` when its time is over."""
        file = exporting.latest(actor(request), document_id, format_name)
        return HttpResponseRedirect(links.content_url(file.pk))

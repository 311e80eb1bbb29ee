"""``/api/documents``: HTTP only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import metering
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import queried
from core.api.request import validated
from core.files.errors import FileMissing
from core.files.parsers import UploadParser
from documents import outlining
from documents import presentation as shown
from documents import shapes
from documents.api import bodies
from documents.models import Document
from documents.services import changing
from documents.services import editing
from documents.services import outlines
from documents.services import reading
from documents.services import requirements
from documents.services import starting


class DocumentsView(APIView):
    """Documents."""

    throttle_scope = "documents"

    @extend_schema(
        operation_id="documents_list",
        parameters=[
            *params.PAGE,
            OpenApiParameter("offset", int, description="So many are passed over, in place of a cursor."),
        ],
        responses=shapes.DocumentPage,
    )
    def get(self, request: Request) -> Response:
        """Yours, newest first."""
        rows = changing.listed(actor(request))
        if request.query_params.get("offset"):
            return _by_offset(request, rows)
        paginator = CursorPagination()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response(shown.briefs(page))

    @extend_schema(
        operation_id="documents_create", request=bodies.NewDocumentRequest, responses={201: shapes.DocumentDetail}
    )
    def post(self, request: Request) -> Response:
        """A draft; nothing is written before somebody asks for it. Markup and control characters are taken out."""
        values = validated(request, bodies.NewDocumentRequest).model_dump()
        client_id = values.pop("client_id")
        return Response(shown.full(changing.create(actor(request), values, client_id=client_id)), status=201)


def _by_offset(request: Request, rows: QuerySet[Document]) -> Response:
    asked = queried(request, bodies.ListQuery)
    start = asked.offset or 0
    page = list(rows[start : start + asked.limit + 1])

    def link(offset: int) -> str:
        return f"{request.path}?{urlencode({'limit': asked.limit, 'offset': offset})}"

    body: dict[str, Any] = {
        "results": shown.briefs(page[: asked.limit]),
        "next": link(start + asked.limit) if len(page) > asked.limit else None,
        "previous": link(max(0, start - asked.limit)) if start else None,
    }
    return Response(body)


class DocumentView(APIView):
    """One document."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_read", responses=shapes.DocumentDetail)
    def get(self, request: Request, document_id: UUID) -> Response:
        """How it stands, with its outline and its last run."""
        return Response(shown.full(changing.own(actor(request), document_id)))

    @extend_schema(operation_id="documents_replace", request=bodies.DocumentPutRequest, responses=shapes.DocumentDetail)
    def put(self, request: Request, document_id: UUID) -> Response:
        """Write all fields. 409 `run_running` while it is written, but for title and citation style."""
        values = validated(request, bodies.DocumentPutRequest).model_dump()
        return Response(shown.full(changing.change(actor(request), document_id, values)))

    @extend_schema(
        operation_id="documents_change", request=bodies.DocumentChangeRequest, responses=shapes.DocumentDetail
    )
    def patch(self, request: Request, document_id: UUID) -> Response:
        """Write some fields. 409 `run_running` while it is written, but for title and citation style."""
        values = validated(request, bodies.DocumentChangeRequest).model_dump(exclude_unset=True)
        return Response(shown.full(changing.change(actor(request), document_id, values)))

    @extend_schema(operation_id="documents_delete", responses={204: None})
    def delete(self, request: Request, document_id: UUID) -> Response:
        """What is being written of it ends, and nobody sees it any more; it is gone for good after 30 days."""
        changing.delete(actor(request), document_id)
        return Response(status=204)


class RequirementsView(APIView):
    """The file of requirements."""

    parser_classes = [UploadParser]
    throttle_scope = "document_requirements"

    @extend_schema(
        operation_id="documents_requirements_upload",
        request={"multipart/form-data": bodies.RequirementsForm},
        responses=shapes.RequirementsShape,
    )
    def post(self, request: Request, document_id: UUID) -> Response:
        """A DOCX, PDF or text file of at most 10 MB. What is read of it stands in every prompt of the document."""
        upload = request.FILES.get("file")
        if upload is None:
            raise FileMissing
        found = requirements.upload(actor(request), document_id, content=upload.file, name=upload.name or "")
        return Response(shown.requirements(found))


class OutlineView(APIView):
    """The outline."""

    throttle_scope = "documents"

    @extend_schema(
        operation_id="documents_outline_replace", request=bodies.OutlineRequest, responses=shapes.OutlineShape
    )
    def put(self, request: Request, document_id: UUID) -> Response:
        """Reorder, add, delete, rename. 409 `outline_changed`, `run_running`, and `section_written`."""
        body = validated(request, bodies.OutlineRequest)
        wanted = [outlines.Wanted(one.id, _entry(one)) for one in body.sections]
        document = outlines.replace(actor(request), document_id, wanted, version=body.version)
        return Response(shown.outline(document))


def _entry(one: bodies.OutlineEntryBody) -> outlining.Entry:
    return outlining.Entry(one.title, one.goal, one.target_words, one.level, one.needs_sources)


class SectionView(APIView):
    """One section."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_section_read", responses=shapes.SectionShape)
    def get(self, request: Request, document_id: UUID, number: int) -> Response:
        """With its text, as far as it is written."""
        return Response(shown.section(reading.section(actor(request), document_id, number)))

    @extend_schema(request=bodies.SectionChangeRequest, responses=shapes.SectionShape)
    def patch(self, request: Request, document_id: UUID, number: int) -> Response:
        """The text in its owner's words. 409 `section_changed` and `section_not_written`."""
        body = validated(request, bodies.SectionChangeRequest)
        row = editing.change(actor(request), document_id, number, body.content, version=body.version)
        return Response(shown.section(row))


class StyleView(APIView):
    """What the style pass changed."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_style", request=bodies.StyleRequest, responses=shapes.SectionShape)
    def post(self, request: Request, document_id: UUID, number: int) -> Response:
        """Sentences get their old words back, or are shown as changed no more."""
        body = validated(request, bodies.StyleRequest)
        row = editing.judge_style(actor(request), document_id, number, accept=body.accept, revert=body.revert)
        return Response(shown.section(row))


class QuoteView(APIView):
    """What it costs."""

    throttle_scope = "documents"

    @extend_schema(operation_id="documents_quote", request=None, responses=shapes.DocumentQuoteShape)
    def post(self, request: Request, document_id: UUID) -> Response:
        """To write what is not written of the outline. Without a price (`amount` 0) it takes tokens alone."""
        user = actor(request)
        return Response(shown.quote(starting.quote(user, document_id), metering.allowance(user.pk).left))

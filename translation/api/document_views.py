"""``/api/translation/documents``: HTTP only."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import limit
from core.api.request import queried
from core.api.request import validated
from core.files import links
from core.files.parsers import UploadParser
from translation import shapes
from translation.api import document_bodies as bodies
from translation.presentation import documents as shown
from translation.services.documents import asking
from translation.services.documents import changing
from translation.services.documents import fetching
from translation.services.documents import sampling
from translation.services.documents import starting


class _ByNumber(CursorPagination):
    ordering = "number"


class DocumentsView(APIView):
    """Documents to be translated."""

    parser_classes = [UploadParser, JSONParser]
    throttle_scope = "translation_file"

    @extend_schema(
        operation_id="translation_documents_create",
        request={"multipart/form-data": bodies.DocumentForm, "application/json": bodies.DocumentRequest},
        responses={202: shapes.DocumentShape},
    )
    def post(self, request: Request) -> Response:
        """Read it and say what it costs; nothing is translated before somebody agrees, or `max_cost` does."""
        user = actor(request)
        values = validated(request, bodies.DocumentRequest).model_dump(exclude_none=True)
        upload = request.FILES.get("file")
        found = asking.ask(user, values, upload=upload.file if upload else None, name=(upload and upload.name) or "")
        return Response(shown.full(found), status=202)


class DocumentView(APIView):
    """One document."""

    throttle_scope = "translation"

    @extend_schema(operation_id="translation_documents_read", responses=shapes.DocumentShape)
    def get(self, request: Request, translation_id: UUID) -> Response:
        """How it stands, what it costs, and what can be fetched."""
        return Response(shown.full(asking.own(actor(request), translation_id)))

    @extend_schema(operation_id="translation_documents_delete", responses={204: None})
    def delete(self, request: Request, translation_id: UUID) -> Response:
        """It ends, and its files, texts and parts are deleted."""
        changing.delete(actor(request), translation_id)
        return Response(status=204)


class PreviewView(APIView):
    """The free sample."""

    @extend_schema(request=None, responses={202: shapes.DocumentShape})
    def post(self, request: Request, translation_id: UUID) -> Response:
        """The beginning, translated by the service of the quote; ten a day."""
        found = asking.own(actor(request), translation_id)
        if sampling.is_wanted(found):
            limit(request, "translation_preview")
            sampling.begin(actor(request), found)
        return Response(shown.full(found), status=202)


class StartView(APIView):
    """Agreeing to the price."""

    throttle_scope = "translation"

    @extend_schema(request=bodies.StartRequest, responses={202: shapes.DocumentShape})
    def post(self, request: Request, translation_id: UUID) -> Response:
        """409 `quote_changed` and `quote_expired`: look at the new one first. 402: pay the order, and it begins."""
        body = validated(request, bodies.StartRequest)
        user = actor(request)
        found = starting.start(user, translation_id, digest=body.quote_digest, client=client_of(request))
        return Response(shown.full(found), status=202)


class CancelView(APIView):
    """Ending it."""

    throttle_scope = "translation"

    @extend_schema(request=None, responses={202: shapes.DocumentShape})
    def post(self, request: Request, translation_id: UUID) -> Response:
        """What is done stays paid, the rest costs nothing."""
        return Response(shown.full(changing.cancel(actor(request), translation_id)), status=202)


class RetryView(APIView):
    """Once more."""

    throttle_scope = "translation"

    @extend_schema(request=bodies.RetryRequest, responses={202: shapes.DocumentShape})
    def post(self, request: Request, translation_id: UUID) -> Response:
        """All that has failed, these parts, or the segments to be looked at. What is done is not paid again."""
        body = validated(request, bodies.RetryRequest)
        found = changing.retry(actor(request), translation_id, numbers=body.chunks, is_flagged=body.flagged)
        return Response(shown.full(found), status=202)


class DownloadView(APIView):
    """The file."""

    throttle_scope = "translation"

    @extend_schema(
        parameters=[OpenApiParameter("which", str, enum=["result", "bilingual"], description="Left out: `result`.")],
        responses={302: None},
    )
    def get(self, request: Request, translation_id: UUID) -> HttpResponseBase:
        """A link that is good for minutes. 409 `not_ready`; 410 `file_gone` when its time is over."""
        which = queried(request, bodies.DownloadQuery).which
        file = fetching.file_of(asking.own(actor(request), translation_id), which)
        return HttpResponseRedirect(links.content_url(file.pk))


class SegmentsView(APIView):
    """What a person should look at."""

    throttle_scope = "translation"

    @extend_schema(
        operation_id="translation_segments_list",
        parameters=[
            OpenApiParameter("state", str, enum=["new", "done", "flagged", "failed"], description="Left out: all."),
            *params.PAGE,
        ],
        responses=shapes.SegmentPage,
    )
    def get(self, request: Request, translation_id: UUID) -> Response:
        """In the order of the document."""
        state = queried(request, bodies.SegmentQuery).state or ""
        found = changing.segments(actor(request), translation_id, state=state)
        paginator = _ByNumber()
        rows = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response(shown.segments(rows))


class SegmentView(APIView):
    """One segment."""

    throttle_scope = "translation"

    @extend_schema(request=bodies.CorrectionRequest, responses=shapes.SegmentShape)
    def patch(self, request: Request, translation_id: UUID, number: int) -> Response:
        """A person's own words, with the markers of the source; `rebuild` puts them into the file."""
        body = validated(request, bodies.CorrectionRequest)
        row = changing.correct(actor(request), translation_id, number, target=body.target)
        return Response(shown.segment(row))


class RebuildView(APIView):
    """The file, built again."""

    throttle_scope = "translation"

    @extend_schema(request=None, responses={202: shapes.DocumentShape})
    def post(self, request: Request, translation_id: UUID) -> Response:
        """With what was corrected; it costs nothing."""
        return Response(shown.full(changing.rebuild(actor(request), translation_id)), status=202)

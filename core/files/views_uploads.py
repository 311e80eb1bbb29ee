"""``/api/files/uploads``: HTTP only."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.request import actor
from core.api.request import validated
from core.errors import InvalidInput
from core.files import shapes
from core.files import uploads
from core.files.parsers import ChunkParser

_OFFSET = OpenApiParameter(
    "Upload-Offset", int, OpenApiParameter.HEADER, required=True, description="Where the piece begins, in bytes."
)


class UploadsView(APIView):
    """Uploads in pieces."""

    throttle_scope = "upload"

    @extend_schema(
        operation_id="file_upload_begin",
        request=shapes.NewUploadRequest,
        responses={201: shapes.UploadState, 200: shapes.UploadState},
    )
    def post(self, request: Request) -> Response:
        """Begin; 200 with what is there already for a known ``client_id``."""
        body = validated(request, shapes.NewUploadRequest)
        upload, is_new = uploads.begin(actor(request), **dict(body))
        return Response(shapes.state(upload), status=201 if is_new else 200)


class UploadView(APIView):
    """One upload of one's own."""

    parser_classes = [ChunkParser]

    @extend_schema(operation_id="file_upload", responses=shapes.UploadState)
    def get(self, request: Request, upload_id: UUID) -> Response:
        """How much has arrived; HEAD answers with the header ``Upload-Offset`` alone."""
        upload = uploads.find(actor(request), upload_id)
        headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size), "Cache-Control": "no-store"}
        return Response(shapes.state(upload), headers=headers)

    @extend_schema(
        operation_id="file_upload_append",
        parameters=[_OFFSET],
        request={"application/offset+octet-stream": OpenApiTypes.BINARY},
        responses={204: None},
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Send a piece; 409 with the right ``offset`` when it begins elsewhere."""
        given = request.headers.get("Upload-Offset", "")
        if not (given.isascii() and given.isdigit() and len(given) < 19):
            uploads.find(actor(request), upload_id)  # a stranger learns nothing, whatever they send
            raise InvalidInput("The header Upload-Offset is missing or is no number.")
        data = cast("bytes", request.data)
        end = uploads.append(actor(request), upload_id=upload_id, offset=int(given), data=data)
        return Response(status=204, headers={"Upload-Offset": str(end)})

    @extend_schema(operation_id="file_upload_cancel", responses={204: None})
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Forget what has arrived."""
        uploads.cancel(actor(request), upload_id=upload_id)
        return Response(status=204)


class UploadCompleteView(APIView):
    """The end of an upload."""

    throttle_scope = "upload"

    @extend_schema(operation_id="file_upload_complete", request=None, responses={201: shapes.File, 200: shapes.File})
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Bring the whole through the door; 200 with the same file when it is through already."""
        file, is_new = uploads.complete(actor(request), upload_id=upload_id)
        return Response(shapes.shown(file), status=201 if is_new else 200)

"""``/api/files``: HTTP only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from django.core.files import File
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.actor import signed_in
from core.files import links
from core.files import services
from core.files.errors import FileMissing
from core.files.models import StoredFile
from core.files.parsers import UploadParser
from core.files.serializers import FileSerializer
from core.files.serializers import UploadSerializer

_CHUNK = 256 * 1024


class FilesView(APIView):
    """Uploads."""

    parser_classes = [UploadParser]
    throttle_scope = "upload"

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: FileSerializer})
    def post(self, request: Request) -> Response:
        """Store a file; what is not accepted is refused with a sentence that says why."""
        upload = request.FILES.get("file")
        if upload is None:
            raise FileMissing
        values = UploadSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        file = services.store(
            signed_in(request), upload=upload.file, name=upload.name or "", purpose=values.validated_data["purpose"]
        )
        return Response(FileSerializer(file).data, status=201)


class FileView(APIView):
    """One file of one's own."""

    @extend_schema(responses=FileSerializer)
    def get(self, request: Request, file_id: UUID) -> Response:
        """What is known of the file, with a fresh link to its bytes."""
        return Response(FileSerializer(self._file(request, file_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, file_id: UUID) -> Response:
        """Remove the file and its bytes."""
        services.delete(signed_in(request), file=self._file(request, file_id))
        return Response(status=204)

    def _file(self, request: Request, file_id: UUID) -> StoredFile:
        return get_object_or_404(StoredFile.objects.visible_to(signed_in(request)), pk=file_id)


class FileContentView(APIView):
    """The bytes. The signature is the right to read them: an ``<img>`` cannot send a bearer token."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []
    throttle_classes: list[type] = []

    @extend_schema(
        parameters=[OpenApiParameter("expires", int, required=True), OpenApiParameter("signature", str, required=True)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, file_id: UUID) -> StreamingHttpResponse:
        """Images inline, everything else as a download; never in a context where a script could run."""
        left = links.verify(
            file_id,
            expires=request.query_params.get("expires", ""),
            signature=request.query_params.get("signature", ""),
        )
        file = get_object_or_404(StoredFile.objects.current(), pk=file_id)
        return _content_response(file, services.open_content(file), max_age=left)


def _content_response(file: StoredFile, handle: File[bytes], *, max_age: int) -> StreamingHttpResponse:
    mime_type = "text/plain" if file.kind == StoredFile.Kind.TEXT else file.mime_type
    attachment = file.kind != StoredFile.Kind.IMAGE
    return StreamingHttpResponse(
        _chunks(handle),
        content_type=f"{mime_type}; charset=utf-8" if file.kind == StoredFile.Kind.TEXT else mime_type,
        headers={
            "Content-Length": str(file.size),
            "Content-Disposition": content_disposition_header(attachment, file.name) or "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": f"private, max-age={max_age}, immutable",
        },
    )


async def _chunks(handle: File[bytes]) -> AsyncIterator[bytes]:
    """Read in threads: a sync iterator would be read whole into memory first."""
    try:
        while chunk := await asyncio.to_thread(handle.read, _CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(handle.close)

"""``/api/files``: HTTP only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

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

from core.api.request import actor
from core.api.request import validated
from core.errors import NotFound
from core.files import blobs
from core.files import links
from core.files import ranges
from core.files import services
from core.files import shapes
from core.files.errors import FileMissing
from core.files.errors import RangeInvalid
from core.files.forms import UploadSerializer
from core.files.models import StoredFile
from core.files.parsers import UploadParser

_CHUNK = 256 * 1024
_INLINE = frozenset({StoredFile.Kind.IMAGE, StoredFile.Kind.AUDIO, StoredFile.Kind.VIDEO})
_SIGNATURE = OpenApiParameter("signature", str, required=True)
_BYTES = {
    (200, "application/octet-stream"): OpenApiTypes.BINARY,
    (206, "application/octet-stream"): OpenApiTypes.BINARY,
}


class FilesView(APIView):
    """Uploads."""

    parser_classes = [UploadParser]
    throttle_scope = "upload"

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: shapes.File})
    def post(self, request: Request) -> Response:
        """Store a file; what is not accepted is refused with a sentence that says why."""
        upload = request.FILES.get("file")
        if upload is None:
            raise FileMissing
        values = UploadSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        file = services.store(
            actor(request), upload=upload.file, name=upload.name or "", purpose=values.validated_data["purpose"]
        )
        return Response(shapes.shown(file), status=201)


class FileView(APIView):
    """One file of one's own."""

    @extend_schema(responses=shapes.File)
    def get(self, request: Request, file_id: UUID) -> Response:
        """What is known of the file, with a fresh link to its bytes."""
        return Response(shapes.shown(self._file(request, file_id)))

    @extend_schema(request=shapes.FileChangeRequest, responses=shapes.File)
    def patch(self, request: Request, file_id: UUID) -> Response:
        """Read a text in another encoding than was guessed; what is stored is UTF-8 all the same."""
        file = self._file(request, file_id)
        body = validated(request, shapes.FileChangeRequest)
        return Response(shapes.shown(services.change_encoding(actor(request), file=file, encoding=body.encoding)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, file_id: UUID) -> Response:
        """Remove the file and its bytes."""
        services.delete(actor(request), file=self._file(request, file_id))
        return Response(status=204)

    def _file(self, request: Request, file_id: UUID) -> StoredFile:
        return get_object_or_404(StoredFile.objects.visible_to(actor(request)), pk=file_id)


class _LinkedView(APIView):
    """The signature is the right to read: an ``<img>`` cannot send a bearer token."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []
    throttle_classes: list[type] = []


class FileContentView(_LinkedView):
    """The bytes."""

    @extend_schema(
        parameters=[
            OpenApiParameter("expires", int, description="Left out in links to avatars."),
            _SIGNATURE,
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="bytes=0-499"),
        ],
        responses=_BYTES,
    )
    def get(self, request: Request, file_id: UUID) -> StreamingHttpResponse:
        """Images and recordings inline, everything else as a download; never where a script could run."""
        expires, signature = (request.query_params.get(name, "") for name in ("expires", "signature"))
        if "expires" in request.query_params:
            left = links.verify(file_id, expires=expires, signature=signature)
            files = StoredFile.objects.current()
        else:
            left = links.verify_avatar(file_id, signature=signature)
            files = StoredFile.objects.current().filter(purpose=StoredFile.Purpose.AVATAR)
        file = get_object_or_404(files, pk=file_id)
        return _content_response(request, file, max_age=left)


class FileThumbnailView(_LinkedView):
    """A small picture of an image or a film."""

    @extend_schema(
        parameters=[OpenApiParameter("expires", int, required=True), _SIGNATURE],
        responses={(200, "image/webp"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, file_id: UUID) -> StreamingHttpResponse:
        """WebP, at most 480 pixels wide and high."""
        expires, signature = (request.query_params.get(name, "") for name in ("expires", "signature"))
        left = links.verify_thumbnail(file_id, expires=expires, signature=signature)
        file = get_object_or_404(StoredFile.objects.current(), pk=file_id)
        if not file.thumbnail_key:
            raise NotFound
        return StreamingHttpResponse(
            _chunks(blobs.read(file.thumbnail_key)), content_type="image/webp", headers=_guards(left)
        )


def _content_response(request: Request, file: StoredFile, *, max_age: int) -> StreamingHttpResponse:
    etag = f'"{file.sha256[:32]}"'
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    try:
        part = ranges.wanted(asked, file.size)
    except RangeInvalid:
        raise RangeInvalid(size=file.size) from None
    first, last = part or (0, file.size - 1)
    mime_type = "text/plain; charset=utf-8" if file.kind == StoredFile.Kind.TEXT else file.mime_type
    headers = {
        "Content-Length": str(last - first + 1),
        "Content-Disposition": content_disposition_header(file.kind not in _INLINE, file.name) or "attachment",
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }
    if part:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return StreamingHttpResponse(
        _chunks(blobs.read(file.key, first, last if part else None)),
        status=206 if part else 200,
        content_type=mime_type,
        headers=headers | _guards(max_age),
    )


def _guards(max_age: int) -> dict[str, str]:
    return {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": f"private, max-age={max_age}, immutable",
    }


async def _chunks(reader: blobs.Reader) -> AsyncIterator[bytes]:
    """Read in threads: a sync iterator would be read whole into memory first."""
    try:
        while chunk := await asyncio.to_thread(reader.read, _CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(reader.close)

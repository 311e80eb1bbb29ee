"""Multipart bodies whose file names are judged, not mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http.multipartparser import MultiPartParser as DjangoParser
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.parsers import DataAndFiles
from rest_framework.parsers import MultiPartParser

from core.files import names


class _StrictParser(DjangoParser):
    """Django drops unprintable characters, and ``photo<RTL>gpj.exe`` would come in under a mended name."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        names.safe_name(file_name)
        return super().sanitize_file_name(file_name)


class UploadParser(MultiPartParser):
    """``multipart/form-data``; raises UnsafeName while reading."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]
        meta = request.META | {"CONTENT_TYPE": media_type}
        try:
            data, files = _StrictParser(meta, stream, request.upload_handlers, "utf-8").parse()
        except MultiPartParserError as error:
            raise ParseError("The upload could not be read. Send the file as multipart/form-data.") from error
        return DataAndFiles(data, files)


class ChunkParser(BaseParser):
    """A piece of a file as bare bytes; one byte more than is allowed is read, which then shows that it is too large."""

    media_type = "application/offset+octet-stream"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002 - the base class's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> Any:
        return stream.read(settings.UPLOAD_CHUNK_BYTES + 1)

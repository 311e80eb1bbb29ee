"""What belongs to no product: the public configuration."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import modules
from core.api.pagination import CursorPagination
from core.api.shapes import Config


def public_config() -> dict[str, Any]:
    """Modules, providers (and whether they are real), languages and limits: for everybody, before anyone signs in."""
    fixed: dict[str, Any] = {
        "environment": settings.ENVIRONMENT,
        "languages": [code for code, _name in settings.LANGUAGES],
        "providers": {},
        "payments": {},
        "limits": {
            "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
            "max_message_file_bytes": settings.MAX_MESSAGE_FILE_BYTES,
            "upload_chunk_bytes": settings.UPLOAD_CHUNK_BYTES,
            "max_page_size": CursorPagination.max_page_size,
        },
    }
    offered = modules.client_config()
    for key, value in offered.items():
        fixed[key] = fixed[key] | value if isinstance(fixed.get(key), dict) else value
    return fixed


class ConfigView(APIView):
    """What the web client must know before anyone signs in."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    @extend_schema(responses=Config)
    def get(self, _request: Request) -> Response:
        """Modules, providers (and whether they are real), languages and limits."""
        return Response(public_config())

"""Chats from elsewhere."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aichat.services import importing
from core.api.request import actor
from core.files.errors import FileMissing
from core.files.parsers import UploadParser
from core.jobs.shapes import OwnJob
from core.jobs.shapes import own_jobs


class ChatImportSerializer(serializers.Serializer[None]):
    """What ``POST /api/chats/imports`` takes."""

    file = serializers.FileField(help_text="ChatGPT, Open WebUI or LibreChat: the JSON, or the ZIP that holds it.")


class ImportsView(APIView):
    """Bringing chats along from another product."""

    parser_classes = [UploadParser]
    throttle_scope = "chat_import"

    @extend_schema(request={"multipart/form-data": ChatImportSerializer}, responses={202: OwnJob})
    def post(self, request: Request) -> Response:
        """A job, told by `/api/jobs/{job_id}/status`; the same export twice makes nothing new.

        The job has `imported`, `known`, `failed` (numbers of conversations) and `failures` (`title`, `reason`).
        """
        upload = request.FILES.get("file")
        if upload is None:
            raise FileMissing
        return Response(own_jobs([importing.start(actor(request), upload=upload)])[0], status=202)

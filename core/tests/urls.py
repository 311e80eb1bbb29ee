"""Routes for the tests of the ground floor: views that go wrong in every way."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError
from django.db import OperationalError
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import include
from django.urls import path
from redis.exceptions import TimeoutError as RedisTimeoutError
from rest_framework import exceptions
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import errors
from core.api.pagination import CursorPagination
from core.files import shapes
from core.files.models import StoredFile


class _Inner(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=3)


class _Order(serializers.Serializer[Any]):
    title = serializers.CharField()
    items = _Inner(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["title"] == "odd":
            raise serializers.ValidationError("The whole is odd.")
        return attrs


class _Teapot(errors.DomainError):
    code, status, message = "teapot", 418, "This is a teapot."


FAULTS: dict[str, Exception] = {
    "domain": _Teapot(details={"cup": ["It is empty."]}, retry_after=7, spout="left"),
    "http404": Http404("inside knowledge"),
    "permission": PermissionDenied("inside knowledge"),
    "model": ModelValidationError({"name": ["Too short."]}),
    "model-list": ModelValidationError("Nothing fits."),
    "parse": exceptions.ParseError(),
    "not-authenticated": exceptions.NotAuthenticated(),
    "authentication-failed": exceptions.AuthenticationFailed("inside knowledge"),
    "denied": exceptions.PermissionDenied("inside knowledge"),
    "not-found": exceptions.NotFound("inside knowledge"),
    "method": exceptions.MethodNotAllowed("BREW"),
    "media-type": exceptions.UnsupportedMediaType("text/tea"),
    "throttled": exceptions.Throttled(wait=9.2),
    "unavailable": errors.Unavailable(),
    "suspicious": SuspiciousOperation("inside knowledge"),
    "database": OperationalError("inside knowledge"),
    "connection": InterfaceError("inside knowledge"),
    "redis": RedisTimeoutError("inside knowledge"),
    "fault": RuntimeError("inside knowledge"),
}


class FaultView(APIView):
    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    def get(self, request: Request, kind: str) -> Response:
        raise FAULTS[kind]


class OrderView(APIView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        order = _Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.validated_data)


class SecretFaultView(APIView):
    """Fails with everything it was sent in the exception."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    def post(self, request: Request) -> Response:
        import logging

        logging.getLogger("shop").warning("got %s from %s", request.data, request.get_full_path())
        raise RuntimeError(f"cannot handle {request.data} of {dict(request.headers)}")


class ListView(APIView):
    def get(self, request: Request) -> Response:
        pages = CursorPagination()
        page = pages.paginate_queryset(StoredFile.objects.visible_to(request.user), request, self)  # type: ignore[arg-type]
        return pages.get_paginated_response([shapes.shown(row) for row in page or []])


class OpenView(APIView):
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


class ScopedView(OpenView):
    throttle_scope = "login"


def plain_fault(_request: HttpRequest, kind: str) -> HttpResponse:
    raise FAULTS[kind]


urlpatterns = [
    path("api/test/fault/<str:kind>", FaultView.as_view()),
    path("api/test/order", OrderView.as_view()),
    path("api/test/secret", SecretFaultView.as_view()),
    path("api/test/list", ListView.as_view()),
    path("api/test/open", OpenView.as_view()),
    path("api/test/scoped", ScopedView.as_view()),
    path("api/test/plain/<str:kind>", plain_fault),
    path("", include("kintsugi.urls")),
]

handler404 = "core.api.handler.not_found"
handler500 = "core.api.handler.server_error"
handler403 = "core.api.handler.forbidden"
handler400 = "core.api.handler.bad_request"

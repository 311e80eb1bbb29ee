"""Calls that were, and those that go on; missed ones; settings."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls import shapes
from calls.api import bodies
from calls.services import history
from calls.services import preferences
from core.api import params
from core.api.pagination import CursorPagination
from core.api.pagination import whole
from core.api.request import actor
from core.api.request import validated


class CallsView(APIView):
    """The history."""

    @extend_schema(
        operation_id="calls_list",
        parameters=[
            OpenApiParameter("conversation_id", UUID, description="Of one conversation."),
            OpenApiParameter("missed", bool, default=False, description="Only those you missed."),
            *params.PAGE,
        ],
        responses=shapes.CallPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first: of your conversations, and those you took part in."""
        found = history.listed(
            actor(request),
            conversation_id=params.identity(request, "conversation_id"),
            missed=bool(params.flag(request, "missed")),
        )
        paginator = CursorPagination()
        rows = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response(history.shown(actor(request), rows))


class LiveView(APIView):
    """Now."""

    @extend_schema(operation_id="calls_live_list", responses=shapes.CallPage)
    def get(self, request: Request) -> Response:
        """Calls that ring or run in your conversations."""
        return whole(history.live(actor(request)))


class StatusView(APIView):
    """One call."""

    @extend_schema(responses=shapes.CallShape)
    def get(self, request: Request, call_id: UUID) -> Response:
        """As it is now."""
        return Response(history.status(actor(request), call_id))


class MissedView(APIView):
    """The badge."""

    @extend_schema(responses=shapes.MissedShape)
    def get(self, request: Request) -> Response:
        """Missed calls you have not looked at."""
        return Response(shapes.MissedShape(count=history.count_missed(actor(request))))


class SeenView(APIView):
    """Taking the badge away."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """You have looked at your missed calls."""
        history.mark_seen(actor(request))
        return Response(status=204)


class SettingsView(APIView):
    """What one wants of calls."""

    @extend_schema(responses=shapes.CallSettingsShape)
    def get(self, request: Request) -> Response:
        """As it is now."""
        return Response(preferences.of(actor(request)))

    @extend_schema(request=bodies.CallSettingsRequest, responses=shapes.CallSettingsShape)
    def put(self, request: Request) -> Response:
        """Say it anew; it holds from the next call on."""
        body = validated(request, bodies.CallSettingsRequest)
        return Response(preferences.change(actor(request), hide_address=body.hide_address, ring=body.ring))

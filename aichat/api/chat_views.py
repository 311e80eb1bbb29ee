"""Chats, the models one may use, and what a question would cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aichat import presentation
from aichat.api import serializers
from aichat.api.actor import actor
from aichat.engine import engine
from aichat.models import Chat
from aichat.services import chats
from aichat.services import exports
from aichat.services import messages
from billing import metering
from core import llm
from core.api.pagination import CursorPagination
from core.errors import InvalidInput

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class ChatPagination(CursorPagination):
    """Last used first."""

    ordering = ("-updated_at", "-id")  # type: ignore[assignment]  # the base class says so itself in its docs


def _flag(request: Request, name: str) -> bool | None:
    value = request.query_params.get(name)
    if value is None or value == "":
        return None
    if value.lower() not in _TRUTHS:
        raise InvalidInput(details={name: ["Use true or false."]})
    return _TRUTHS[value.lower()]


class ChatsView(APIView):
    """One's own chats."""

    @extend_schema(
        operation_id="chats_list",
        parameters=[
            OpenApiParameter("search", str, description="Words in the title or in any message."),
            OpenApiParameter("archived", bool, default=False),
            OpenApiParameter("pinned", bool, description="Absent: both."),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor", str),
        ],
        responses=serializers.page_of(serializers.ChatSerializer, "ChatPageSerializer"),
    )
    def get(self, request: Request) -> Response:
        """Last used first; temporary chats are not listed."""
        paginator = ChatPagination()
        rows = paginator.paginate_queryset(self._chats(request), request, view=self)
        return paginator.get_paginated_response([presentation.chat(row) for row in rows or []])

    @extend_schema(request=serializers.NewChatSerializer, responses={201: serializers.ChatSerializer})
    def post(self, request: Request) -> Response:
        """Begin a chat."""
        values = serializers.NewChatSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        chat = chats.create_chat(actor(request), **values.validated_data)
        return Response(presentation.chat(chat), status=201)

    def _chats(self, request: Request) -> QuerySet[Chat]:
        found = Chat.objects.visible_to(actor(request)).listed().filter(archived=_flag(request, "archived") or False)
        pinned = _flag(request, "pinned")
        if pinned is not None:
            found = found.filter(pinned=pinned)
        if words := request.query_params.get("search", "").strip():
            found = found.matching(words[:200].replace("\x00", ""))
        return found


class ChatView(APIView):
    """One chat of one's own."""

    @extend_schema(responses=serializers.ChatSerializer)
    def get(self, request: Request, chat_id: UUID) -> Response:
        """The chat, without its messages."""
        return Response(presentation.chat(chats.own_chat(actor(request), chat_id)))

    @extend_schema(request=serializers.ChatChangeSerializer, responses=serializers.ChatSerializer)
    def patch(self, request: Request, chat_id: UUID) -> Response:
        """Rename, pin, archive, set up, or show another branch."""
        values = serializers.ChatChangeSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        changes = dict(values.validated_data)
        leaf = changes.pop("active_message_id", None)
        if leaf is not None:
            chats.switch_branch(actor(request), chat_id=chat_id, message_id=leaf)
        return Response(presentation.chat(chats.update_chat(actor(request), chat_id=chat_id, **changes)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, chat_id: UUID) -> Response:
        """Remove the chat and all its messages; an answer that is being written stops."""
        running = chats.delete_chat(actor(request), chat_id=chat_id)
        if isinstance(request._request, ASGIRequest):
            for message_id in running:
                async_to_sync(engine.stop)(message_id)
        return Response(status=204)


class ExportView(APIView):
    """A chat to take away."""

    @extend_schema(
        parameters=[OpenApiParameter("as", str, enum=["markdown", "json"], default="markdown")],
        responses={(200, "text/markdown"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, chat_id: UUID) -> StreamingHttpResponse:
        """The shown branch as Markdown, or every message of every branch as JSON."""
        chat = chats.own_chat(actor(request), chat_id)
        form = request.query_params.get("as", "markdown")
        if form not in exports.FORMS:
            raise InvalidInput(details={"as": ["Use markdown or json."]})
        chosen = exports.FORMS[form]
        name = exports.file_name(chat, chosen.extension)
        return StreamingHttpResponse(
            chosen.write(chat),
            content_type=chosen.content_type,
            headers={
                "Content-Disposition": content_disposition_header(True, name) or "attachment",  # noqa: FBT003
                "Cache-Control": "no-store",
            },
        )


class ModelsView(APIView):
    """The catalogue."""

    @extend_schema(
        operation_id="chats_models_list",
        parameters=[OpenApiParameter("all", bool, default=False, description="Also those above the user's plan.")],
        responses=serializers.ModelPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """What this user may use."""
        tier = metering.tier_of(actor(request).pk)
        results = [
            _model(model, available=metering.tier_allows(tier, model.min_tier)) for model in llm.catalogue.visible()
        ]
        if not _flag(request, "all"):
            results = [model for model in results if model["available"]]
        return Response({"results": results, "next": None, "previous": None})


class EstimateView(APIView):
    """The price of a question before it is asked."""

    @extend_schema(request=serializers.EstimateRequestSerializer, responses=serializers.EstimateSerializer)
    def post(self, request: Request) -> Response:
        """Prompt tokens, the longest possible answer, and whether the allowance covers it. Nothing is written."""
        values = serializers.EstimateRequestSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        estimate = messages.estimate(actor(request), **values.validated_data)
        return Response(serializers.EstimateSerializer(estimate).data)


def _model(model: llm.Model, *, available: bool) -> dict[str, Any]:
    prices = {"input_price": model.input_price, "output_price": model.output_price}
    names = ("id", "name", "provider", "context_window", "max_output_tokens", "min_tier", "vision", "tools", "is_demo")
    return {
        **{name: getattr(model, name) for name in names},
        "available": available,
        "parameters": sorted(model.parameters),
        **{name: None if price is None else f"{price:f}" for name, price in prices.items()},
    }

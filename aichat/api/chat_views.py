"""Chats, the models one may use, and what a question would cost."""

from __future__ import annotations

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

from aichat import habits
from aichat import model_menu
from aichat import presentation
from aichat import search
from aichat import shapes
from aichat.api import bodies
from aichat.costs import shown_to
from aichat.engine import engines
from aichat.models import Chat
from aichat.services import chats
from aichat.services import estimates
from aichat.services import exports
from aichat.services import preferences
from billing import metering
from core import llm
from core.api import params
from core.api.pagination import CursorPagination
from core.api.pagination import whole
from core.api.request import actor
from core.api.request import validated


class ChatPagination(CursorPagination):
    """Last used first."""

    ordering = ("-updated_at", "-id")  # type: ignore[assignment]  # the base class says so itself in its docs


class ChatsView(APIView):
    """One's own chats."""

    @extend_schema(
        operation_id="chats_list",
        parameters=[
            OpenApiParameter("search", str, description="Words in the title or in a message; all must be there."),
            OpenApiParameter("archived", bool, default=False),
            OpenApiParameter("pinned", bool, description="Absent: both."),
            *params.PAGE,
        ],
        responses=shapes.ChatPage,
    )
    def get(self, request: Request) -> Response:
        """Last used first; temporary chats are not listed."""
        paginator = ChatPagination()
        rows = paginator.paginate_queryset(self._chats(request), request, view=self) or []
        words = params.words(request)
        found = search.hits(rows, words) if words and rows else {}
        return paginator.get_paginated_response([presentation.chat(row, found=found.get(row.pk)) for row in rows])

    @extend_schema(request=bodies.NewChatRequest, responses={201: shapes.Chat})
    def post(self, request: Request) -> Response:
        """Begin a chat."""
        sent = validated(request, bodies.NewChatRequest).model_dump(exclude_unset=True)
        chat = chats.create_chat(actor(request), **sent)
        return Response(presentation.chat(chat), status=201)

    def _chats(self, request: Request) -> QuerySet[Chat]:
        archived, pinned = params.flag(request, "archived"), params.flag(request, "pinned")
        found = Chat.objects.visible_to(actor(request)).listed().filter(archived=archived or False)
        if pinned is not None:
            found = found.filter(pinned=pinned)
        if words := params.words(request):
            found = found.matching(words)
        return found


class ChatView(APIView):
    """One chat of one's own."""

    @extend_schema(responses=shapes.Chat)
    def get(self, request: Request, chat_id: UUID) -> Response:
        """The chat, without its messages."""
        return Response(presentation.chat(chats.own_chat(actor(request), chat_id)))

    @extend_schema(request=bodies.ChatChangeRequest, responses=shapes.Chat)
    def patch(self, request: Request, chat_id: UUID) -> Response:
        """Rename, pin, archive, set up, or show another branch."""
        changes = validated(request, bodies.ChatChangeRequest).model_dump(exclude_unset=True)
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
                async_to_sync(engines.stop)(message_id)
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
        chosen = exports.FORMS[params.choice(request, "as", frozenset(exports.FORMS)) or "markdown"]
        name = exports.file_name(chat, chosen.extension)
        return StreamingHttpResponse(
            chosen.write(chat, shown_to(actor(request))),
            content_type=chosen.content_type,
            headers={
                "Content-Disposition": content_disposition_header(True, name) or "attachment",  # noqa: FBT003
                "Cache-Control": "no-store",
            },
        )


class PreferencesView(APIView):
    """What holds for all chats of the user."""

    @extend_schema(responses=shapes.ChatInstructions)
    def get(self, request: Request) -> Response:
        """As it is now."""
        return Response(shapes.ChatInstructions(instructions=preferences.instructions(actor(request))))

    @extend_schema(request=bodies.ChatInstructionsRequest, responses=shapes.ChatInstructions)
    def put(self, request: Request) -> Response:
        """Say it anew; it holds from the next question on."""
        body = validated(request, bodies.ChatInstructionsRequest)
        said = preferences.set_instructions(actor(request), body.instructions)
        return Response(shapes.ChatInstructions(instructions=said))


class ModelsView(APIView):
    """The catalogue."""

    @extend_schema(
        operation_id="chats_models_list",
        parameters=[
            OpenApiParameter("all", bool, default=False, description="Also those above the user's plan."),
            OpenApiParameter("ended", bool, default=False, description="Also those that their makers switched off."),
        ],
        responses=shapes.ModelPage,
    )
    def get(self, request: Request) -> Response:
        """What this user may use."""
        tier = metering.tier_of(actor(request).pk)
        everything = bool(params.flag(request, "all"))
        offered = [(model, metering.tier_allows(tier, model.min_tier)) for model in llm.catalogue.visible()]
        default = llm.catalogue.default(lambda need: metering.tier_allows(tier, need)).id if offered else ""
        known = habits.known()
        shown = [
            model_menu.model(
                model, available=available, default=model.id == default, known=known.get((model.id, model.effort))
            )
            for model, available in offered
            if available or everything
        ]
        if params.flag(request, "ended"):
            shown += [model_menu.model(model, available=False, ended=True) for model in llm.catalogue.ended()]
        return whole(shown)


class EstimateView(APIView):
    """The price of a question before it is asked."""

    @extend_schema(request=bodies.EstimateRequest, responses=shapes.Estimate)
    def post(self, request: Request) -> Response:
        """Prompt tokens, the longest possible answer, and whether the allowance covers it. Nothing is written."""
        asked = validated(request, bodies.EstimateRequest).model_dump(exclude_unset=True)
        return Response(estimates.estimate(actor(request), **asked))

"""Messages of a chat, and the streams that bring their answers."""

from __future__ import annotations

import time
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound as InvalidCursor
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aichat import branches
from aichat import presentation
from aichat import shapes
from aichat.api import bodies
from aichat.api import sse
from aichat.costs import shown_to
from aichat.engine import engines
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import messages
from aichat.services.chats import own_chat
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import validated
from core.api.streaming import AnyAccept
from core.errors import NotFound

_STOP_SECONDS = 2.0


class _Streaming(APIView):
    """A view whose good answer is a stream of events."""

    content_negotiation_class = AnyAccept


class _Generating(_Streaming):
    throttle_scope = "generation"


class MessagesView(_Streaming):
    """The shown branch of a chat, and the door for questions."""

    @property
    def throttle_scope(self) -> str | None:
        """Reading is not generating."""
        return "generation" if self.request.method == "POST" else None

    @extend_schema(
        operation_id="chats_messages_list",
        parameters=params.PAGE,
        responses=shapes.MessagePage,
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        """Newest first, from the active leaf towards the beginning; `previous` is always null."""
        limit = CursorPagination().get_page_size(request) or CursorPagination.page_size
        rows = branches.page(actor(request).pk, chat_id=chat_id, start=_cursor(request), limit=limit)
        if not rows:
            own_chat(actor(request), chat_id)
            if _cursor(request):
                raise InvalidCursor
        older = rows[-1].parent_id if rows else None
        path = reverse("chat-messages", args=[chat_id])
        following = f"{path}?cursor={older}&limit={limit}" if older else None
        return Response(
            {"results": presentation.page(rows, shown_to(actor(request))), "next": following, "previous": None}
        )

    @extend_schema(request=bodies.NewMessageRequest, responses=sse.RESPONSES)
    def post(self, request: Request, chat_id: UUID) -> HttpResponseBase:
        """Ask; the answer streams. A repeated `client_id` attaches to the first answer and is not charged again."""
        asked = validated(request, bodies.NewMessageRequest).model_dump(exclude_unset=True)
        exchange = messages.post_message(actor(request), chat_id=chat_id, **asked)
        return sse.begin(request, exchange)


class RegenerateView(_Generating):
    """Another answer to the same question."""

    @extend_schema(request=bodies.RegenerateRequest, responses=sse.RESPONSES)
    def post(self, request: Request, chat_id: UUID, message_id: UUID) -> HttpResponseBase:
        """A new sibling of the answer, by the chat's model or by `model`."""
        chosen = validated(request, bodies.RegenerateRequest).model_dump(exclude_unset=True)
        exchange = messages.regenerate(actor(request), chat_id=chat_id, message_id=message_id, **chosen)
        return sse.begin(request, exchange)


class ContinueView(_Generating):
    """The rest of an answer that did not end by itself."""

    @extend_schema(request=bodies.ContinueRequest, responses=sse.RESPONSES)
    def post(self, request: Request, chat_id: UUID, message_id: UUID) -> HttpResponseBase:
        """The same message grows; positions go on from its length, which is the id of the first event."""
        asked = validated(request, bodies.ContinueRequest).model_dump(exclude_unset=True)
        exchange = messages.continue_message(actor(request), chat_id=chat_id, message_id=message_id, **asked)
        return sse.begin(request, exchange)


class StreamView(_Streaming):
    """An answer once more, or the rest of it."""

    @extend_schema(parameters=sse.POSITION, responses={**sse.RESPONSES, 204: None})
    def get(self, request: Request, chat_id: UUID, message_id: UUID) -> HttpResponseBase:
        """From the last event received on, from any process; 204 after the last one."""
        row = _message(request, chat_id, message_id)
        position = sse.last_position(request)
        if position is None:
            return HttpResponse(status=204)
        return sse.resume(request, row, position)


class StopView(APIView):
    """The end of an answer before its end."""

    @extend_schema(request=None, responses=shapes.Message)
    def post(self, request: Request, chat_id: UUID, message_id: UUID) -> Response:
        """Stops the provider and charges what was generated; an answer that has ended is returned as it is."""
        row = messages.request_stop(actor(request), chat_id=chat_id, message_id=message_id)
        if row.is_running:
            async_to_sync(engines.stop)(row.pk)
            row = _ended(row)
        return Response(presentation.single(row, shown_to(actor(request))))


class SeenView(APIView):
    """That an answer is before its owner's eyes."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, chat_id: UUID, message_id: UUID) -> Response:
        """Devices are not told of it, or take back what they show."""
        messages.mark_seen(actor(request), chat_id=chat_id, message_id=message_id)
        return Response(status=204)


def _cursor(request: Request) -> UUID | None:
    given = request.query_params.get("cursor")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise InvalidCursor from None


def _message(request: Request, chat_id: UUID, message_id: UUID) -> ChatMessage:
    row = ChatMessage.objects.visible_to(actor(request)).filter(pk=message_id, chat_id=chat_id).first()
    if row is None:
        raise NotFound
    return row


def _ended(row: ChatMessage) -> ChatMessage:
    """The row once its process, which looks once a second, has let go; as it is when that takes too long."""
    deadline = time.monotonic() + _STOP_SECONDS
    while True:
        row = answers.current([row.pk]).get(row.pk, row)
        if not row.is_running or time.monotonic() > deadline:
            return row
        time.sleep(0.1)

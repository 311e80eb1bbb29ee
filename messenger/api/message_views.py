"""Messages: the conversation's history, and what can be done with one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import params
from core.api.pagination import CursorPagination
from core.api.pagination import whole
from core.api.request import actor
from core.api.request import limit
from core.api.request import validated
from messenger import history
from messenger import receipts
from messenger.api import bodies
from messenger.presentation import answers
from messenger.presentation import messages as presentation
from messenger.services import messages
from messenger.services import pins
from messenger.services import reactions
from messenger.services.locking import visible
from messenger.shapes import MessageShape


def sent(message: messages.Sent) -> answers.SentMessage:
    """A message that was sent, and whether it had been before."""
    return answers.SentMessage.model_construct(**dict(message.message), duplicate=message.duplicate)


class MessagesView(APIView):
    """What is said in a conversation."""

    @extend_schema(
        operation_id="messenger_messages_list",
        parameters=[
            OpenApiParameter("before_seq", int, description="Older than this position."),
            OpenApiParameter("after_seq", int, description="Newer than this position."),
            OpenApiParameter("around_seq", int, description="This position in the middle."),
            OpenApiParameter("limit", int),
        ],
        responses=answers.HistoryPage,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """In the order they were said; without a position the newest."""
        limit = CursorPagination().get_page_size(request) or CursorPagination.page_size
        places = {name: params.position(request, name) for name in ("before_seq", "after_seq", "around_seq")}
        page = history.page(actor(request), conversation_id=conversation_id, limit=limit, **places)
        path = reverse("messenger-messages", args=[conversation_id])
        return Response(
            {
                "results": page.messages,
                "has_before": page.has_before,
                "has_after": page.has_after,
                "next": _link(path, "after_seq", page.messages[-1:], limit) if page.has_after else None,
                "previous": _link(path, "before_seq", page.messages[:1], limit) if page.has_before else None,
            }
        )

    @extend_schema(request=bodies.NewTextRequest, responses={201: answers.SentMessage, 200: answers.SentMessage})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Say something. 200 with `duplicate` for a `client_id` that was sent before: nothing is written again."""
        body = validated(request, bodies.NewTextRequest)
        said = messages.send(actor(request), conversation_id=conversation_id, **dict(body))
        return Response(sent(said), status=200 if said.duplicate else 201)


def _link(path: str, name: str, messages_at_end: list[dict[str, Any]], limit: int) -> str | None:
    return f"{path}?{name}={messages_at_end[0]['seq']}&limit={limit}" if messages_at_end else None


class DayView(APIView):
    """Where a day begins."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "date",
                str,
                required=True,
                description="When the reader's day begins, such as 2026-01-30T22:00:00Z; a day alone is one of UTC.",
            )
        ],
        responses=answers.Place,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """The position of the first message at or after that moment; null when there is none."""
        begins = params.moment(request, "date") or params.beginning(request, "date")
        return Response({"seq": history.first_since(actor(request), conversation_id=conversation_id, begins=begins)})


class PinsView(APIView):
    """What is kept in sight."""

    @extend_schema(operation_id="messenger_pins_list", responses=answers.MessageShapePage)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """All of them, the newest pin first."""
        found = history.pinned(actor(request), conversation_id=conversation_id)
        return whole(found)


class MessageView(APIView):
    """One message."""

    @extend_schema(responses=MessageShape)
    def get(self, request: Request, message_id: UUID) -> Response:
        """The message as it is now."""
        visible(actor(request), message_id)
        return _message(message_id)

    @extend_schema(request=bodies.TextChangeRequest, responses=MessageShape)
    def put(self, request: Request, message_id: UUID) -> Response:
        """Write one's own message anew, within 48 hours."""
        body = validated(request, bodies.TextChangeRequest)
        return Response(messages.edit(actor(request), message_id=message_id, content=body.content))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, message_id: UUID) -> Response:
        """Take a message back for everybody: its sender, and admins of the group."""
        messages.delete(actor(request), message_id=message_id)
        return Response(status=204)


class ForwardView(APIView):
    """The same elsewhere."""

    @extend_schema(request=bodies.ForwardRequest, responses={201: answers.Forwarded})
    def post(self, request: Request, message_id: UUID) -> Response:
        """Into all of the conversations, or into none."""
        body = validated(request, bodies.ForwardRequest)
        limit(request, "forward", amount=len(body.conversation_ids))
        forwarded = messages.forward(actor(request), message_id=message_id, **dict(body))
        return Response({"results": [sent(one) for one in forwarded]}, status=201)


class ReactionsView(APIView):
    """Emoji at a message."""

    @extend_schema(request=bodies.ReactionRequest, responses={201: MessageShape, 200: MessageShape})
    def post(self, request: Request, message_id: UUID) -> Response:
        """Put an emoji; 200 when one's own is there already."""
        body = validated(request, bodies.ReactionRequest)
        added = reactions.add(actor(request), message_id=message_id, emoji=body.emoji)
        return _message(message_id, status=201 if added else 200)


class ReactionView(APIView):
    """One's own emoji at a message."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, message_id: UUID, emoji: str) -> Response:
        """Take it away; once more changes nothing."""
        reactions.remove(actor(request), message_id=message_id, emoji=emoji)
        return Response(status=204)


class PinView(APIView):
    """Whether a message is kept in sight."""

    @extend_schema(request=None, responses=MessageShape)
    def put(self, request: Request, message_id: UUID) -> Response:
        """Pin: any member of a direct conversation, the admins of a group."""
        return Response(pins.pin(actor(request), message_id=message_id))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, message_id: UUID) -> Response:
        """Unpin."""
        pins.unpin(actor(request), message_id=message_id)
        return Response(status=204)


class _Joined(CursorPagination):
    ordering = "id"


class ReceiptsView(APIView):
    """Who has read a message."""

    @extend_schema(
        operation_id="messenger_receipts_list",
        parameters=params.PAGE,
        responses=answers.ReceiptPage,
    )
    def get(self, request: Request, message_id: UUID) -> Response:
        """The members who have, but for the one who wrote it, and when."""
        viewer = actor(request)
        message = visible(viewer, message_id)
        paginator = _Joined()
        readers = receipts.readers(message, viewer).select_related("user")
        members = paginator.paginate_queryset(readers, request, view=self) or []
        return paginator.get_paginated_response(receipts.listed(message, members))


def _message(message_id: UUID, *, status: int = 200) -> Response:
    return Response(presentation.shown([message_id])[message_id], status=status)

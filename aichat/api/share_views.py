"""Links to chats: for their owners, and for whoever has one."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aichat import presentation
from aichat import shapes
from aichat.api import bodies
from aichat.services import sharing
from core.api.pagination import whole
from core.api.request import actor
from core.api.request import limit
from core.api.request import queried
from core.api.request import validated


class ChatSharesView(APIView):
    """Links to one chat of one's own."""

    @extend_schema(operation_id="chats_shares_list", responses=shapes.SharePage)
    def get(self, request: Request, chat_id: UUID) -> Response:
        """Those that were not withdrawn, newest first."""
        return whole([presentation.share(row) for row in sharing.listed(actor(request), chat_id=chat_id)])

    @extend_schema(request=bodies.NewShareRequest, responses={201: shapes.NewShare})
    def post(self, request: Request, chat_id: UUID) -> Response:
        """A new link to the shown branch as it is now. It is told here and never again."""
        body = validated(request, bodies.NewShareRequest)
        limit(request, "share")
        made = sharing.create(actor(request), chat_id=chat_id, **body.model_dump(exclude_unset=True))
        shown = shapes.NewShare(**presentation.share(made.share).model_dump(), url=made.url)
        return Response(shown, status=201, headers={"Cache-Control": "no-store"})


class SharesView(APIView):
    """All of one's links."""

    @extend_schema(operation_id="chat_shares_list", responses=shapes.SharePage)
    def get(self, request: Request) -> Response:
        """To whichever chat, newest first."""
        return whole([presentation.share(row) for row in sharing.listed(actor(request))])


class ShareView(APIView):
    """One link."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, share_id: UUID) -> Response:
        """Withdraw it: from then on it is a 404."""
        sharing.revoke(actor(request), share_id=share_id)
        return Response(status=204)


class SharedChatView(APIView):
    """A chat as whoever has the link reads it, signed in or not."""

    permission_classes = [AllowAny]
    throttle_scope = "shared_chat"

    @extend_schema(
        parameters=[OpenApiParameter("start", int, description="The first message, from 0.")],
        responses=shapes.SharedChat,
    )
    def get(self, request: Request, token: str) -> Response:
        """Oldest first, some at a time."""
        start = queried(request, bodies.SharedQuery).start
        shown = sharing.read(token, start=start)
        return Response(shown, headers={"X-Robots-Tag": "noindex", "Cache-Control": "no-store"})

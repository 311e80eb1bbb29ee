"""Finding messages and files, and how much is unread."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import params
from core.api.pagination import CursorPagination
from core.api.pagination import whole
from core.api.request import actor
from core.api.request import validated
from core.errors import InvalidInput
from core.files import links
from core.models import StoredFile
from messenger import media
from messenger import search
from messenger.access import member_of
from messenger.api import bodies
from messenger.models import Message
from messenger.presentation import answers
from messenger.presentation import messages as presentation
from messenger.services import reads
from messenger.services import typing

_KINDS = frozenset({"image", "video", "audio", "file"})
_TYPES = _KINDS | {"text"}


class SearchView(APIView):
    """Messages by what is in them."""

    throttle_scope = "search"

    @extend_schema(
        operation_id="messenger_search",
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words, or parts of words; all must be there."),
            OpenApiParameter("conversation_id", UUID),
            OpenApiParameter("from", UUID, description="The id of who wrote it."),
            OpenApiParameter("before", str, description="A time, or a day (UTC)."),
            OpenApiParameter("after", str, description="A time, or a day (UTC): then or later."),
            OpenApiParameter("type", str, enum=sorted(_TYPES)),
            *params.PAGE,
        ],
        responses=answers.HitPage,
    )
    def get(self, request: Request) -> Response:
        """In all conversations one is a member of, newest first."""
        wanted = self._wanted(request)
        paginator = CursorPagination()
        found = search.find(actor(request), wanted).values("id")
        rows = paginator.paginate_queryset(found, request, view=self) or []
        return paginator.get_paginated_response(search.hits(actor(request), [row["id"] for row in rows], wanted.words))

    def _wanted(self, request: Request) -> search.Wanted:
        words = request.query_params.get("q", "").replace("\x00", "").strip()[: search.MAX_CHARS]
        if not words:
            raise InvalidInput(details={"q": ["Say what to look for."]})
        return search.Wanted(
            words,
            conversation_id=params.identity(request, "conversation_id"),
            sender_id=params.identity(request, "from"),
            before=params.moment(request, "before"),
            after=params.moment(request, "after"),
            message_type=params.choice(request, "type", _TYPES),
        )


class MediaView(APIView):
    """The files of a conversation."""

    @extend_schema(
        operation_id="messenger_media_list",
        parameters=[OpenApiParameter("kind", str, enum=sorted(_KINDS)), *params.PAGE],
        responses=answers.MessageShapePage,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """The messages that have one, newest first."""
        member = member_of(actor(request), conversation_id)
        kind = params.choice(request, "kind", _KINDS)
        found = Message.objects.filter(conversation_id=conversation_id, media__isnull=False, seq__gt=member.cleared_seq)
        found = found.filter(message_type=kind) if kind else found
        paginator = CursorPagination()
        rows = paginator.paginate_queryset(found.values("id"), request, view=self) or []
        shown = presentation.shown([row["id"] for row in rows])
        return paginator.get_paginated_response([shown[row["id"]] for row in rows])


class MediaLinksView(APIView):
    """Links to the bytes of files."""

    @extend_schema(request=bodies.MediaIdsRequest, responses=answers.MediaLinkList)
    def post(self, request: Request) -> Response:
        """For files of messages and stories one may see; others are left out."""
        body = validated(request, bodies.MediaIdsRequest)
        return whole([_link(file) for file in media.visible_files(actor(request), body.ids)])


def _link(file: StoredFile) -> answers.MediaLink:
    return answers.MediaLink(
        id=file.pk,
        url=links.content_url(file.pk),
        thumbnail_url=links.thumbnail_url(file),
        expires_at=datetime.fromtimestamp(links.expiry(), UTC),
    )


class UnreadView(APIView):
    """How much is unread."""

    @extend_schema(responses=answers.UnreadTotal)
    def get(self, request: Request) -> Response:
        """In all of one's conversations together."""
        return Response(answers.UnreadTotal.model_validate(reads.unread(actor(request)), from_attributes=True))


class ReadView(APIView):
    """How far one has read."""

    @extend_schema(request=bodies.ReadRequest, responses=answers.ReadPosition)
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Everything up to the message was seen; a message further up changes nothing."""
        body = validated(request, bodies.ReadRequest)
        at = reads.mark(actor(request), conversation_id=conversation_id, message_id=body.message_id)
        return Response(answers.ReadPosition.model_validate(at, from_attributes=True))


class TypingView(APIView):
    """Whether one is writing."""

    @extend_schema(request=bodies.TypingRequest, responses={204: None})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Tell the others; forgotten after six seconds without a word."""
        body = validated(request, bodies.TypingRequest)
        typing.notify(actor(request), conversation_id=conversation_id, is_typing=body.is_typing)
        return Response(status=204)

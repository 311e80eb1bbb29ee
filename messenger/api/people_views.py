"""Other people: whom one knows, finds and blocks, and who is here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.pagination import CursorPagination
from messenger.api import asked
from messenger.api import serializers_conversations as serializers
from messenger.api.actor import actor
from messenger.models import Block
from messenger.presentation import presence
from messenger.presentation import shapes
from messenger.presentation.people import person
from messenger.services import blocks
from messenger.services import contacts

_MOST_ASKED = 100
_FOUND = 20


class _LastMetFirst(CursorPagination):
    ordering = ("-met_at", "-id")  # type: ignore[assignment]  # the base class says so itself in its docs


class ContactsView(APIView):
    """People one shares a conversation with."""

    @extend_schema(operation_id="messenger_contacts_list", parameters=asked.PAGE, responses=shapes.ContactPage)
    def get(self, request: Request) -> Response:
        """Most recent first, and whether they are here."""
        user, paginator = actor(request), _LastMetFirst()
        page = paginator.paginate_queryset(contacts.contacts(user), request, view=self) or []
        seen = presence.of(contacts.known(user, [row.pk for row in page]))
        return paginator.get_paginated_response(
            [{"user": person(row).model_dump()} | presence.fields(seen.get(row.pk)) for row in page]
        )


class UsersView(APIView):
    """Finding people."""

    throttle_scope = "user_search"

    @extend_schema(
        operation_id="messenger_users_list",
        parameters=[
            OpenApiParameter("search", str, required=True, description="At least two characters of a user name."),
            OpenApiParameter("limit", int, default=_FOUND),
        ],
        responses=shapes.PersonPage,
    )
    def get(self, request: Request) -> Response:
        """Those whose name begins so, then those whose name holds it. The best ones only: there is no second page."""
        limit = CursorPagination().get_page_size(request) if "limit" in request.query_params else _FOUND
        found = contacts.search(actor(request), words=asked.words(request), limit=limit or _FOUND)
        return _whole([person(row).model_dump() for row in found])


class PresenceView(APIView):
    """Who is here."""

    @extend_schema(
        operation_id="messenger_presence_list",
        parameters=[OpenApiParameter("user_ids", str, required=True, description="At most 100, commas between them.")],
        responses=shapes.PresencePage,
    )
    def get(self, request: Request) -> Response:
        """Only of people one shares a conversation with; nobody who is blocked, either way."""
        wanted = asked.ids(request, "user_ids", most=_MOST_ASKED)
        seen = presence.of(contacts.known(actor(request), wanted))
        return _whole([shape.model_dump() for shape in seen.values()])


class BlocksView(APIView):
    """Whom one has blocked."""

    @extend_schema(operation_id="messenger_blocks_list", parameters=asked.PAGE, responses=shapes.BlockPage)
    def get(self, request: Request) -> Response:
        """Newest first."""
        paginator = CursorPagination()
        rows = Block.objects.filter(blocker=actor(request)).select_related("blocked")
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([_block(row) for row in page])

    @extend_schema(request=serializers.NewBlockSerializer, responses={201: shapes.BlockShape, 200: shapes.BlockShape})
    def post(self, request: Request) -> Response:
        """Block somebody; 200 when they were blocked already."""
        row, created = blocks.block(actor(request), **asked.validated(serializers.NewBlockSerializer, request))
        return Response(_block(row), status=201 if created else 200)


class BlockView(APIView):
    """One block of one's own."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Take it back."""
        blocks.unblock(actor(request), user_id=user_id)
        return Response(status=204)


def _block(row: Block) -> dict[str, Any]:
    return shapes.BlockShape(user=person(row.blocked), created_at=row.created_at).model_dump()


def _whole(results: list[dict[str, Any]]) -> Response:
    """A list that has one page."""
    return Response({"results": results, "next": None, "previous": None})

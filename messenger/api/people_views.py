"""Other people: whom one knows, finds and blocks, and who is here."""

from __future__ import annotations

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
from messenger import limits
from messenger.api import bodies
from messenger.models import Block
from messenger.presentation import answers
from messenger.presentation import presence
from messenger.presentation.people import person
from messenger.services import blocks
from messenger.services import contacts

_FOUND = 20


class _LastMetFirst(CursorPagination):
    ordering = ("-met_at", "-id")  # type: ignore[assignment]  # the base class says so itself in its docs


class ContactsView(APIView):
    """People one shares a conversation with."""

    @extend_schema(operation_id="messenger_contacts_list", parameters=params.PAGE, responses=answers.ContactPage)
    def get(self, request: Request) -> Response:
        """Most recent first, and whether they are here."""
        user, paginator = actor(request), _LastMetFirst()
        page = paginator.paginate_queryset(contacts.contacts(user), request, view=self) or []
        seen = presence.of(contacts.known(user, [row.pk for row in page]))
        return paginator.get_paginated_response(
            [answers.Contact(user=person(row), **presence.fields(seen.get(row.pk))) for row in page]
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
        responses=answers.PersonPage,
    )
    def get(self, request: Request) -> Response:
        """Those whose name begins so, then those who have it inside. The best ones only: there is no second page."""
        limit = CursorPagination().get_page_size(request) if "limit" in request.query_params else _FOUND
        found = contacts.search(actor(request), words=params.words(request), limit=limit or _FOUND)
        return whole([person(row) for row in found])


class PresenceView(APIView):
    """Who is here."""

    @extend_schema(
        operation_id="messenger_presence_list",
        parameters=[OpenApiParameter("user_ids", str, required=True, description="At most 100, commas between them.")],
        responses=answers.PresencePage,
    )
    def get(self, request: Request) -> Response:
        """Only of people one shares a conversation with; nobody who is blocked, either way."""
        wanted = params.ids(request, "user_ids", most=limits.IDS_ASKED)
        seen = presence.of(contacts.known(actor(request), wanted))
        return whole(list(seen.values()))


class BlocksView(APIView):
    """Whom one has blocked."""

    @extend_schema(operation_id="messenger_blocks_list", parameters=params.PAGE, responses=answers.BlockPage)
    def get(self, request: Request) -> Response:
        """Newest first."""
        paginator = CursorPagination()
        rows = Block.objects.filter(blocker=actor(request)).select_related("blocked")
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([_block(row) for row in page])

    @extend_schema(request=bodies.NewBlockRequest, responses={201: answers.BlockShape, 200: answers.BlockShape})
    def post(self, request: Request) -> Response:
        """Block somebody; 200 when they were blocked already."""
        row, created = blocks.block(actor(request), user_id=validated(request, bodies.NewBlockRequest).user_id)
        return Response(_block(row), status=201 if created else 200)


class BlockView(APIView):
    """One block of one's own."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Take it back."""
        blocks.unblock(actor(request), user_id=user_id)
        return Response(status=204)


def _block(row: Block) -> answers.BlockShape:
    return answers.BlockShape(user=person(row.blocked), created_at=row.created_at)

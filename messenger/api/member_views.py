"""Members of groups, and links by which people become members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.pagination import CursorPagination
from messenger import access
from messenger.api import asked
from messenger.api import serializers_conversations as serializers
from messenger.api.actor import actor
from messenger.api.actor import limit
from messenger.events import ConversationShape
from messenger.events import ParticipantShape
from messenger.models import Invite
from messenger.presentation import conversations as presentation
from messenger.presentation import shapes
from messenger.presentation.people import person
from messenger.services import invites
from messenger.services import participants


class _AsTheyCame(CursorPagination):
    ordering = "id"


class ParticipantsView(APIView):
    """Who is there."""

    @extend_schema(
        operation_id="messenger_participants_list",
        parameters=[OpenApiParameter("search", str, description="Part of a user name."), *asked.PAGE],
        responses=shapes.ParticipantPage,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """In the order they came."""
        rows = access.member_of(actor(request), conversation_id).conversation.participants.all()
        if wanted := asked.words(request):
            rows = rows.filter(user__username__icontains=wanted)
        paginator = _AsTheyCame()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        found = presentation.participants([row.pk for row in page])
        return paginator.get_paginated_response([one.model_dump() for one in found])

    @extend_schema(request=serializers.NewParticipantsSerializer, responses=shapes.ParticipantsAdded)
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Bring people in; admins may. Who is in already is passed over and not in the answer."""
        values = asked.validated(serializers.NewParticipantsSerializer, request)
        limit(request, "bring_in", amount=len(values["user_ids"]))
        added = participants.add(actor(request), conversation_id=conversation_id, **values)
        return Response(added.model_dump(exclude={"conversation_id"}))


class ParticipantView(APIView):
    """One member."""

    @extend_schema(request=serializers.RoleSerializer, responses=ParticipantShape)
    def patch(self, request: Request, conversation_id: UUID, user_id: UUID) -> Response:
        """Make somebody an admin or a member; admins may."""
        values = asked.validated(serializers.RoleSerializer, request)
        row = participants.set_role(actor(request), conversation_id=conversation_id, user_id=user_id, **values)
        return Response(presentation.participants([row.pk])[0].model_dump())

    @extend_schema(responses={204: None})
    def delete(self, request: Request, conversation_id: UUID, user_id: UUID) -> Response:
        """Take somebody out (admins may), or leave."""
        participants.remove(actor(request), conversation_id=conversation_id, user_id=user_id)
        return Response(status=204)


class InvitesView(APIView):
    """The links of a group."""

    @extend_schema(operation_id="messenger_invites_list", parameters=asked.PAGE, responses=shapes.InvitePage)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Newest first; for admins."""
        paginator = CursorPagination()
        rows = invites.listed(actor(request), conversation_id=conversation_id)
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([_invite(row) for row in page])

    @extend_schema(request=serializers.NewInviteSerializer, responses={201: shapes.InviteShape})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """A new link; admins may."""
        values = asked.validated(serializers.NewInviteSerializer, request)
        limit(request, "invite")
        return Response(_invite(invites.create(actor(request), conversation_id=conversation_id, **values)), status=201)


class InviteView(APIView):
    """One link."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, conversation_id: UUID, invite_id: UUID) -> Response:
        """Withdraw it; admins may."""
        invites.revoke(actor(request), conversation_id=conversation_id, invite_id=invite_id)
        return Response(status=204)


class InviteLookView(APIView):
    """A link as its receiver meets it: whoever holds it may look."""

    @extend_schema(responses=shapes.InviteLook)
    def get(self, request: Request, token: str) -> Response:
        """The group behind it."""
        look = invites.look(actor(request), token=token)
        about = {"name": look.conversation.name, "avatar_url": look.conversation.avatar_url}
        return Response(
            {"conversation": about | {"participant_count": look.participant_count}, "is_member": look.is_member}
        )


class InviteJoinView(APIView):
    """Joining by a link."""

    @extend_schema(request=None, responses=ConversationShape)
    def post(self, request: Request, token: str) -> Response:
        """Become a member; for a member it changes nothing."""
        return Response(presentation.shape(invites.join(actor(request), token=token)).model_dump())


def _invite(row: Invite) -> dict[str, Any]:
    shape = shapes.InviteShape(
        id=row.pk,
        token=row.token,
        url=invites.url(row),
        uses=row.uses,
        max_uses=row.max_uses,
        expires_at=row.expires_at,
        created_at=row.created_at,
        created_by=person(row.created_by),
    )
    return shape.model_dump()

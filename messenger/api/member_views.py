"""Members of groups, and links by which people become members."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import limit
from core.api.request import validated
from messenger import access
from messenger.api import bodies
from messenger.models import Invite
from messenger.presentation import answers
from messenger.presentation import conversations as presentation
from messenger.presentation.people import person
from messenger.services import contacts
from messenger.services import invites
from messenger.services import participants
from messenger.shapes import ConversationShape
from messenger.shapes import ParticipantShape


class _AsTheyCame(CursorPagination):
    ordering = "id"


class ParticipantsView(APIView):
    """Who is there."""

    @extend_schema(
        operation_id="messenger_participants_list",
        parameters=[OpenApiParameter("search", str, description="Part of a name."), *params.PAGE],
        responses=answers.ParticipantPage,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """In the order they came."""
        mine = access.member_of(actor(request), conversation_id)
        rows = mine.conversation.participants.all()
        if wanted := params.words(request):
            rows = rows.filter(contacts.called(wanted, "user__"))
        paginator = _AsTheyCame()
        page = paginator.paginate_queryset(rows, request, view=self) or []
        found = presentation.participants([row.pk for row in page])
        if access.is_blocked(mine):
            found = presentation.without_marks(found, but=mine.user_id)
        return paginator.get_paginated_response(found)

    @extend_schema(request=bodies.NewParticipantsRequest, responses=answers.ParticipantsAdded)
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Bring people in; admins may. Who is in already is passed over and not in the answer."""
        body = validated(request, bodies.NewParticipantsRequest)
        limit(request, "bring_in", amount=len(body.user_ids))
        added = participants.add(actor(request), conversation_id=conversation_id, user_ids=body.user_ids)
        return Response(added.model_dump(exclude={"conversation_id"}))


class ParticipantView(APIView):
    """One member."""

    @extend_schema(request=bodies.RoleRequest, responses=ParticipantShape)
    def patch(self, request: Request, conversation_id: UUID, user_id: UUID) -> Response:
        """Make somebody an admin or a member; admins may."""
        body = validated(request, bodies.RoleRequest)
        row = participants.set_role(actor(request), conversation_id=conversation_id, user_id=user_id, role=body.role)
        return Response(presentation.participants([row.pk])[0])

    @extend_schema(responses={204: None})
    def delete(self, request: Request, conversation_id: UUID, user_id: UUID) -> Response:
        """Take somebody out (admins may), or leave."""
        participants.remove(actor(request), conversation_id=conversation_id, user_id=user_id)
        return Response(status=204)


class InvitesView(APIView):
    """The links of a group."""

    @extend_schema(operation_id="messenger_invites_list", parameters=params.PAGE, responses=answers.InvitePage)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Newest first; for admins."""
        paginator = CursorPagination()
        rows = invites.listed(actor(request), conversation_id=conversation_id)
        page = paginator.paginate_queryset(rows, request, view=self) or []
        return paginator.get_paginated_response([_invite(row) for row in page])

    @extend_schema(request=bodies.NewInviteRequest, responses={201: answers.InviteShape})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """A new link; admins may."""
        body = validated(request, bodies.NewInviteRequest)
        limit(request, "invite")
        made = invites.create(actor(request), conversation_id=conversation_id, **dict(body))
        return Response(_invite(made), status=201)


class InviteView(APIView):
    """One link."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, conversation_id: UUID, invite_id: UUID) -> Response:
        """Withdraw it; admins may."""
        invites.revoke(actor(request), conversation_id=conversation_id, invite_id=invite_id)
        return Response(status=204)


class InviteLookView(APIView):
    """A link as its receiver meets it: whoever has it may look, before they sign in as well."""

    permission_classes = [AllowAny]

    @extend_schema(responses=answers.InviteLook)
    def get(self, request: Request, token: str) -> Response:
        """The group behind it."""
        look = invites.look(actor(request) if request.user.is_authenticated else None, token=token)
        about = answers.InvitedConversation(
            name=look.conversation.name,
            avatar_url=look.conversation.avatar_url,
            participant_count=look.participant_count,
        )
        who = person(look.invited_by)
        # Whoever is asked by a stranger sees the name that nobody else can have.
        inviter = who.name if who.username in (None, who.name) else f"{who.name} (@{who.username})"
        return Response(answers.InviteLook(conversation=about, is_member=look.is_member, invited_by=inviter))


class InviteJoinView(APIView):
    """Joining by a link."""

    @extend_schema(request=None, responses=ConversationShape)
    def post(self, request: Request, token: str) -> Response:
        """Become a member; for a member it changes nothing."""
        return Response(presentation.shape(invites.join(actor(request), token=token)))


def _invite(row: Invite) -> answers.InviteShape:
    return answers.InviteShape(
        id=row.pk,
        token=row.token,
        url=invites.url(row),
        uses=row.uses,
        max_uses=row.max_uses,
        expires_at=row.expires_at,
        created_at=row.created_at,
        created_by=person(row.created_by),
    )

"""Conversations as such, and what each member sets for themselves."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists
from django.db.models import F
from django.db.models import FilteredRelation
from django.db.models import OuterRef
from django.db.models import Q
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from accounts.models import User
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import limit
from core.api.request import validated
from core.errors import InvalidInput
from messenger import access
from messenger.api import bodies
from messenger.models import Conversation
from messenger.models import Participant
from messenger.presentation import answers
from messenger.presentation import conversations as presentation
from messenger.services import contacts
from messenger.services import conversations
from messenger.services import drafts
from messenger.services import exports
from messenger.shapes import ConversationShape
from messenger.shapes import Draft


class _NewestFirst(CursorPagination):
    ordering = ("-updated_at", "-id")  # type: ignore[assignment]  # the base class says so itself in its docs


class ConversationsView(APIView):
    """One's own conversations."""

    @extend_schema(
        operation_id="messenger_conversations_list",
        parameters=[
            OpenApiParameter("archived", bool, description="Absent: both."),
            OpenApiParameter("search", str, description="Part of a group's name, or of the other person's."),
            *params.PAGE,
        ],
        responses=answers.ConversationPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first; what one has removed from the own list is left out."""
        paginator = _NewestFirst()
        page = paginator.paginate_queryset(_listed(request), request, view=self) or []
        found = presentation.shapes([row.membership for row in page])
        return paginator.get_paginated_response(found)

    @extend_schema(request=bodies.NewConversationRequest, responses={201: ConversationShape, 200: ConversationShape})
    def post(self, request: Request) -> Response:
        """Begin a conversation. Of a direct one there is one for each pair: 200 when it was there already."""
        body = validated(request, bodies.NewConversationRequest)
        limit(request, "conversation")
        limit(request, "bring_in", amount=len(body.participant_ids))
        if body.type == "direct":
            mine, created = conversations.create_direct(actor(request), user_id=body.participant_ids[0])
        else:
            mine, created = conversations.create_group(actor(request), **body.model_dump(exclude={"type"})), True
        return _answer(mine, status=201 if created else 200)


class ConversationView(APIView):
    """One conversation."""

    @extend_schema(responses=ConversationShape)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """As the one who asks sees it."""
        return _answer(access.member_of(actor(request), conversation_id))

    @extend_schema(request=bodies.ConversationChangeRequest, responses=ConversationShape)
    def patch(self, request: Request, conversation_id: UUID) -> Response:
        """Rename a group or give it a picture; its admins may."""
        changes = validated(request, bodies.ConversationChangeRequest).model_dump(exclude_unset=True)
        return _answer(conversations.update_group(actor(request), conversation_id=conversation_id, **changes))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """End a group for everybody (its admins may), or remove a direct conversation from the own list."""
        conversations.delete_conversation(
            actor(request), conversation_id=conversation_id, client=client_of(request._request)
        )
        return Response(status=204)


class SettingsView(APIView):
    """Pinned, muted, archived."""

    @extend_schema(request=bodies.SettingsRequest, responses=answers.ConversationSettings)
    def put(self, request: Request, conversation_id: UUID) -> Response:
        """Seen by the own devices only."""
        changes = validated(request, bodies.SettingsRequest).model_dump(exclude_unset=True)
        mine = conversations.change_settings(actor(request), conversation_id=conversation_id, **changes)
        return Response(answers.ConversationSettings.model_validate(mine, from_attributes=True))


class DraftView(APIView):
    """What one has begun to write."""

    @extend_schema(request=bodies.DraftRequest, responses=Draft)
    def put(self, request: Request, conversation_id: UUID) -> Response:
        """Keep it for the own other devices."""
        body = validated(request, bodies.DraftRequest)
        return Response(drafts.save(actor(request), conversation_id=conversation_id, **dict(body)))


class ExportView(APIView):
    """A conversation to take away."""

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=sorted(exports.FORMS), default="json")],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request, conversation_id: UUID) -> StreamingHttpResponse:
        """Every message one may see, oldest first."""
        user = actor(request)
        shape = presentation.shape(access.member_of(user, conversation_id))
        extension = request.query_params.get("format") or "json"
        if extension not in exports.FORMS:
            raise InvalidInput(details={"format": [f"Use {' or '.join(sorted(exports.FORMS))}."]})
        limit(request, "export")
        form = exports.FORMS[extension]
        conversations.note_export(user, conversation_id=conversation_id, client=client_of(request._request))
        name = exports.file_name(shape.name, extension)
        return StreamingHttpResponse(
            form.write(exports.Source(user, shape.model_dump())),
            content_type=form.content_type,
            headers={
                "Content-Disposition": content_disposition_header(True, name) or "attachment",  # noqa: FBT003
                "Cache-Control": "no-store",
            },
        )


def _answer(mine: Participant, *, status: int = 200) -> Response:
    return Response(presentation.shape(mine), status=status)


def _listed(request: Request) -> QuerySet[Any]:
    """Conversations with the id of one's own ``membership``."""
    user = actor(request)
    rows = (
        Conversation.objects.visible_to(user)
        .annotate(mine=FilteredRelation("participants", condition=Q(participants__user=user)))
        .filter(mine__is_hidden=False)
        .annotate(membership=F("mine__id"))
    )
    archived = params.flag(request, "archived")
    if archived is not None:
        rows = rows.filter(mine__is_archived=archived)
    wanted = params.words(request)
    return rows.filter(_named(user, wanted)) if wanted else rows


def _named(user: User, wanted: str) -> Q:
    """Groups by their name, direct conversations by the other person's."""
    others = Participant.objects.filter(contacts.called(wanted, "user__"), conversation=OuterRef("pk"))
    others = others.exclude(user=user)
    return Q(_contains("name", wanted), type=Conversation.Type.GROUP) | Q(Exists(others), type=Conversation.Type.DIRECT)


def _contains(field: str, wanted: str) -> Q:
    """Without regard to case; SQLite itself folds ASCII only, but lets Python match expressions."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__iregex": re.escape(wanted)})
    return Q(**{f"{field}__icontains": wanted})

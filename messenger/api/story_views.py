"""``/api/messenger/stories``"""

from __future__ import annotations

from uuid import UUID

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
from messenger.api import bodies
from messenger.models import StoryView
from messenger.presentation import stories as presentation
from messenger.presentation.people import person
from messenger.services import stories


class StoriesView(APIView):
    """Stories of people one knows."""

    @extend_schema(operation_id="messenger_stories_list", responses=presentation.StoryGroupPage)
    def get(self, request: Request) -> Response:
        """By person, one's own first, then who told something last."""
        return whole(presentation.groups(actor(request)))

    @extend_schema(
        operation_id="messenger_story_create",
        request=bodies.NewStoryRequest,
        responses={201: presentation.SeenStory, 200: presentation.SeenStory},
    )
    def post(self, request: Request) -> Response:
        """Tell one; it is gone after a day. 200 for a repeated ``client_id``."""
        user, body = actor(request), validated(request, bodies.NewStoryRequest)
        limit(request, "story")
        story, is_new = stories.create(user, **dict(body))
        return Response(presentation.one(story, to=user), status=201 if is_new else 200)


class StoryDetailView(APIView):
    """One story."""

    @extend_schema(operation_id="messenger_story", responses=presentation.SeenStory)
    def get(self, request: Request, story_id: UUID) -> Response:
        """Looking at it here is not seeing it: that is told with ``POST …/view``."""
        user = actor(request)
        return Response(presentation.one(stories.find(user, story_id), to=user))

    @extend_schema(operation_id="messenger_story_delete", responses={204: None})
    def delete(self, request: Request, story_id: UUID) -> Response:
        """Take one's own back, with its file."""
        stories.delete(actor(request), story_id=story_id)
        return Response(status=204)


class StoryViewView(APIView):
    """Seeing a story."""

    @extend_schema(operation_id="messenger_story_view", request=None, responses={204: None})
    def post(self, request: Request, story_id: UUID) -> Response:
        """Counted once a person, and never for one's own."""
        stories.view(actor(request), story_id=story_id)
        return Response(status=204)


class _LastFirst(CursorPagination):
    ordering = ("-viewed_at", "-id")  # type: ignore[assignment]  # the base class says so itself in its docs


class StoryViewsView(APIView):
    """Who saw it."""

    @extend_schema(
        operation_id="messenger_story_views_list", parameters=params.PAGE, responses=presentation.StoryViewPage
    )
    def get(self, request: Request, story_id: UUID) -> Response:
        """For who told it only; newest first."""
        story = stories.find_own(actor(request), story_id)
        paginator = _LastFirst()
        rows = StoryView.objects.filter(story=story).select_related("viewer")
        page = paginator.paginate_queryset(rows, request, view=self) or []
        seen = [presentation.StoryViewShape(user=person(row.viewer), viewed_at=row.viewed_at) for row in page]
        return paginator.get_paginated_response(seen)

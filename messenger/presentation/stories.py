"""Stories as others see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from typing import cast
from uuid import UUID

from django.db.models import Count
from django.db.models import Exists
from django.db.models import OuterRef

from accounts.models import User
from core.models import StoredFile
from core.shapes import Page
from core.shapes import Shape
from messenger.models import Story
from messenger.models import StoryView
from messenger.presentation.people import person
from messenger.shapes import Media
from messenger.shapes import Person
from messenger.shapes import StoryShape

MOST = 1000
"""Stories in one list."""

_MediaKind = Literal["image", "video", "audio", "pdf", "text", "other"]


class SeenStory(StoryShape):
    """A story, and whether the one who asks has seen it; their own count as seen."""

    viewed: bool
    view_count: int | None
    """Of one's own stories; null for those of others."""


class StoryGroup(Shape):
    """The stories of one person, oldest first."""

    user: Person
    stories: list[SeenStory]


class StoryGroupPage(Page[StoryGroup]):
    """One's own first, then who told something last; all of them in one page."""


class StoryViewShape(Shape):
    """Who saw it."""

    user: Person
    viewed_at: datetime


class StoryViewPage(Page[StoryViewShape]):
    """Newest first."""


def story_shape(story: Story) -> StoryShape:
    """As events show it."""
    return StoryShape(
        id=story.pk,
        user=person(story.user),
        media=_media(story.media),
        caption=story.caption,
        created_at=story.created_at,
        expires_at=story.expires_at,
    )


def seen_story(story: Story, *, by: UUID, viewed: bool, views: int) -> SeenStory:
    """As one person sees it."""
    own = story.user_id == by
    return SeenStory(**dict(story_shape(story)), viewed=own or viewed, view_count=views if own else None)


def one(story: Story, *, to: User) -> SeenStory:
    """One story as ``to`` sees it; one query."""
    views = StoryView.objects.filter(story=story)
    if story.user_id == to.pk:
        return seen_story(story, by=to.pk, viewed=True, views=views.count())
    return seen_story(story, by=to.pk, viewed=views.filter(viewer=to).exists(), views=0)


def groups(to: User) -> list[StoryGroup]:
    """Everything ``to`` may see now, by person; one query."""
    viewed = StoryView.objects.filter(story=OuterRef("pk"), viewer=to)
    rows = Story.objects.visible_to(to).select_related("user", "media")
    rows = rows.annotate(was_viewed=Exists(viewed), view_total=Count("views")).order_by("-id")[:MOST]
    return _grouped(rows, to.pk)


def _grouped(newest_first: Iterable[Story], by: UUID) -> list[StoryGroup]:
    found: dict[UUID, list[SeenStory]] = {}
    for row in newest_first:
        viewed, views = row.was_viewed, row.view_total  # type: ignore[attr-defined]  # annotated
        found.setdefault(row.user_id, []).append(seen_story(row, by=by, viewed=viewed, views=views))
    own_first = sorted(found, key=lambda user_id: user_id != by)  # stable: the others stay newest first
    return [StoryGroup(user=found[key][0].user, stories=found[key][::-1]) for key in own_first]


def _media(file: StoredFile | None) -> Media | None:
    if file is None:
        return None
    return Media(
        id=file.pk,
        kind=cast("_MediaKind", file.kind),
        name=file.name,
        mime_type=file.mime_type,
        size=file.size,
        width=file.width,
        height=file.height,
        duration=file.duration,
        has_thumbnail=file.has_thumbnail,
    )

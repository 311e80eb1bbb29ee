"""Stories: shown to people one knows, seen, and gone after a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from core.errors import Forbidden
from core.errors import IdempotencyMismatch
from core.errors import InvalidInput
from core.errors import NotFound
from core.models import StoredFile
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream
from messenger.access import unblocked
from messenger.errors import StoriesFull
from messenger.events import StoryExpired
from messenger.events import StoryNew
from messenger.models import Story
from messenger.models import StoryView
from messenger.presentation import stories as presentation
from messenger.services.contacts import contacts

LIFETIME = timedelta(hours=24)
MOST_AT_ONCE = 100
"""Stories of one person."""
MOST_NOTIFIED = 1000
"""People who learn of a story at once; the others find it when they look."""
_EXPIRED_AT_ONCE = 200
"""Stories of one round, after which a job may be stopped."""


def create(actor: User, *, media_id: UUID, caption: str = "", client_id: str | None = None) -> tuple[Story, bool]:
    """Publish a story; returns it, and whether it is new: the same ``client_id`` returns the same one.

    Raises NotFound for a file that is not the actor's, InvalidInput for one that was not uploaded as a story,
    IdempotencyMismatch when ``client_id`` was used for something else, StoriesFull.
    """
    if client_id and (known := _known(actor, client_id, media_id, caption)):
        return known, False
    file = StoredFile.objects.visible_to(actor).filter(pk=media_id).first()
    if file is None:
        raise NotFound
    if file.purpose != StoredFile.Purpose.STORY:
        raise InvalidInput(details={"media_id": ["Upload the picture or the film with the purpose story."]})
    if Story.objects.current().filter(user=actor).count() >= MOST_AT_ONCE:
        raise StoriesFull
    now = timezone.now()
    story = Story(user=actor, media=file, caption=caption, client_id=client_id)
    story.created_at, story.expires_at = now, now + LIFETIME
    try:
        with transaction.atomic():
            story.save(force_insert=True)
            # Links to it end with it, whatever happens to the job that removes it.
            StoredFile.objects.filter(pk=media_id).update(expires_at=story.expires_at)
            _publish(actor, StoryNew(story=presentation.story_shape(story)))
    except IntegrityError:
        known = _known(actor, client_id or "", media_id, caption)
        if known is None:
            raise
        return known, False
    return story, True


def find(actor: User, story_id: UUID) -> Story:
    """A story the actor may see. Raises NotFound."""
    story = Story.objects.visible_to(actor).select_related("user", "media").filter(pk=story_id).first()
    if story is None:
        raise NotFound
    return story


def find_own(actor: User, story_id: UUID) -> Story:
    """A story of the actor's. Raises Forbidden for who may only see it, NotFound for everybody else."""
    story = find(actor, story_id)
    if story.user_id != actor.pk:
        raise Forbidden
    return story


def delete(actor: User, *, story_id: UUID) -> None:
    """Take a story of one's own back, with its file. Raises as :func:`find_own`."""
    remove(find_own(actor, story_id))


def view(actor: User, *, story_id: UUID) -> None:
    """Note that the actor saw it, once; looking at one's own does not count. Raises NotFound."""
    story = find(actor, story_id)
    if story.user_id != actor.pk:
        StoryView.objects.bulk_create([StoryView(story=story, viewer=actor)], ignore_conflicts=True)


def expire() -> int:
    """Remove some of the stories that are over; returns how many, 0 when there are no more."""
    over = Story.objects.filter(expires_at__lte=timezone.now()).select_related("user").order_by("expires_at")
    return sum(remove(story) for story in over[:_EXPIRED_AT_ONCE])


def _known(actor: User, client_id: str, media_id: UUID, caption: str) -> Story | None:
    known = Story.objects.select_related("user", "media").filter(user=actor, client_id=client_id).first()
    if known is not None and (known.media_id, known.caption) != (media_id, caption):
        raise IdempotencyMismatch
    return known


@transaction.atomic
def remove(story: Story) -> bool:
    """Once, whoever is first; the file goes along unless another story shows it."""
    if not Story.objects.filter(pk=story.pk).delete()[0]:
        return False
    if story.media_id and not Story.objects.filter(media_id=story.media_id).exists():
        StoredFile.objects.filter(pk=story.media_id, purpose=StoredFile.Purpose.STORY).delete()
    _publish(story.user, StoryExpired(story_id=story.pk, user_id=story.user_id))
    return True


def _publish(author: User, event: Event) -> None:
    for user_id in [author.pk, *_audience(author)]:
        streams.publish_ephemeral(user_stream(user_id), event)


def _audience(author: User) -> list[UUID]:
    """Who may see the author's stories, those they spoke with last first."""
    known = contacts(author).filter(unblocked(author.pk)).order_by(F("met_at").desc(), "-pk")
    return list(known.values_list("pk", flat=True)[:MOST_NOTIFIED])

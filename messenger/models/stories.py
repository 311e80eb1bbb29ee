"""Pictures and films that are gone after a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import StoredFile
from core.models import UUIDModel
from messenger.models.conversations import Block
from messenger.models.conversations import Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class StoryQuerySet(models.QuerySet["Story"]):
    """Who may see which stories."""

    def visible_to(self, user: AbstractBaseUser) -> StoryQuerySet:
        """One's own, and those of people one shares a conversation with while neither has blocked the other."""
        mine = Participant.objects.active().filter(user_id=user.pk).values("conversation_id")
        author = models.OuterRef("user_id")
        shared = Participant.objects.filter(user_id=author, conversation_id__in=mine)
        blocked = Block.objects.between(user.pk, author)
        known = Q(models.Exists(shared)) & ~Q(models.Exists(blocked)) & Q(user__is_active=True)
        return self.current().filter(Q(user_id=user.pk) | known)

    def current(self) -> StoryQuerySet:
        """Not over yet."""
        return self.filter(expires_at__gt=timezone.now())


class Story(UUIDModel):
    """Seen by people one shares a conversation with, until it expires."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stories")
    media = models.ForeignKey(StoredFile, on_delete=models.SET_NULL, null=True, related_name="+")
    caption = models.CharField(max_length=500, blank=True)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    objects = StoryQuerySet.as_manager()

    class Meta:
        db_table = "stories"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"], name="story_client_id", condition=models.Q(client_id__isnull=False)
            )
        ]
        indexes = [models.Index(fields=["user", "-id"], name="story_user")]

    def __str__(self) -> str:
        return str(self.pk)


class StoryView(UUIDModel):
    """Who saw it; looking at one's own does not count."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="views")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    viewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "story_views"
        constraints = [models.UniqueConstraint(fields=["story", "viewer"], name="story_view_once")]

    def __str__(self) -> str:
        return f"{self.viewer_id} saw {self.story_id}"

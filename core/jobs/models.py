"""Jobs: what is to be done, how far it is, and who is at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.bases import UUIDModel
from core.jobs.claims import Claimable

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class JobQuerySet(models.QuerySet["Job"]):
    """Who may see which jobs."""

    def visible_to(self, user: AbstractBaseUser) -> JobQuerySet:
        """The user's own."""
        return self.filter(owner_id=user.pk)


class Job(UUIDModel, Claimable):
    """One piece of work. ``state`` changes by conditional updates only, each naming the state it expects."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=80)
    key = models.CharField(
        max_length=200, null=True, blank=True, help_text="Of one kind: a known key makes no new job."
    )
    period = models.DateTimeField(null=True, blank=True, help_text="Of scheduled work: the beginning of its window.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="jobs"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    payload = models.JSONField(default=dict, blank=True)
    checkpoint = models.JSONField(null=True, blank=True, help_text="Where the next run goes on.")
    progress = models.PositiveSmallIntegerField(default=0, help_text="0 to 100.")
    attempts = models.PositiveIntegerField(default=0, help_text="Runs since the last checkpoint.")
    max_attempts = models.PositiveIntegerField(default=3)
    cancel_requested = models.BooleanField(default=False)
    pause_requested = models.BooleanField(default=False)
    error = models.CharField(max_length=500, blank=True)
    run_at = models.DateTimeField(default=timezone.now, help_text="Not before.")
    poke_at = models.DateTimeField(default=timezone.now, help_text="When the sweeper tells the queue again.")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "jobs"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="job_key", condition=Q(key__isnull=False)),
            models.UniqueConstraint(fields=["kind", "period"], name="job_period", condition=Q(period__isnull=False)),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "paused", "succeeded", "failed", "cancelled"]),
                name="job_state",
            ),
        ]
        indexes = [
            models.Index(fields=["poke_at"], name="job_queued", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="job_running", condition=Q(state="running")),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

"""How documents are written: runs, and the steps that each model's answer is stored as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import UUIDModel
from documents.models.documents import Document
from documents.models.documents import DocumentSection

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

LIVE = ("queued", "running", "paused")


class DocumentRunQuerySet(models.QuerySet["DocumentRun"]):
    """Who may see which runs."""

    def visible_to(self, user: AbstractBaseUser) -> DocumentRunQuerySet:
        """The user's own, of documents that are not deleted."""
        return self.filter(user_id=user.pk, document__archived_at=None)

    def live(self) -> DocumentRunQuerySet:
        """Those that have not ended."""
        return self.filter(status__in=LIVE)


class DocumentRun(UUIDModel):
    """One order to write: an outline, a section, or all of a document. Of one document one at a time is live.

    Its id is the ``job_id`` of the API; ``job_id`` here is the row of :mod:`core.jobs` that does it.
    """

    class Kind(models.TextChoices):
        FULL = "full"
        SECTION = "section"
        OUTLINE = "outline"

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Pause(models.TextChoices):
        """What a paused run waits for; by itself it goes on after all but the last."""

        TOKENS = "tokens"
        PROVIDER = "provider"
        PAYMENT = "payment"
        OWNER = "owner"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="document_runs")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=20, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    section_now = models.PositiveIntegerField(null=True, blank=True, help_text="The number of the section at work.")
    model = models.CharField(max_length=200, blank=True, help_text="The one that was asked for; empty: as set up.")
    paused_for = models.CharField(max_length=8, choices=Pause.choices, blank=True)
    resumes_at = models.DateTimeField(null=True, blank=True)
    # Of billing, whose rows outlive these.
    order_id = models.UUIDField(null=True, blank=True)
    sold = models.JSONField(default=dict, blank=True, help_text="Pages of the order, by the sections they are for.")
    tokens = models.PositiveBigIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    lost_calls = models.PositiveIntegerField(default=0, help_text="Answers that died with their process, for free.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    job_id = models.UUIDField(null=True, blank=True)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentRunQuerySet.as_manager()

    class Meta:
        db_table = "document_runs"
        constraints = [
            models.UniqueConstraint(fields=["document"], condition=Q(status__in=LIVE), name="document_run_live"),
            models.UniqueConstraint(
                fields=["user", "client_id"], condition=Q(client_id__isnull=False), name="document_run_client_id"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100, cost__gte=0), name="document_run_figures"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "paused", "completed", "failed", "cancelled"]),
                name="document_run_status",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="document_run_newest"),
            models.Index(fields=["order_id"], condition=Q(order_id__isnull=False), name="document_run_order"),
            models.Index(fields=["job_id"], condition=Q(job_id__isnull=False), name="document_run_job"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_live(self) -> bool:
        """It has not ended."""
        return self.status in LIVE


class DocumentStep(UUIDModel):
    """One call of a model, or one look-up, of a document: what was made of the same input is made once.

    ``kind`` is ``outline``, or of a section ``research``, ``plan``, ``write:1`` …, ``check``, ``style``, ``close``.
    ``output`` is JSON of that kind. The steps of a document are its record: who wrote what, of what, by which model.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="steps")
    section = models.ForeignKey(DocumentSection, on_delete=models.CASCADE, null=True, blank=True, related_name="steps")
    kind = models.CharField(max_length=20)
    input_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    model = models.CharField(max_length=200, blank=True)
    prompt_version = models.CharField(max_length=20, blank=True)
    output = models.JSONField(null=True, blank=True)
    hold_key = models.CharField(max_length=100, blank=True)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1, help_text="Counts the tries that were held for.")
    seconds = models.FloatField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "document_steps"
        constraints = [
            models.UniqueConstraint(
                fields=["document", "section", "kind", "input_hash"],
                condition=Q(section__isnull=False),
                name="document_step_of_section",
            ),
            # Two nulls are different in a unique constraint.
            models.UniqueConstraint(
                fields=["document", "kind", "input_hash"],
                condition=Q(section__isnull=True),
                name="document_step_of_document",
            ),
            models.CheckConstraint(condition=Q(state__in=["running", "done", "failed"]), name="document_step_state"),
        ]
        indexes = [
            models.Index(fields=["hold_key"], condition=~Q(hold_key=""), name="document_step_hold"),
            models.Index(fields=["document", "id"], name="document_step_record"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.kind}"

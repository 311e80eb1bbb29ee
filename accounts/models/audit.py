"""The audit log."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from typing import NoReturn

from django.db import models

from accounts.models.users import User
from core.models import UUIDModel


class AppendOnlyError(TypeError):
    """The audit log only grows."""


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit events cannot be changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Audit events cannot be deleted.")


class AuditEvent(UUIDModel):
    """Something that mattered for security: who did what to which object, from where, and how it ended.

    ``actor`` has no constraint on purpose: the id stays when the user is gone, and says nothing about a person then.
    """

    class Outcome(models.TextChoices):
        SUCCESS = "success"
        FAILURE = "failure"
        DENIED = "denied"

    event = models.CharField(max_length=60)
    actor = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    object_ref = models.CharField("object", max_length=100, blank=True, db_index=True, help_text="kind:id")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.SUCCESS)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True, db_index=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[models.Manager[AuditEvent]] = models.Manager.from_queryset(AuditEventQuerySet)()

    class Meta:
        db_table = "audit_events"
        indexes = [models.Index(fields=["event", "-created_at"], name="audit_event_by_name")]

    def __str__(self) -> str:
        return f"{self.event} ({self.outcome})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises AppendOnlyError for a row that is already stored."""
        if not self._state.adding:
            raise AppendOnlyError("Audit events cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit events cannot be deleted.")

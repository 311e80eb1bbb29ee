"""Leaving: accounts that are to go, and copies of what is kept of people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models.users import User
from core.models import StoredFile
from core.models import UUIDModel


class AccountDeletionQuerySet(models.QuerySet["AccountDeletion"]):
    def revocable(self) -> AccountDeletionQuerySet:
        """Those that a sign-in can still take back."""
        return self.filter(started_at=None, is_suspended=False)


class AccountDeletion(UUIDModel):
    """A user asked that the account goes. Taking it back deletes the row; when all is done it stays, with ids only."""

    user = models.OneToOneField(User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="deletion")
    requested_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(db_index=True, help_text="Until then a sign-in can take it back.")
    is_suspended = models.BooleanField(default=False, help_text="Staff shut the account meanwhile.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="From then on nothing brings it back.")
    finished_at = models.DateTimeField(null=True, blank=True)
    former_name = models.CharField(
        max_length=50, blank=True, help_text="While the erasure runs: mentions are found by it."
    )

    objects: ClassVar[AccountDeletionQuerySet] = AccountDeletionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "account_deletions"

    def __str__(self) -> str:
        return f"{self.user_id} at {self.due_at}"


class DataExport(UUIDModel):
    """A copy of all that the house keeps of a user, for the user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    file = models.OneToOneField(StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Also when it failed; then there is no file.")
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        db_table = "data_exports"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="data_export_running", condition=models.Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DataExportPart(models.Model):
    """A piece of an archive that is being made: bytes in the storage, and what stands in them."""

    export = models.ForeignKey(DataExport, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200, unique=True)
    size = models.PositiveBigIntegerField()
    entries = models.JSONField(help_text="See core.files.zips.Entry.")

    class Meta:
        db_table = "data_export_parts"
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="data_export_part_number")]

    def __str__(self) -> str:
        return f"{self.export_id}: {self.number}"

"""One user for every product, the user's sessions, the memory of failed sign-ins, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from typing import NoReturn
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.files import blobs
from core.models import StoredFile
from core.models import UUIDModel


def display_name(username: str | None, user_id: UUID) -> str:
    """What to call a user: who has no name is told apart by the end of the id, which is its random part."""
    return username or f"User {user_id.hex[-6:]}"


class UserManager(BaseUserManager["User"]):
    """Makes users; the services of this app call it, and ``createsuperuser``."""

    def create_user(
        self, *, username: str | None = None, email: str | None = None, password: str | None = None, **fields: object
    ) -> User:
        """A new user; the address is stored with a lower-case domain, the password hashed (unusable when None)."""
        user = self.model(username=username, email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, username: str, email: str | None = None, password: str | None = None) -> User:
        """Staff with every right."""
        return self.create_user(
            username=username, email=email, password=password, is_staff=True, is_superuser=True, is_verified=True
        )

    def named(self, identifier: str) -> models.QuerySet[User]:
        """The one user of that e-mail address or user name, without regard to case.

        A name never holds an ``@``, so one indexed lookup decides; the database folds the case on both sides, by the
        same rule as the unique constraint.
        """
        field = "email" if "@" in identifier else "username"
        return self.filter(Exact(Lower(field), Lower(models.Value(identifier))))

    def get_by_natural_key(self, username: str | None) -> User:
        """By user name or e-mail address, without regard to case."""
        return self.named(username or "").get()


class User(UUIDModel, AbstractBaseUser, PermissionsMixin):
    """A person, or an agent that speaks in the messenger.

    ``username`` and ``email`` may both be missing: a Telegram user has neither.
    """

    class Kind(models.TextChoices):
        HUMAN = "human"
        AGENT = "agent"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        UKRAINIAN = "uk", "Українська"

    username = models.CharField(
        max_length=50,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9_-]{3,50}\Z", "Use 3 to 50 letters, digits, underscores and hyphens.")],
    )
    email = models.EmailField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HUMAN)
    bio = models.CharField(max_length=500, blank=True)
    avatar_url = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    is_verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # Raised whenever all sessions are ended: a sign-in that was still under way then does not count any more.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="user_username_unique", violation_error_message="This name is taken."
            ),
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique", violation_error_message="This address is already in use."
            ),
        ]

    def __str__(self) -> str:
        return self.username or self.email or str(self.pk)

    def get_session_auth_hash(self) -> str:
        """What a cookie session of the admin depends on: the password, and that nobody has ended all sessions."""
        return salted_hmac("accounts.session", f"{self.session_epoch}:{self.password}", algorithm="sha256").hexdigest()


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> SessionQuerySet:
        """The user's own."""
        return self.filter(user=user)

    def alive(self, *, at: datetime | None = None) -> SessionQuerySet:
        """Neither ended nor run out, of users who may sign in."""
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now(), user__is_active=True)


class Session(UUIDModel):
    """One sign-in on one device: the family of all refresh tokens that follow from it."""

    class Reason(models.TextChoices):
        LOGOUT = "logout", "Signed out"
        LOGOUT_ALL = "logout_all", "Signed out everywhere"
        REVOKED = "revoked", "Ended by the user from another session"
        PASSWORD = "password", "The password was changed"
        REUSE = "reuse", "A used refresh token came back"
        SUSPENDED = "suspended", "The account was suspended"
        STAFF = "staff", "Ended by staff"
        REPLACED = "replaced", "The same Telegram app signed in anew"
        DELETION = "deletion", "The deletion of the account was asked for"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    user_agent = models.CharField(max_length=300, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)

    objects: ClassVar[models.Manager[Session]] = models.Manager.from_queryset(SessionQuerySet)()

    class Meta:
        db_table = "user_sessions"

    def __str__(self) -> str:
        return f"{self.id} of {self.user_id}"


class RefreshToken(UUIDModel):
    """One refresh token; its ``id`` is the ``jti`` of the JWT.

    The token itself is not stored, only its SHA-256. Its claims are all here, and HS256 is deterministic: the very same
    token can be made again from the row. Times are whole seconds, as in the claims.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # A token has at most one successor; the database sees to it.
    parent = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successor")
    token_hash = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    ip = models.CharField(max_length=45, blank=True)

    class Meta:
        db_table = "refresh_tokens"

    def __str__(self) -> str:
        return str(self.id)


class LoginAttempt(UUIDModel):
    """Failed sign-ins of one account from one address.

    ``account`` is a keyed hash: unknown names are counted like known ones, and people type passwords into name fields.
    """

    account = models.CharField(max_length=64)
    ip = models.CharField(max_length=45)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    failures = models.PositiveIntegerField(default=0, help_text="Since the last success or lock.")
    locks = models.PositiveIntegerField(default=0, help_text="How often it was locked lately; locks grow.")
    locked_until = models.DateTimeField(null=True, blank=True)
    last_attempt_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "login_attempts"
        constraints = [models.UniqueConstraint(fields=["account", "ip"], name="login_attempt_unique")]

    def __str__(self) -> str:
        return f"{self.failures} from {self.ip}"


class MailedToken(UUIDModel):
    """A link that was mailed: who brings it can read that mailbox. Only its SHA-256 is kept; it works once."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "Sign in"
        VERIFY = "verify", "Confirm the address"
        RESET = "reset", "New password"
        CHANGE = "change", "New address"

    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "mailed_tokens"
        indexes = [models.Index(Lower("email"), "created_at", name="mailed_token_by_mailbox")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


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


class TelegramAccount(UUIDModel):
    """The Telegram account that signs in as a user; made at its first sign-in, or linked by the signed-in user."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="telegram_account")
    telegram_id = models.BigIntegerField(unique=True, help_text="Telegram's number of the person; never changes.")
    username = models.CharField(max_length=64, blank=True, help_text="Of Telegram, as last seen; proves nothing.")
    linked_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "telegram_accounts"

    def __str__(self) -> str:
        return f"@{self.username}" if self.username else str(self.telegram_id)


class TelegramProof(models.Model):
    """Init data that has opened a session: it stays good for a day, but for one living session at a time.

    Only its SHA-256 is kept.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "telegram_proofs"

    def __str__(self) -> str:
        return f"{self.digest[:8]}… for {self.session_id}"


# Leaving ------------------------------------------------------------------------------------------------------------


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


@receiver(post_delete, sender=DataExportPart)
def _loosen_part(instance: DataExportPart, **_kwargs: Any) -> None:
    blobs.loosen(instance.key)

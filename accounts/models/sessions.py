"""Sessions with their tokens, the memory of failed sign-ins, and links that were mailed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.users import User
from core.models import UUIDModel


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> SessionQuerySet:
        """The user's own."""
        return self.filter(user=user)

    def alive(self, *, at: datetime | None = None) -> SessionQuerySet:
        """Neither ended nor run out, of users who may sign in."""
        return self.standing().filter(expires_at__gt=at or timezone.now())

    def standing(self) -> SessionQuerySet:
        """Of users who may sign in, and not ended by anybody; they may have run out."""
        return self.filter(revoked_at=None, user__is_active=True, user__kind=User.Kind.HUMAN)


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

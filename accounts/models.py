"""One user for every product."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from core.models import UUIDModel


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

    def get_by_natural_key(self, username: str | None) -> User:
        """By user name or e-mail address, without regard to case."""
        return self.get(models.Q(username__iexact=username) | models.Q(email__iexact=username))


class User(UUIDModel, AbstractBaseUser, PermissionsMixin):
    """A person, or an agent that speaks in the messenger.

    ``username`` and ``email`` may both be missing: a Telegram user has neither.
    """

    class Kind(models.TextChoices):
        HUMAN = "human"
        AGENT = "agent"

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
    language = models.CharField(max_length=5, default="en", choices=[("en", "English"), ("uk", "Українська")])
    is_verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
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

"""Everybody who is here: people, and the agents that speak in the messenger."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.crypto import salted_hmac

from accounts.addresses import canonical
from accounts.addresses import readable_password
from accounts.limits import DISPLAY_NAME_CHARS
from accounts.limits import LONGEST_USERNAME
from accounts.limits import SHORTEST_USERNAME
from core.models import UUIDModel
from core.text import folded


def display_name(given: str, username: str | None, user_id: UUID) -> str:
    """What to call a user: as they call themselves, or by the unique user name.

    Who has neither is told apart by the end of the id, which is its random part.
    """
    return given or username or f"User {user_id.hex[-6:]}"


class UserManager(BaseUserManager["User"]):
    """Makes users; the services of this app call it, and ``createsuperuser``."""

    def create_user(
        self, *, username: str | None = None, email: str | None = None, password: str | None = None, **fields: object
    ) -> User:
        """A new user; the address is stored in its one form, the password hashed (unusable when None)."""
        user = self.model(username=username, email=canonical(email or "") or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, username: str, email: str | None = None, password: str | None = None) -> User:
        """Staff with every right."""
        return self.create_user(
            username=username, email=email, password=password, is_staff=True, is_superuser=True, is_verified=True
        )

    def people(self) -> models.QuerySet[User]:
        """Humans only: who can sign in, is written to and is counted. Agents only speak."""
        return self.filter(kind=User.Kind.HUMAN)

    def named(self, identifier: str) -> models.QuerySet[User]:
        """The one user of that e-mail address or user name, without regard to case.

        A name never holds an ``@``, so one indexed lookup decides; the database folds the case on both sides, by the
        same rule as the unique constraint.
        """
        identifier = canonical(identifier)
        field = "email" if "@" in identifier else "username"
        return self.filter(Exact(Lower(field), Lower(models.Value(identifier))))

    def get_by_natural_key(self, username: str | None) -> User:
        """By user name or e-mail address, without regard to case; of people, as this is how Django signs in."""
        return self.named(username or "").get(kind=User.Kind.HUMAN)


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
        max_length=LONGEST_USERNAME,
        null=True,
        blank=True,
        validators=[
            RegexValidator(
                rf"^[A-Za-z0-9_-]{{{SHORTEST_USERNAME},{LONGEST_USERNAME}}}\Z",
                f"Use {SHORTEST_USERNAME} to {LONGEST_USERNAME} letters, digits, underscores and hyphens.",
            )
        ],
    )
    display_name = models.CharField(
        max_length=DISPLAY_NAME_CHARS,
        blank=True,
        default="",
        db_default="",
        help_text="Not unique; empty: the user name is shown.",
    )
    search_name = models.CharField(
        max_length=DISPLAY_NAME_CHARS, blank=True, default="", db_default="", editable=False, help_text="Folded."
    )
    email = models.EmailField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HUMAN)
    bio = models.CharField(max_length=500, blank=True)
    avatar_url = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(
        max_length=64, blank=True, db_default="", help_text="As IANA names it; empty: not told, taken for UTC."
    )
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
            models.CheckConstraint(
                condition=models.Q(kind="human") | models.Q(email=None, is_staff=False, is_superuser=False),
                name="user_agent_has_no_door",
                violation_error_message="An agent has no address and no rights.",
            ),
        ]

    def __str__(self) -> str:
        return self.username or self.email or str(self.pk)

    @property
    def shown_name(self) -> str:
        """What everybody sees; see :func:`display_name`."""
        return display_name(self.display_name, self.username, self.pk)

    def set_display_name(self, name: str) -> None:
        """Keep it, and what it is found by."""
        self.display_name = name
        self.search_name = folded(name)[:DISPLAY_NAME_CHARS]

    def set_password(self, raw_password: str | None) -> None:
        """Hash it in the one form of its letters; None makes it unusable."""
        super().set_password(None if raw_password is None else readable_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the password, however its letters were typed.

        One that was set before there was one form of them is hashed anew.
        """
        if raw_password is None:
            return False
        plain = readable_password(raw_password)
        if super().check_password(plain):
            return True
        if plain == raw_password or not super().check_password(raw_password):
            return False
        self.set_password(raw_password)
        self.save(update_fields=["password"])
        return True

    def get_session_auth_hash(self) -> str:
        """What a cookie session of the admin depends on: the password, and that nobody has ended all sessions."""
        return salted_hmac("accounts.session", f"{self.session_epoch}:{self.password}", algorithm="sha256").hexdigest()


class AgentUser(models.Model):
    """Whose agent a user of kind agent is, and whether it still speaks; made by ``services.agent_users``.

    An agent without this row has outlived its owner: it has no name, and nothing brings it back.
    """

    class Retired(models.TextChoices):
        ASKED = "asked", "Its owner asked"
        OWNER_AWAY = "owner_away", "Its owner was suspended, or is about to leave"

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="agent")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="agent_users")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_for = models.CharField(max_length=10, choices=Retired.choices, blank=True)

    class Meta:
        db_table = "agent_users"

    def __str__(self) -> str:
        return f"{self.user_id} of {self.owner_id}"

"""What the endpoints answer, and how it is made of rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self
from uuid import UUID

from django.utils import timezone
from pydantic import Field
from pydantic import WithJsonSchema

from accounts import models
from accounts.services import exporting
from accounts.services import sessions
from core import modules
from core.files import links
from core.jobs.models import Job
from core.shapes import Page
from core.shapes import Shape
from core.shapes import absent

Language = Annotated[models.User.Language, WithJsonSchema({"type": "string", "enum": models.User.Language.values})]
UserKind = Annotated[models.User.Kind, WithJsonSchema({"type": "string", "enum": models.User.Kind.values})]
Email = Annotated[str, Field(json_schema_extra={"format": "email"})]

_ExportState = Literal["none", "queued", "running", "ready", "failed", "expired"]

# Users --------------------------------------------------------------------------------------------------------------


class Telegram(Shape):
    """The Telegram account that signs in as the user."""

    username: Annotated[str, Field(description="Of Telegram, as last seen; proves nothing.")]
    linked_at: datetime


class User(Shape):
    """A user as seen by that user; the last four fields come from billing and are null without it."""

    id: UUID
    username: str | None
    display_name: Annotated[str, Field(description="What others see; empty: the user name is shown.")]
    email: Email | None
    avatar_url: str
    bio: str
    kind: UserKind
    language: Language
    time_zone: Annotated[str, Field(description="As IANA names it; empty: not told.")]
    is_verified: bool
    has_password: Annotated[bool, Field(description="False for who signs in by link only.")]
    is_staff: bool
    created_at: datetime
    telegram: Annotated[Telegram | None, Field(description="null: none is linked.")]
    subscription_tier: str | None
    tokens_used: int | None
    tokens_limit: Annotated[int | None, Field(description="-1 is unlimited.")]
    reset_at: datetime | None

    @classmethod
    def of(cls, user: models.User) -> Self:
        """Reads the linked Telegram account, and what the other apps know of the user."""
        account: models.TelegramAccount | None = getattr(user, "telegram_account", None)
        telegram = Telegram(username=account.username, linked_at=account.linked_at) if account else None
        plan: dict[str, Any] = dict.fromkeys(("subscription_tier", "tokens_used", "tokens_limit", "reset_at"))
        return cls(
            id=user.pk,
            username=user.username,
            display_name=user.display_name,
            email=user.email,
            avatar_url=user.avatar_url,
            bio=user.bio,
            kind=models.User.Kind(user.kind),
            language=models.User.Language(user.language),
            time_zone=user.time_zone,
            is_verified=user.is_verified,
            has_password=user.has_usable_password(),
            is_staff=user.is_staff,
            created_at=user.created_at,
            telegram=telegram,
            **plan | modules.profile_fields(user.pk),
        )


class Me(Shape):
    user: User

    @classmethod
    def of(cls, user: models.User) -> Self:
        return cls(user=User.of(user))


# Signing in ---------------------------------------------------------------------------------------------------------


class Grant(Shape):
    """What sign-in and refresh answer; ``expires_in`` is in seconds."""

    user: User
    access_token: str
    refresh_token: str = absent()
    """Left out for browsers, which have it in a cookie that no script can read."""
    expires_in: int

    @classmethod
    def of(cls, grant: sessions.SessionGrant) -> Self:
        return cls(
            user=User.of(grant.user),
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            expires_in=grant.expires_in,
        )


class Session(Shape):
    id: UUID
    user_agent: str
    ip: str
    created_at: datetime
    last_used_at: datetime
    is_current: bool

    @classmethod
    def of(cls, session: models.Session, *, current: UUID) -> Self:
        """``current`` is the session in which somebody asks."""
        return cls(
            id=session.pk,
            user_agent=session.user_agent,
            ip=session.ip,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            is_current=session.pk == current,
        )


class PaginatedSessionList(Page[Session]):
    pass


class Ticket(Shape):
    ticket: str
    expires_in: int


# Leaving ------------------------------------------------------------------------------------------------------------


class Deletion(Shape):
    deletion_at: Annotated[datetime, Field(description="Signing in brings it back till then.")]


class DataExport(Shape):
    """How the archive of everything one owns stands; every other field is null where it says nothing."""

    state: _ExportState
    progress: Annotated[int, Field(description="0 to 100.")]
    requested_at: datetime | None
    finished_at: datetime | None
    expires_at: Annotated[datetime | None, Field(description="The archive is removed then.")]
    size: Annotated[int | None, Field(description="Bytes.")]
    download_url: Annotated[
        str | None, Field(description="Signed, good for 15 to 30 minutes; ask again for a new one.")
    ]

    @classmethod
    def of(cls, export: models.DataExport | None) -> Self:
        state, progress = _standing(export)
        file = export.file if export and state == "ready" else None
        return cls(
            state=state,
            progress=progress,
            requested_at=export.created_at if export else None,
            finished_at=export.finished_at if export else None,
            expires_at=export.expires_at if export else None,
            size=file.size if file else None,
            download_url=links.content_url(file.pk) if file else None,
        )


def _standing(export: models.DataExport | None) -> tuple[_ExportState, int]:
    """The state of an export, and how much of it is done."""
    if export is None:
        return "none", 0
    if export.finished_at is None:
        job = exporting.job_of(export)
        if job is None:
            return "failed", 0
        return ("queued" if job.state == Job.State.QUEUED else "running"), job.progress
    if export.expires_at is None:
        return "failed", 0
    return ("expired" if export.file is None or export.expires_at <= timezone.now() else "ready"), 100

"""What the endpoints take. Whether a name, an address or a password is good enough, the services say."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from django.utils.translation import gettext as _
from pydantic import AfterValidator
from pydantic import Field
from pydantic import StringConstraints

from accounts.api.shapes import Language
from accounts.limits import DISPLAY_NAME_CHARS
from accounts.telegram_login import MAX_CHARS
from core.shapes import Body
from core.shapes import Filled
from core.shapes import Verbatim
from core.shapes import optional
from core.shapes import refusal

_Email = Annotated[Filled, Field(json_schema_extra={"format": "email"})]
"""Checked by the service together with the rest, so that one answer names every broken rule."""

_Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1)]
"""As typed: blanks belong to it."""

_LinkToken = Annotated[Filled, Field(max_length=200, description="What stands in the mailed link.")]

_InitData = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=1, max_length=MAX_CHARS),
    Field(description="`Telegram.WebApp.initData`, as it is."),
]

_Restore = Annotated[bool, Field(description="Takes a scheduled deletion of the account back.")]


def _known_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise refusal(_("There is no such time zone."))
    return name


class RegisterRequest(Body):
    username: Annotated[Filled, Field(description="3 to 50 of A-Z a-z 0-9 _ -")]
    email: _Email
    password: _Password


class LoginRequest(Body):
    email: Filled
    """The e-mail address or the user name."""
    password: _Password
    restore: _Restore = False


class InitDataRequest(Body):
    init_data: _InitData


class TelegramSignInRequest(InitDataRequest):
    restore: _Restore = False


class RefreshRequest(Body):
    refresh_token: Filled = optional()
    """Left out by browsers, whose cookie has it."""


class ProfileRequest(Body):
    username: Filled = optional()
    display_name: Annotated[str, Field(max_length=2 * DISPLAY_NAME_CHARS)] = optional()
    """In any script, emoji included; at most 64 letters. Empty: the user name is shown."""
    bio: str = optional()
    language: Language = optional()
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_known_zone)] = optional()
    """As IANA names it, `Europe/Kyiv`; empty: UTC. Quiet hours go by it."""
    avatar_id: UUID | None = None
    """An own file of purpose avatar; null takes the picture away."""


class PasswordRequest(Body):
    current_password: _Password = optional()
    """Left out by who has none yet."""
    new_password: _Password


class MailboxRequest(Body):
    email: _Email


class LinkRequest(Body):
    token: _LinkToken


class MailedSignInRequest(LinkRequest):
    restore: _Restore = False


class ResetRequest(LinkRequest):
    password: _Password


class MailboxChangeRequest(MailboxRequest):
    password: _Password = optional()
    """The own one; left out by who has none."""


class LeaveRequest(Body):
    """Left out by who has no password: a sign-in of the last 15 minutes stands for it."""

    password: Verbatim = optional()

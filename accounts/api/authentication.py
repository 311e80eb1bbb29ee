"""Who is asking: the bearer token."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.errors import SessionEnded
from accounts.models import User
from accounts.services import sessions


@dataclass(frozen=True, slots=True)
class Bearer:
    """``request.auth``: the session a request belongs to."""

    session_id: UUID


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <access token>``.

    One query joins session and user on every request, so a session that was ended is refused at once, everywhere.
    """

    def authenticate(self, request: Request) -> tuple[User, Bearer] | None:
        """The user and the session; None without a bearer token, 401 with one that is not good."""
        scheme, _, raw = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            user, session_id = sessions.authenticate(raw.strip())
        except SessionEnded as error:
            raise AuthenticationFailed from error
        return user, Bearer(session_id)

    def authenticate_header(self, _request: Request) -> str:
        """The challenge of a 401."""
        return "Bearer"

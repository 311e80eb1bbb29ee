"""What the views of signing in share."""

from __future__ import annotations

from contextlib import suppress
from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import cookies
from accounts.api import shapes
from accounts.api.authentication import Bearer
from accounts.api.authentication import BearerAuthentication
from accounts.models import User
from accounts.services import sessions


def session_id_of(request: Request) -> UUID:
    """The session the request belongs to."""
    return cast("Bearer", request.auth).session_id


def reading_language() -> str:
    """The language a newcomer reads the page in: the profile's own would switch it away from them."""
    return get_language() or settings.LANGUAGE_CODE


def signed_in(request: Request) -> User | None:
    """Who is signed in, at a door that is open to everybody: a token that is not good is none."""
    with suppress(AuthenticationFailed):
        if found := BearerAuthentication().authenticate(request):
            return found[0]
    return None


def granted(
    request: Request,
    grant: sessions.SessionGrant,
    *,
    by_cookie: bool = False,
    status_code: int = status.HTTP_200_OK,
) -> Response:
    """The answer of every sign-in: user and tokens, the refresh token in the cookie as well.

    A browser (it came by cookie, or says ``X-Requested-With``) has it in the cookie alone: a script that got into the
    page must not be able to take it away.
    """
    in_browser = by_cookie or bool(request.headers.get("X-Requested-With"))
    body = shapes.Grant.of(grant).model_dump(exclude={"refresh_token"} if in_browser else None)
    response = Response(body, status=status_code, headers={"Cache-Control": "no-store"})
    cookies.set_refresh(response, grant.refresh_token, expires=grant.session.expires_at)
    return response

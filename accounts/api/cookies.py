"""The refresh token as a cookie no script can read, for browsers."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import RequestedWithRequired

NAME = "kintsugi_refresh"
_PATH = "/api/auth"


def set_refresh(response: Response, token: str, *, expires: datetime) -> None:
    """Hand the token to the browser; it comes back to ``/api/auth/…`` of this site only."""
    response.set_cookie(
        NAME, token, expires=expires, path=_PATH, secure=settings.COOKIES_SECURE, httponly=True, samesite="Strict"
    )


def clear_refresh(response: Response) -> None:
    """Take the token away."""
    response.delete_cookie(NAME, path=_PATH, samesite="Strict")


def read_refresh(request: Request) -> str | None:
    """The token of the cookie, if any; raises RequestedWithRequired without the header only our own pages can add.

    A form of another site cannot set a header, and a script of another site needs a preflight that is not granted.
    """
    token = request.COOKIES.get(NAME)
    if token and not request.headers.get("X-Requested-With"):
        raise RequestedWithRequired
    return token

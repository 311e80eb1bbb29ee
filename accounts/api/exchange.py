"""What every view of this app takes from a request and puts into an answer."""

from __future__ import annotations

from typing import Any
from typing import cast
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api import cookies
from accounts.api.authentication import Bearer
from accounts.api.serializers import GrantSerializer
from accounts.models import User
from accounts.services import sessions


def valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body as the serializer reads it; 400 when it cannot."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return cast("dict[str, Any]", form.validated_data)


def actor_of(request: Request) -> User:
    """The signed-in user."""
    assert isinstance(request.user, User)  # noqa: S101 - the permission class has seen to it
    return request.user


def session_id_of(request: Request) -> UUID:
    """The session the request belongs to."""
    return cast("Bearer", request.auth).session_id


def granted(grant: sessions.Grant, *, status_code: int = status.HTTP_200_OK) -> Response:
    """The answer of every sign-in: user and tokens, the refresh token in the cookie as well."""
    response = Response(GrantSerializer(grant).data, status=status_code, headers={"Cache-Control": "no-store"})
    cookies.set_refresh(response, grant.refresh_token, expires=grant.session.expires_at)
    return response

"""Who acts in a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Unauthenticated

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from rest_framework.request import Request


def signed_in(request: Request) -> AbstractBaseUser:
    """The user of a request. Raises Unauthenticated for an anonymous one, which permissions let through by mistake."""
    if not request.user.is_authenticated:
        raise Unauthenticated
    return request.user

"""Who acts in a view of this app."""

from __future__ import annotations

from rest_framework.request import Request

from accounts.models import User
from core.api import throttles
from core.errors import Unauthenticated


def actor(request: Request) -> User:
    """The user of a request. Raises Unauthenticated for an anonymous one, whom the permissions keep out already."""
    if not isinstance(request.user, User):
        raise Unauthenticated
    return request.user


def limit(request: Request, scope: str, *, amount: int = 1) -> None:
    """Count towards a rate limit of the actor's. Raises RateLimited."""
    throttles.hit(scope, str(actor(request).pk), amount=amount)

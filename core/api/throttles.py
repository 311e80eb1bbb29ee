"""Rate limits per fixed window, counted in the cache (Redis, or memory when embedded)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import modules
from core.errors import RateLimited
from core.net import address_key
from core.net import client_ip
from core.redis import Pause

if TYPE_CHECKING:
    from rest_framework.views import APIView

_pause = Pause("Requests are not counted against their limits", seconds=2.0)


def hit(scope: str, key: str, *, amount: int = 1) -> None:
    """Count a request of ``key``, or what it costs, in ``scope`` (see ``rate_limits`` in :mod:`core.modules`).

    Raises RateLimited with the seconds until the window ends when there were too many.
    """
    if not settings.RATE_LIMIT_ENABLED:
        return
    allowed, seconds = settings.RATE_LIMITS.get(scope) or modules.rate_limits()[scope]
    window, elapsed = divmod(int(_now()), seconds)
    name = f"rate:{scope}:{key}:{window}"
    if _count(name, seconds, amount) > allowed:
        raise RateLimited(retry_after=seconds - elapsed)


def _now() -> float:
    return time.time()


def _count(name: str, seconds: int, amount: int) -> int:
    """Requests in this window, this one included; 0 when nobody can tell."""
    if _pause.is_on:
        return 0
    try:
        counted: int = cache.count(name, seconds + 5, amount)  # type: ignore[attr-defined] # our own backends have it
    except ValueError:  # evicted at once, as memory is full: the window starts anew
        return 0
    except Exception as error:
        # Without Redis the API goes on answering; what must hold then (lockout, metering) lies in the database.
        _pause.begin(error)
        return 0
    _pause.end()
    return counted


class DefaultThrottle(BaseThrottle):
    """600 a minute and user, 100 a minute and address; a view's ``throttle_scope`` counts separately on top."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        user = request.user
        key = str(user.pk) if user.is_authenticated else request_key(request)
        hit("user" if user.is_authenticated else "anonymous", key)
        scope = getattr(view, "throttle_scope", None)
        if scope:
            hit(scope, key)
        return True


def request_key(request: Request | HttpRequest) -> str:
    """Who counts as one client before sign-in."""
    return address_key(client_ip(request))

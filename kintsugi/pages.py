"""The server's own pages: landing, pricing and the shell the web client runs in."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from core.api.views import public_config
from kintsugi import client_routes
from kintsugi import pwa

_NAMED_MODELS = 8
"""Of a plan; a catalogue of hundreds is not read on a card."""
_YEAR = 365 * 24 * 3600


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What Kintsugi is, for somebody who has never seen it."""
    return render(request, "pages/landing.html", {"has_messenger": apps.is_installed("messenger")})


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """The plans, as billing tells them; a server without billing says that there is nothing to pay."""
    return render(request, "pages/pricing.html", {"plans": _plans()})


@csrf_exempt  # nothing of it is read, and nothing is changed
@never_cache
def shared(request: HttpRequest) -> HttpResponse:
    """The client's page for what another app shares, and where that is sent while the browser has no worker."""
    return pwa.share(request) if request.method == "POST" else client_shell(request, "share")


@never_cache
@require_safe
def client_shell(request: HttpRequest, path: str = "") -> HttpResponse:
    """One page for every address of the client, which draws the rest; its nonce must not be kept.

    What the client has no page for is the same page with the status 404, as the client says the same in its own look.

    It is the same for everybody and holds nothing of anybody: the client's worker keeps it, whoever signs in next.
    """
    status = 200 if client_routes.is_known(path) else 404
    response = render(request, "app.html", {"config": public_config()}, status=status)
    if path.startswith("shared/"):  # who has the link may read it, who searches shall not find it
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def choose_language(request: HttpRequest, code: str) -> HttpResponse:
    """Remember a language in the cookie that ``LocaleMiddleware`` reads, and go back to ``?next=``."""
    if code not in dict(settings.LANGUAGES) or not check_for_language(code):
        raise Http404
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    # Not HttpOnly: the client's own switch writes the same cookie.
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def _plans() -> list[dict[str, Any]]:
    """The plans as the pricing page shows them."""
    if not apps.is_installed("billing"):
        return []
    # Here, because the module cannot be imported on a server without the app.
    from billing.plans import plans

    models = _models_by_tier()
    return [
        {
            "id": plan.id,
            "name": plan.name,
            "is_free": plan.price_cents == 0,
            "price": f"{plan.price_cents / 100:.2f}",
            "currency": plan.currency.upper(),
            "features": plan.features,
            "models": models.get(plan.id, []),
        }
        for plan in plans()
    ]


def _models_by_tier() -> dict[str, list[str]]:
    """The names of the models that answer from a plan on, real ones first; none on a server without chats."""
    if not apps.is_installed("aichat"):
        return {}
    from core.llm import catalogue

    found: dict[str, list[str]] = {}
    for model in catalogue.visible():
        found.setdefault(model.min_tier, []).append(model.name)
    return {
        tier: [*names[:_NAMED_MODELS], *(["…"] if len(names) > _NAMED_MODELS else [])] for tier, names in found.items()
    }

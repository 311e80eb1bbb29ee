"""What makes the client an app of its own: the manifest it is installed by, the worker that opens it off-line."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import HttpResponseRedirect
from django.http import JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.decorators.http import require_safe

_GROUND = "#0a0a0a"


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """How the client is installed: its name, icons and shortcuts, in the reader's language."""
    return JsonResponse(
        {
            "id": "/app",
            "name": "Kintsugi",
            "short_name": "Kintsugi",
            "description": _("AI chats and messages on a server of your own."),
            "start_url": "/app",
            "scope": "/",
            "display": "standalone",
            "background_color": _GROUND,
            "theme_color": _GROUND,
            "categories": ["productivity", "social"],
            "icons": [
                _icon("icon", 192, "any"),
                _icon("icon", 512, "any"),
                _icon("maskable", 192, "maskable"),
                _icon("maskable", 512, "maskable"),
            ],
            "shortcuts": _shortcuts(),
            # Taken by the worker (`frontend/src/worker/share.ts`), which keeps it until its person says where it goes.
            "share_target": {
                "action": "/app/share",
                "method": "POST",
                "enctype": "multipart/form-data",
                "params": {
                    "title": "title",
                    "text": "text",
                    "url": "url",
                    "files": [{"name": "files", "accept": ["image/*"]}],
                },
            },
        },
        content_type="application/manifest+json",
    )


@never_cache
@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker. It stands at the root, because a worker rules what lies below it; a release changes it."""
    try:
        code = (settings.FRONTEND_DIST / "sw.js").read_bytes()
    except FileNotFoundError:  # the client was not built
        raise Http404 from None
    return HttpResponse(code, content_type="text/javascript; charset=utf-8")


@require_POST
def share(_request: HttpRequest) -> HttpResponse:
    """What was shared before the browser had the worker: nobody may be signed in, so nothing is kept."""
    response = HttpResponseRedirect("/app/share")
    response.status_code = 303
    return response


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {
        "src": static(f"icons/{name}-{size}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def _shortcuts() -> list[dict[str, Any]]:
    """Of the products this server has."""
    offered = {"aichat": (_("New chat"), "/app/chat"), "messenger": (_("Messages"), "/app/messages")}
    return [
        {"name": name, "url": url, "icons": [_icon("icon", 192, "any")]}
        for app, (name, url) in offered.items()
        if apps.is_installed(app)
    ]

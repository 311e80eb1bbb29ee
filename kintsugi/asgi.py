"""The ASGI application, and what lives beside it in a serving process."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

from django.core.asgi import get_asgi_application

_django = get_asgi_application()

from core.api.bodies import limited
from core.realtime import routes
from kintsugi.handler import DatabaseThreadHandler
from kintsugi.process import ServingProcess

_api = DatabaseThreadHandler()
_process = ServingProcess()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve HTTP through Django; start and stop the process's helpers with the server.

    uvicorn speaks the lifespan protocol; daphne does not, so the first request starts what is not yet running.
    """
    if scope["type"] == "lifespan":
        await _process.lifespan(receive, send)
        return
    await _process.ensure_started()
    if scope["type"] == "http":
        await limited(_api if scope["path"].startswith("/api/") else _django)(scope, receive, send)
    elif scope["type"] == "websocket":
        await routes.serve(scope, receive, send)

"""``/health``, ``/ready``, ``/metrics``: for balancers and scrapers, outside the API."""

from __future__ import annotations

import hmac
from dataclasses import asdict

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client import generate_latest

from core.api.handler import json_error
from core.errors import Unauthenticated
from core.observability.readiness import readiness


async def health(_request: HttpRequest) -> JsonResponse:
    """The process is alive; looks at nothing else."""
    return JsonResponse({"status": "ok"})


async def ready(_request: HttpRequest) -> JsonResponse:
    """Everything an answer needs is there; 503 names what is not."""
    checks = await sync_to_async(readiness.checks, thread_sensitive=False)()
    failed = [name for name, check in checks.items() if not check.ok]
    return JsonResponse(
        {
            "status": "unavailable" if failed else "ready",
            "failed": failed,
            "checks": {name: asdict(check) for name, check in checks.items()},
        },
        status=503 if failed else 200,
        headers={"Retry-After": "5"} if failed else {},
    )


async def metrics(request: HttpRequest) -> HttpResponse:
    """All figures in Prometheus' text format. Open in development, behind ``METRICS_TOKEN`` where one is set."""
    if not _may_scrape(request):
        return json_error(Unauthenticated())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return settings.ENVIRONMENT != "production"
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())

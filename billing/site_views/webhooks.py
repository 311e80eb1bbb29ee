"""``/webhook/…``: where payment providers call. Proven by a signature over the raw body, never by anything else."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import Error as StorageError
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing import providers
from billing.payments import webhooks
from core.api.handler import json_error
from core.errors import DomainError
from core.errors import NotFound
from core.errors import Unavailable

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Store it and answer; the work comes later. Whatever is not 2xx is sent again by Stripe."""
    if not settings.STRIPE_WEBHOOK_SECRETS:
        return json_error(NotFound())
    try:
        event = providers.get("stripe").parse_event(request.body, request.headers.get("Stripe-Signature", ""))
        webhooks.receive("stripe", event)
    except DomainError as error:
        logger.warning("billing.webhook_refused", extra={"code": error.code})
        return json_error(error)
    except StorageError:
        logger.exception("billing.webhook_not_stored")
        return json_error(Unavailable(retry_after=30))
    return JsonResponse({"received": True})

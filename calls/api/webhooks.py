"""``/webhook/hms``: 100ms tells that something happened in a room. It is a hint to look there, and nothing more.

100ms signs nothing; it sends along headers that one chooses in its dashboard (Developer → Webhooks). Ours is
``X-Kintsugi-Secret: <HMS_WEBHOOK_SECRET>``. https://www.100ms.live/docs/server-side/v2/introduction/webhook (2026).
"""

from __future__ import annotations

import hmac
import json
import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as StorageError
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from calls.services import notices
from core.api.handler import json_error
from core.errors import InvalidInput
from core.errors import NotFound
from core.errors import TooLarge
from core.errors import Unauthenticated
from core.errors import Unavailable

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024


@csrf_exempt
@require_POST
def hms(request: HttpRequest) -> HttpResponse:
    """Note it and answer: the work comes later. What is not 200 is sent three times more, within 14 seconds."""
    secret = settings.CALLS.hms_webhook_secret
    if not secret:
        return json_error(NotFound())
    if not hmac.compare_digest(request.headers.get("X-Kintsugi-Secret", "").encode(), secret.encode()):
        return json_error(Unauthenticated("The secret of this notification is not the right one."))
    try:
        body = request.body
    except RequestDataTooBig:
        return json_error(TooLarge())
    if len(body) > MOST_BYTES:
        return json_error(TooLarge())
    try:
        notice = notices.read(json.loads(body))
    except (ValueError, RecursionError):
        return json_error(InvalidInput("This notification cannot be read."))
    try:
        notices.take(notice)
    except StorageError:
        logger.exception("calls.notice_not_stored")
        return json_error(Unavailable(retry_after=30))
    return JsonResponse({"received": True})

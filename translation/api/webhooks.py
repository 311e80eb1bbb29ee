"""``/webhook/otranslator/<token>``: the service says that something happened to a document. A hint to look, no more.

The vendor signs nothing, so its body is not read. The token names the part, and was given to it alone.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.api.handler import json_error
from core.errors import NotFound
from translation.services.documents import callbacks


@csrf_exempt
@require_POST
def otranslator(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - what is sent is not believed
    """Look at the part now. 404 for a token that is none of ours."""
    if not callbacks.poke(token):
        return json_error(NotFound())
    return HttpResponse(status=204)

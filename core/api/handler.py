"""The one place where errors become HTTP answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError
from django.db import OperationalError
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import JsonResponse
from django.shortcuts import render
from django.views import defaults
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core import errors
from core.observability.context import current_request_id

logger = logging.getLogger(__name__)

_STATUS_ERRORS: dict[int, type[errors.DomainError]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    413: errors.TooLarge,
}


def handle(exception: Exception, _context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: the house body for every known error; None (a logged 500) for the rest."""
    error = as_domain_error(exception)
    if error is None:
        return None
    set_rollback()
    return Response(render_body(error), status=error.status, headers=headers_of(error, exception))


def as_domain_error(exception: Exception) -> errors.DomainError | None:
    """The domain error an exception stands for; None when it is a fault of ours."""
    match exception:
        case errors.DomainError():
            return exception
        case Http404():
            return errors.NotFound()
        case PermissionDenied():
            return errors.Forbidden()
        case ModelValidationError():
            return errors.InvalidInput(details=_model_details(exception))
        case exceptions.ValidationError():
            return errors.InvalidInput(details=_flatten(exception.detail))
        case exceptions.Throttled():
            return errors.RateLimited(retry_after=max(1, int(getattr(exception, "wait", None) or 1)))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            # DRF turns these into 403 where a view names no authentication.
            return errors.Unauthenticated()
        case exceptions.APIException():
            known = _STATUS_ERRORS.get(exception.status_code)
            return known() if known else _other(exception)
        case OperationalError() | InterfaceError() | RedisConnectionError() | RedisTimeoutError():
            # A restarted database, a full pool, a Redis that is away: it passes, so the client is told to come back.
            logger.error("Something the answer depends on does not work", exc_info=exception)
            return errors.Unavailable(retry_after=1)
    return None


def render_body(error: errors.DomainError) -> dict[str, Any]:
    """The error body with the id under which the request stands in the logs."""
    return error.body() | {"request_id": current_request_id()}


def headers_of(error: errors.DomainError, exception: Exception | None = None) -> dict[str, str]:
    """Headers that belong to an error."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    challenge = getattr(exception, "auth_header", None)
    if challenge or error.status == 401:
        headers["WWW-Authenticate"] = challenge or "Bearer"
    return headers


def _other(exception: exceptions.APIException) -> errors.DomainError:
    error = errors.DomainError(str(exception.detail))
    error.code, error.status = exception.default_code, exception.status_code  # type: ignore[misc]
    return error


def _model_details(exception: ModelValidationError) -> dict[str, list[str]]:
    return exception.message_dict if hasattr(exception, "error_dict") else {"non_field_errors": exception.messages}


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested details as ``{"items.0.name": ["…"]}``."""
    if isinstance(detail, Mapping):
        parts = [(f"{prefix}.{key}" if prefix else str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, (Mapping, list)) for item in detail):
        parts = [(f"{prefix}.{index}" if prefix else str(index), value) for index, value in enumerate(detail)]
    else:
        values = detail if isinstance(detail, list) else [detail]
        return {prefix or "non_field_errors": [str(value) for value in values]} if values else {}
    flat: dict[str, list[str]] = {}
    for name, value in parts:
        flat |= _flatten(value, name)
    return flat


def json_error(error: errors.DomainError) -> JsonResponse:
    """The same answer outside DRF."""
    return JsonResponse(render_body(error), status=error.status, headers=headers_of(error))


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 outside a view."""
    if _wants_json(request):
        return json_error(errors.NotFound())
    return defaults.page_not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside a view."""
    if _wants_json(request):
        return json_error(errors.Forbidden())
    return defaults.permission_denied(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 outside a view."""
    if _wants_json(request):
        return json_error(errors.DomainError())
    return defaults.bad_request(request, exception)


class _Fault(errors.DomainError):
    code, status = "server_error", 500
    message = "Something went wrong on our side. It has been recorded; try again, or give us the request id."


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says nothing about the inside."""
    if _wants_json(request):
        return json_error(_Fault())
    return render(request, "500.html", {"request_id": current_request_id()}, status=500)

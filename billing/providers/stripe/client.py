"""Asking Stripe: the SDK over :mod:`core.http`, one client a process, and its errors as ours.

The SDK repeats a call that may be repeated, under the same idempotency key; timeouts, the circuit breaker and metrics
are :mod:`core.http`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import stripe

from billing.errors import CustomerGone
from billing.errors import PaymentRefused
from billing.errors import PaymentsError
from billing.errors import PaymentsUnavailable
from core import http

logger = logging.getLogger(__name__)
# The SDK's own lines show every address it asks.
logging.getLogger("stripe").setLevel(logging.WARNING)

API_VERSION = "2026-10-28.endive"
"""What :mod:`billing.providers.stripe.shapes` was written for; the endpoint of the webhook may send any version."""

PAGE = 100
"""Rows of a list at once, the most that Stripe gives (https://docs.stripe.com/api/pagination, 2026)."""

_LONGEST_KEY = 255
"""Characters of an idempotency key (https://docs.stripe.com/api/idempotent_requests, 2026)."""

_TIMEOUT_SECONDS = 10.0
_RETRIES = 2
_MAX_BYTES = 8 * 1024 * 1024


class _Transport(stripe.HTTPClient):
    """The SDK's transport: the house's client, and its errors in the SDK's words."""

    name = "kintsugi"

    def __init__(self) -> None:
        super().__init__()
        self._client = http.client(
            role="stripe", timeout=_TIMEOUT_SECONDS, trusted=True, retries=0, max_bytes=_MAX_BYTES
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        try:
            response = self._client.request(method, url, headers=headers, content=post_data)
            return response.text, response.status_code, response.headers
        except http.OutgoingError as error:
            again = not isinstance(error, http.CircuitOpen)
            raise stripe.APIConnectionError(error.sentence, should_retry=again) from error  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._client.close()


@lru_cache(maxsize=4)
def connect(key: str, base: str) -> Any:
    """One for each process: it keeps connections. Typed as Any, as its parameters are some thousand TypedDicts."""
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        http_client=_Transport(),
        max_network_retries=_RETRIES,
        base_addresses={"api": base} if base else None,
    ).v1


def once(key: str) -> dict[str, Any]:
    """The options of a call that happens once under its key."""
    return {"idempotency_key": f"kintsugi:{key}"[:_LONGEST_KEY]}


def call(function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    """Ask, and have plain data; raises children of PaymentsError."""
    try:
        answer: dict[str, Any] = function(*arguments).to_dict()
    except stripe.CardError as error:
        raise PaymentRefused(error.user_message or None) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        logger.warning("stripe.unavailable", extra={"kind": type(error).__name__})
        raise PaymentsUnavailable(retry_after=getattr(error.__cause__, "retry_after", None)) from error
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing" and error.param == "customer":
            logger.warning("stripe.customer_gone", extra={"stripe_request": error.request_id})
            raise CustomerGone from error
        raise _refused(error) from error
    except stripe.StripeError as error:
        raise _refused(error) from error
    return answer


def _refused(error: stripe.StripeError) -> PaymentsError:
    # Its text may show a part of the key.
    facts = {"kind": type(error).__name__, "status": error.http_status, "stripe_request": error.request_id}
    logger.error("stripe.refused", extra=facts | {"stripe_code": error.code})
    return PaymentsUnavailable() if error.http_status is not None and error.http_status >= 500 else PaymentsError()


def find(function: Callable[[], Any]) -> dict[str, Any] | None:
    """As :func:`call`, but None for what does not exist."""

    def look() -> Any:
        try:
            return function()
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise _MissingError from error
            raise

    try:
        return call(look)
    except _MissingError:
        return None


class _MissingError(Exception):
    pass

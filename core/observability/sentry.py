"""Error reports, when a DSN is set. Imported only then."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any
from typing import cast

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration

from core.observability.context import current_request_id
from core.observability.redaction import scrub

if TYPE_CHECKING:
    from sentry_sdk.types import Breadcrumb
    from sentry_sdk.types import Event


def start(dsn: str, *, environment: str, **options: Any) -> None:
    """Send unhandled exceptions and error logs to Sentry.

    No bodies, no local variables, no personal data; what is left passes the redaction. ``options`` go to the SDK (tests
    give a transport).
    """
    sentry_sdk.init(
        dsn,
        environment=environment,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), CeleryIntegration()],
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_scrub_event,
        before_send_transaction=_scrub_event,
        before_breadcrumb=_scrub_breadcrumb,
        **options,
    )


def _scrub_event(event: Event, _hint: dict[str, Any]) -> Event:
    scrubbed: dict[str, Any] = scrub(dict(event))
    request = scrubbed.get("request", {})
    for part in ("cookies", "data", "env"):
        request.pop(part, None)
    if request_id := current_request_id():
        scrubbed["tags"] = {**(scrubbed.get("tags") or {}), "request_id": request_id}
    return cast("Event", scrubbed)


def _scrub_breadcrumb(crumb: Breadcrumb, _hint: dict[str, Any]) -> Breadcrumb:
    return cast("Breadcrumb", scrub(crumb))

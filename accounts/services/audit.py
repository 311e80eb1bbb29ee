"""The security log."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import AuditEvent
from accounts.models import User
from core.observability.context import current_request_id


def record(
    event: str,
    *,
    actor: User | None = None,
    client: Client = NOBODY,
    on: Model | None = None,
    outcome: str = AuditEvent.Outcome.SUCCESS,
    **data: Any,
) -> AuditEvent:
    """Append an event, in the caller's transaction: it is undone with it.

    ``event`` is ``subject.verb``; ``on`` is the object it happened to. ``data`` must be JSON and hold no secret, and no
    personal data beyond ids: the log outlives the account.
    """
    return AuditEvent.objects.create(
        event=event,
        actor=actor,
        object_ref=f"{on._meta.model_name}:{on.pk}" if on else "",
        outcome=outcome,
        ip=client.ip,
        user_agent=client.user_agent,
        request_id=current_request_id(),
        data=data,
    )

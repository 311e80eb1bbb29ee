"""The security log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models import Q

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import AuditEvent
from accounts.models import Session
from accounts.models import User
from core.observability.context import current_request_id


def record(
    event: str,
    *,
    actor: User | None = None,
    client: ClientInfo = NOBODY,
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


def forget(user_id: UUID) -> None:
    """Take from the log what says who somebody was: addresses, devices, and the reasons that staff wrote down.

    The one exception to append-only: what happened, when and to which ids stays. What others did keeps their address.
    """
    rows = AuditEvent._base_manager  # the queryset of ``objects`` refuses this
    own = [f"session:{pk}" for pk in Session.objects.filter(user_id=user_id).values_list("pk", flat=True)]
    about = Q(object_ref=f"user:{user_id}")
    nobody = Q(actor=None) & (about | Q(object_ref__in=own))
    reused = Q(event="session.reuse_detected", data__user=str(user_id))
    for mine in (Q(actor_id=user_id), nobody, reused):
        rows.filter(mine).exclude(ip="", user_agent="").update(ip="", user_agent="")
    explained = rows.filter(about, data__has_key="reason").exclude(event__startswith="login.")
    for row in explained.only("pk", "data").iterator(chunk_size=200):
        rows.filter(pk=row.pk).update(data={name: value for name, value in row.data.items() if name != "reason"})

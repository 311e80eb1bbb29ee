"""Notifications: stored first, worked later, each once.

The row is the record and the queue only pokes: a notification whose task got lost, failed or died is taken up by
:func:`sweep`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TypedDict
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from billing import providers
from billing.models import BillingCustomer
from billing.models import Payment
from billing.models import WebhookEvent
from billing.payments import sync
from billing.providers.base import Event
from billing.providers.base import Name
from core.jobs import claims

logger = logging.getLogger(__name__)

WORK_EVENT = "billing.work_event"
"""The task that does the work, found by its name."""

KNOWN_TYPES = (
    "checkout.session.",
    "customer.subscription.",
    "subscription_schedule.",
    "invoice.",
    "payment_intent.",
    "charge.refund",
    "charge.dispute.",
    "refund.",
)
"""Beginnings of the types that are worked: https://docs.stripe.com/api/events/types, 2026."""
MAX_ATTEMPTS = 12
RETENTION = timedelta(days=90)
"""Long after Stripe has stopped repeating an event (three days) and forgotten it (thirty, its API), 2026:
https://docs.stripe.com/webhooks#retries, https://docs.stripe.com/api/events."""
_LEASE = timedelta(minutes=5)
"""Twice what the task that works an event may take."""
_UNPOKED = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(hours=1)
_SWEEP_LIMIT = 200

State = WebhookEvent.State


def receive(name: Name, event: Event) -> None:
    """Store a verified notification and have it worked after the commit; a known one changes nothing."""
    now = timezone.now()
    row = WebhookEvent(
        provider=name,
        event_id=event.id,
        type=event.type[:100],
        customer_id=event.customer_id,
        payload=event.payload,
        state=State.RECEIVED if event.type.startswith(KNOWN_TYPES) else State.IGNORED,
        occurred_at=event.created,
        received_at=now,
        due_at=now + _UNPOKED,
    )
    with transaction.atomic():
        WebhookEvent.objects.bulk_create([row], ignore_conflicts=True)
        pk = WebhookEvent.objects.filter(event_id=event.id, state=State.RECEIVED).values_list("pk", flat=True).first()
        if pk is not None:
            transaction.on_commit(partial(poke, pk))


def poke(pk: UUID) -> None:
    """Queue the work; without a broker the sweeper finds it."""
    try:
        current_app.signature(WORK_EVENT, args=(str(pk),)).delay()
    except Exception:
        logger.warning("billing.event_not_queued", extra={"webhook_event": str(pk)}, exc_info=True)


def work(pk: UUID) -> bool:
    """Work a notification, unless somebody does or did; True when its customer was read."""
    row = _claim(pk)
    if row is None:
        return False
    try:
        customer = _customer_of(row)
        if customer is None:
            _finish(row, State.IGNORED)
            return False
        _read(customer, row)
    except Exception as error:
        _fail(row, error)
        return False
    return True


def sweep() -> int:
    """Poke what should have been worked by now; returns how many."""
    due = WebhookEvent.objects.filter(_open(), due_at__lte=timezone.now(), attempts__lt=MAX_ATTEMPTS).order_by("due_at")
    keys = list(due.values_list("pk", flat=True)[:_SWEEP_LIMIT])
    for pk in keys:
        poke(pk)
    return len(keys)


def purge() -> int:
    """Forget what was worked long ago; returns how many."""
    old = WebhookEvent.objects.filter(state__in=[State.DONE, State.IGNORED], received_at__lt=timezone.now() - RETENTION)
    return old.delete()[0]


def _open() -> Q:
    return Q(state__in=[State.RECEIVED, State.WORKING, State.FAILED])


def _claim(pk: UUID) -> WebhookEvent | None:
    """A new one at once; a failed one, or one whose worker died, when it is due."""
    now = timezone.now()
    free = Q(state=State.RECEIVED) | Q(state__in=[State.FAILED, State.WORKING], due_at__lte=now)
    changes = {"state": State.WORKING, "attempts": F("attempts") + 1, "due_at": now + _LEASE}
    return claims.claim(WebhookEvent.objects.filter(free), pk, lease=_LEASE, **changes)


def _customer_of(row: WebhookEvent) -> BillingCustomer | None:
    """Whose it is; disputes name their payment only."""
    customer_id, intent_id = row.customer_id, row.payload.get("payment_intent", "")
    if not customer_id and intent_id:
        known = Payment.objects.filter(intent_id=intent_id).values_list("customer_id", flat=True).first()
        customer_id = known or _customer_of_intent(row, intent_id)
    return BillingCustomer.objects.filter(provider=row.provider, customer_id=customer_id).first()


def _customer_of_intent(row: WebhookEvent, intent_id: str) -> str:
    intent = providers.get(row.provider).retrieve_intent(intent_id)
    return intent.customer_id if intent else ""


class _Named(TypedDict, total=False):
    intent_ids: list[str]


def _read(customer: BillingCustomer, row: WebhookEvent) -> None:
    """Read the customer; the reading also does for the notifications that had arrived before it began."""
    also = WebhookEvent.objects.filter(
        provider=row.provider, customer_id=customer.customer_id, state=State.RECEIVED
    ).exclude(type__startswith="payment_intent.")
    covered = list(also.values_list("pk", flat=True))
    intent_id = row.payload.get("payment_intent")
    named: _Named = {"intent_ids": [intent_id]} if intent_id and row.type.startswith("payment_intent.") else {}
    sync.refresh(customer, **named)
    _finish(row, State.DONE)
    WebhookEvent.objects.filter(pk__in=covered, state=State.RECEIVED).update(state=State.DONE)


def _finish(row: WebhookEvent, state: WebhookEvent.State) -> None:
    claims.release(row, state=state, error="")


def _fail(row: WebhookEvent, error: Exception) -> None:
    """Note it and come back later: after 30 s, 1, 2, 4 … minutes, at most an hour. One that another took is theirs."""
    pause = min(timedelta(seconds=30 * 2 ** (row.attempts - 1)), _LONGEST_PAUSE)
    sentence = f"{type(error).__name__}: {error}"[:500]
    if not claims.release(row, state=State.FAILED, error=sentence, due_at=timezone.now() + pause):
        return
    facts = {"event_id": row.event_id, "type": row.type, "attempts": row.attempts}
    if row.attempts >= MAX_ATTEMPTS:
        logger.error("billing.event_given_up", extra=facts, exc_info=error)
    else:
        logger.warning("billing.event_failed", extra=facts, exc_info=error)

"""Starting what was quoted: agreed to by its digest, paid where that is required, and cut into parts by a job."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from billing import orders
from billing.errors import QuoteChanged
from billing.errors import QuoteExpired
from billing.models import Order
from core import jobs
from core.errors import NotFound
from translation import errors
from translation import limits
from translation.models import Translation
from translation.services import telling
from translation.services.documents import quoting
from translation.services.documents.quoting import Offer

SPLIT = "translation.split"
FEATURE = "translation"
_STARTS_FROM = (Translation.Stage.READY, Translation.Stage.PAYING)
_OVER = (Translation.Status.COMPLETED, Translation.Status.FAILED, Translation.Status.CANCELLED)


def start(user: User, translation_id: UUID, *, digest: str, client: ClientInfo = NOBODY) -> Translation:
    """Start the offer of this digest; starting again what was started by it changes nothing.

    Raises NotReady, AlreadyRunning, QuoteChanged with the new quote on the row, QuoteExpired, TooManyDocuments, and
    PaymentRequired with the ways to pay where that is required.
    """
    found = _agree(user, translation_id, digest)
    if found.stage == Translation.Stage.PAYING and found.order_id:
        # The provider is asked outside any transaction.
        orders.require_paid(user, found.order_id, client=client)
        go_on(found.order_id)
        found.refresh_from_db()
    return found


def start_agreed(found: Translation) -> None:
    """Start by itself what costs no more than its owner allowed. Where it has to be paid, it waits for that."""
    if found.user is None:
        return
    _agree(found.user, found.pk, found.quote_digest)


def go_on(order_id: UUID) -> None:
    """An order was paid: what waits for it begins. May be called for any order, and again."""
    if not Order.objects.filter(pk=order_id, state=Order.State.PAID).exists():
        return
    with transaction.atomic():
        waiting = Translation.objects.select_for_update(of=("self",)).filter(stage=Translation.Stage.PAYING)
        found = waiting.filter(order_id=order_id, user__isnull=False).first()
        if found is not None:
            _queue(found)


def _agree(user: User, translation_id: UUID, digest: str) -> Translation:
    # Prices and services are looked up before the row is locked: a vendor may be asked for its languages.
    before = Translation.objects.visible_to(user).documents().filter(pk=translation_id).first()
    if before is None:
        raise NotFound
    if before.stage == Translation.Stage.INSPECTING:
        raise errors.NotReady
    if before.stage not in _STARTS_FROM:
        if before.quote_digest == digest and before.status not in _OVER:
            return before
        raise errors.AlreadyRunning
    offers = quoting.offers(before)
    chosen = next((offer for offer in offers if offer.digest == digest), None)
    problem = _problem(before, chosen)
    with transaction.atomic():
        found = _lock(user, translation_id)
        if found.stage not in _STARTS_FROM:
            return found
        if problem is None and chosen is not None:
            _refuse_too_many(user)
            quoting.take(found, chosen)
            _order_or_queue(user, found, chosen)
            return found
        # What is quoted now is shown, and nothing begins before somebody has seen it.
        found.quoted_at = timezone.now()
        found.quote = {"offers": [offer.stored() for offer in offers]}
        quoting.take(found, offers[0])
        found.stage = Translation.Stage.READY
        found.save()
        telling.updated(found)
    raise problem or QuoteChanged


def _problem(found: Translation, chosen: Offer | None) -> Exception | None:
    if chosen is None:
        return QuoteChanged()
    if _is_late(found.quoted_at):
        return QuoteExpired()
    if found.max_cost is not None and chosen.cost > found.max_cost:
        return errors.QuoteExceeded()
    return None


def _is_late(quoted_at: datetime | None) -> bool:
    return quoted_at is None or quoted_at + limits.QUOTE_TIME <= timezone.now()


def _lock(user: User, translation_id: UUID) -> Translation:
    rows = Translation.objects.visible_to(user).documents().select_for_update(of=("self",))
    found = rows.filter(pk=translation_id).first()
    if found is None:
        raise NotFound
    return found


def _refuse_too_many(user: User) -> None:
    # The user's row is locked, so that many who start at once are counted one after the other.
    User.objects.select_for_update().get(pk=user.pk)
    live = Translation.objects.visible_to(user).documents().filter(status=Translation.Status.PROCESSING)
    if live.count() >= limits.LIVE_DOCUMENTS:
        raise errors.TooManyDocuments


def _order_or_queue(user: User, found: Translation, chosen: Offer) -> None:
    if settings.TRANSLATION.payment != "required" or not chosen.cost:
        _queue(found)
        return
    line = orders.Line("1,800 characters", found.char_count, chosen.units, chosen.price)
    quote = orders.quote(
        user,
        feature=FEATURE,
        reference=str(found.pk),
        title=found.name,
        lines=[line],
        units=max(1, chosen.parts),
        currency=found.currency,
        tokens=chosen.tokens,
    )
    order = orders.open_order(user, feature=FEATURE, reference=str(found.pk), digest=quote.digest)
    found.order_id, found.stage = order.pk, Translation.Stage.PAYING
    found.save()
    telling.updated(found)


def _queue(found: Translation) -> None:
    found.status, found.stage = Translation.Status.PROCESSING, Translation.Stage.QUEUED
    found.started_at, found.part_done = timezone.now(), 0
    found.error_code = found.error_message = ""
    found.save()
    payload = {"translation": str(found.pk), "round": found.round}
    jobs.enqueue(SPLIT, payload=payload, owner=found.user, key=f"{found.pk}:{found.round}")
    telling.updated(found)

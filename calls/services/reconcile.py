"""What the media server says of a call against what we measured, and the nightly proof of both against the ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.services import audit
from billing.metering.findings import LedgerFinding
from calls import metrics
from calls import providers
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.models import CallProviderEvent
from calls.services import intervals
from calls.services import minutes
from calls.services import paying
from core import sql

logger = logging.getLogger(__name__)

_LOOK_BACK = timedelta(days=8)
_SETTLED_WITHIN = timedelta(minutes=10)
_MOST_DIFFERENCE = 60
_MOST_SHARE = 0.05
_KEPT = timedelta(days=30)


def read_stays(call_id: UUID) -> int | None:
    """Write down who was in the room, as the media server has it; the seconds in which two were, None where it keeps no
    history. Who has left the call and is in its room, with a token that they kept, is put out.

    No transaction may be open. Raises ProviderError when it should be tried again.
    """
    call = Call.objects.filter(pk=call_id).first()
    server = providers.named(call.provider) if call else None
    if call is None or server is None or not call.hms_room_id or not server.keeps_history:
        return None
    stays = server.seen(call.hms_room_id)
    legs = dict(CallLeg.objects.filter(call_id=call_id).values_list("pk", "user_id"))
    told = [(stay.leg_id, stay.joined_at, stay.left_at) for stay in stays]
    intervals.adopt(call_id, legs, call.generation, told)
    _put_out(call, server, [stay for stay in stays if stay.left_at is None])
    now = sql.now()
    return intervals.overlap([(begun, ended or now) for leg, begun, ended in told if begun and leg in legs])


def _put_out(call: Call, server: providers.MediaServer, there: list[providers.Stay]) -> None:
    if not call.is_live:  # its room is closed, for all
        return
    gone = CallLeg.objects.filter(call=call, state=CallLeg.State.LEFT, pk__in=[stay.leg_id for stay in there])
    for leg in gone:
        server.remove(call.hms_room_id, leg=providers.LegRef(leg.pk, peer_id=leg.peer_id))


def end_room(call_id: UUID) -> None:
    """A call is over: nobody stays in its room, and it is charged, for no more than the media server's own session.

    Charged it is in any case. Raises ProviderError when the rest should be tried again.
    """
    call = Call.objects.filter(pk=call_id).first()
    if call is None or (call.is_live and call.transport == Call.Transport.SFU):
        return
    theirs = None
    try:
        server = providers.named(call.provider)
        if server is not None and call.hms_room_id:
            server.close_room(call.hms_room_id)
            theirs = read_stays(call_id)
    finally:
        paying.settle_ended(call_id, at_most=theirs)


def reconcile(call_id: UUID) -> None:
    """Some time after the end: a difference of more than a minute, or a twentieth, is told to staff.

    The charge stays ours. Raises ProviderError when it should be tried again.
    """
    paying.settle_ended(call_id)
    ours = intervals.seconds_together(call_id)
    theirs = read_stays(call_id)
    if theirs is None:
        return
    difference = abs(theirs - ours)
    if difference > _MOST_DIFFERENCE or difference > _MOST_SHARE * max(ours, theirs):
        metrics.DIFFERENCES.inc()
        logger.error("calls.minutes_differ", extra={"call_id": str(call_id), "ours": ours, "theirs": theirs})
        call = Call.objects.get(pk=call_id)
        audit.record("call.minutes_differ", on=call, ours=ours, theirs=theirs)


def forget_events() -> int:
    """Webhooks that were taken long ago; how many."""
    return CallProviderEvent.objects.filter(received_at__lt=timezone.now() - _KEPT).delete()[0]


def prove() -> Iterator[LedgerFinding]:
    """Of the last eight days: nothing of an ended call is open, and none was charged for more than was measured."""
    now = timezone.now()
    ended = Call.objects.filter(
        status=Call.Status.ENDED, ended_at__gte=now - _LOOK_BACK, ended_at__lt=now - _SETTLED_WITHIN
    )
    for call_id in ended.exclude(provider="").values_list("pk", flat=True).iterator():
        yield from _prove_one(call_id)


def _prove_one(call_id: UUID) -> Iterator[LedgerFinding]:
    still_open = CallInterval.objects.filter(call_id=call_id, ended_at__isnull=True).count()
    if still_open:
        yield LedgerFinding("call_intervals_open", str(call_id), 0, still_open)
    holds = minutes.standings(call_id)
    if open_holds := sum(hold.is_open for hold in holds):
        yield LedgerFinding("call_holds_open", str(call_id), 0, open_holds)
    charged = sum(hold.charged for hold in holds)
    measured = -(-intervals.seconds_together(call_id) // 60) * 60
    # Less is right: a call whose processes all died is charged for what was confirmed before.
    if charged > measured:
        yield LedgerFinding("call_minutes", str(call_id), measured, charged)

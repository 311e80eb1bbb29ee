"""Who pays for a call on the media server, and how much: minutes are set aside before it moves there, more while it
runs, and it is charged once.

What counts is wall-clock time in which at least two were there, however many. One hold is one payer's: when another
takes over, or the hold was swept because every process was dead, the next one pays for what comes after it. As each
charge is whole minutes, their sum is the whole call, rounded up once.

The time is read from the intervals, by the database's clock. Nothing here changes a call; :mod:`calls.services.paying`
does.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from billing.errors import MinuteLimitExceeded
from billing.metering import minutes
from calls import errors
from calls.models import Call
from calls.services import intervals

AHEAD_SECONDS = 300
"""So much is set aside beyond what was used."""

_MOST_HOLDS = 24
"""Of one call: each change of the payer takes one."""


def reserve(call: Call, payer_id: UUID) -> None:
    """Set minutes of the payer aside, so that the call may move. Once more changes nothing.

    Under the stream of the conversation. What somebody else has paid until now is settled. Raises MinutesUsedUp,
    MinutesNotInPlan; MeteringUnavailable when the ledger cannot be written.
    """
    if not settings.CALLS.minutes_limited:
        return
    holds = standings(call.pk)
    last = holds[-1] if holds else None
    if last and last.is_open and last.user_id == payer_id:
        return
    if len(holds) >= _MOST_HOLDS:
        raise errors.MinutesUsedUp
    if last and last.is_open:
        minutes.lock(last.key, [last.user_id, payer_id])
    try:
        minutes.hold(payer_id, key=_key(call.pk, len(holds)), seconds=AHEAD_SECONDS, reference=str(call.pk))
    except MinuteLimitExceeded as refused:
        if refused.context.get("limit") == 0:
            raise errors.MinutesNotInPlan from refused
        raise errors.MinutesUsedUp(**refused.context) from refused
    if last and last.is_open:  # only now, so that nothing is settled for somebody who then cannot pay
        _settle(last, intervals.seconds_together(call.pk) - _charged(holds))


def take_over(call: Call, payer_id: UUID) -> None:
    """Somebody else pays from now on; what was used so far is charged to whoever paid until now.

    Between devices there is nothing to pay: then only that they could is looked at. Raises as :func:`reserve`, and
    then nothing changes.
    """
    if call.transport == Call.Transport.SFU:
        reserve(call, payer_id)
        return
    if not settings.CALLS.minutes_limited:
        return
    allowance = minutes.allowance(payer_id)
    if allowance.limit == 0:
        raise errors.MinutesNotInPlan
    if allowance.left == 0:
        raise errors.MinutesUsedUp(
            limit=allowance.limit // 60,
            used=allowance.used // 60,
            reset_at=allowance.reset_at.isoformat().replace("+00:00", "Z"),
        )


def extend(call_id: UUID) -> int | None:
    """Say how much has passed, and set more aside; for how many more seconds the call is paid, AHEAD_SECONDS when there
    is enough.

    None when no hold is open: it was settled, or swept when nobody extended it. Raises MeteringUnavailable.
    """
    holds = standings(call_id)
    if not holds or not holds[-1].is_open:
        return None
    passed = max(0, intervals.seconds_together(call_id) - _charged(holds))
    extension = minutes.extend(holds[-1].key, confirmed=passed, ahead=AHEAD_SECONDS)
    return min(extension.ahead, AHEAD_SECONDS) if extension else None


def settle(call_id: UUID, *, at_most: int | None = None) -> int | None:
    """Charge what was not charged yet, and release the rest; the seconds that this did, None when there was nothing to
    settle.

    ``at_most`` is how many seconds the media server itself knows of. May be called again. Raises MeteringUnavailable.
    """
    holds = standings(call_id)
    if not holds or not holds[-1].is_open:
        return None
    total = intervals.seconds_together(call_id)
    if at_most is not None:
        total = min(total, at_most)
    return _settle(holds[-1], total - _charged(holds))


def standings(call_id: UUID) -> list[minutes.Standing]:
    """The holds of a call, one payer after the other."""
    return minutes.standings([_key(call_id, number) for number in range(_MOST_HOLDS)])


def is_open(call_id: UUID) -> bool:
    """Whether somebody pays for the call now."""
    holds = standings(call_id)
    return bool(holds) and holds[-1].is_open


def _settle(hold: minutes.Standing, seconds: int) -> int | None:
    seconds = max(0, seconds)
    return seconds if minutes.settle(hold.key, seconds=seconds) else None


def _charged(holds: list[minutes.Standing]) -> int:
    return sum(hold.charged for hold in holds if not hold.is_open)


def _key(call_id: UUID, number: int) -> str:
    return f"call:{call_id}" if number == 0 else f"call:{call_id}:{number + 1}"

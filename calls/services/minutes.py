"""Who pays for a call on the media server: minutes are set aside before it moves there."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from billing.errors import MinuteLimitExceeded
from billing.metering import minutes
from calls import errors
from calls.models import Call

AHEAD_SECONDS = 300
"""So much is set aside beyond what was used."""


def key(call_id: UUID) -> str:
    """What a call's hold is called."""
    return f"call:{call_id}"


def reserve(call: Call, payer_id: UUID) -> None:
    """Set minutes of the payer aside, so that the call may move. Once more changes nothing.

    Raises MinutesUsedUp, MinutesNotInPlan; MeteringUnavailable when the ledger cannot be written.
    """
    if not settings.CALLS.minutes_limited:
        return
    try:
        minutes.hold(payer_id, key=key(call.pk), seconds=AHEAD_SECONDS, reference=str(call.pk))
    except MinuteLimitExceeded as refused:
        if refused.context.get("limit") == 0:
            raise errors.MinutesNotInPlan from refused
        raise errors.MinutesUsedUp(**refused.context) from refused


def take_over(call: Call, payer_id: UUID) -> None:
    """Somebody else pays from now on: what was used so far is charged to whoever paid until now.

    Raises as :func:`reserve`; then nothing changes.
    """
    if not settings.CALLS.minutes_limited or call.payer_id == payer_id:
        return
    if call.transport == Call.Transport.SFU:
        raise errors.MinutesUsedUp

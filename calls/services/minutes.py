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


def key(call_id: UUID, payer_id: UUID) -> str:
    """What the hold of a call is called: each payer has one of their own."""
    return f"call:{call_id}:{payer_id}"


def reserve(call: Call, payer_id: UUID) -> None:
    """Set minutes of the payer aside, so that the call may move. Once more changes nothing.

    Raises MinutesUsedUp, MinutesNotInPlan; MeteringUnavailable when the ledger cannot be written.
    """
    if not settings.CALLS.minutes_limited:
        return
    try:
        minutes.hold(payer_id, key=key(call.pk, payer_id), seconds=AHEAD_SECONDS, reference=str(call.pk))
    except MinuteLimitExceeded as refused:
        if refused.context.get("limit") == 0:
            raise errors.MinutesNotInPlan from refused
        raise errors.MinutesUsedUp(**refused.context) from refused

"""The tables of calls."""

from calls.models.calls import Call
from calls.models.calls import CallParticipant
from calls.models.calls import CallQuerySet
from calls.models.calls import CallSettings
from calls.models.legs import CallLeg
from calls.models.media import CallClock
from calls.models.media import CallInterval
from calls.models.media import CallProviderEvent

__all__ = [
    "Call",
    "CallClock",
    "CallInterval",
    "CallLeg",
    "CallParticipant",
    "CallProviderEvent",
    "CallQuerySet",
    "CallSettings",
]

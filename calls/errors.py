"""Refusals of calls. Those that concern a call carry it as it is now, so that nobody has to ask again."""

from __future__ import annotations

from core.errors import Conflict
from core.errors import DomainError
from core.errors import Forbidden
from core.errors import Unavailable


class CallOver(Conflict):
    """The call has ended; ``call`` says how."""

    code = "call_over"
    message = "This call is over."


class AnsweredElsewhere(Conflict):
    """Another device of the same person is in the call."""

    code = "answered_elsewhere"
    message = "You are in this call on another device."


class CallExists(Conflict):
    """The person is in this call already, on another device; it can be moved here."""

    code = "call_exists"
    message = "You are in a call here on another device. Move it to this one, or end it there."


class CallFull(Conflict):
    """Nobody more fits in."""

    code = "call_full"
    message = "This call has as many people as it can have."


class NoRelay(Conflict):
    """The person's address is to stay hidden, and there is nothing to hide it behind."""

    code = "no_relay"
    message = "Your settings hide your address in this call, but this server has no relay to hide it behind."


class SfuNotConfigured(Conflict):
    """There is no media server."""

    code = "sfu_not_configured"
    message = "This server has no media server, so calls go from device to device only."


class SfuUnavailable(Unavailable):
    """There is a media server, and it did not carry the call."""

    code = "sfu_unavailable"
    message = "The media server did not answer in time, so the call goes on from device to device."


class SfuNotNeeded(Conflict):
    """The call does not go through the media server."""

    code = "not_needed"
    message = "This call goes from device to device."


class NotThisProvider(Conflict):
    """Another media server carries the call."""

    code = "not_this_provider"
    message = "This call goes through another media server."


class MinutesUsedUp(DomainError):
    """Nothing is left of the payer's call minutes; the figures are minutes."""

    code, status, message = "call_minutes_exceeded", 429, "The call minutes of this month are used up."


class MinutesNotInPlan(Forbidden):
    """The payer's plan has no call minutes at all."""

    code = "upgrade_required"
    message = "Calls through the media server are not part of your plan."

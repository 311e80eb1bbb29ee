"""How a call to somebody else's server goes wrong. None of these holds a URL, a header or a body."""

from __future__ import annotations

from core import errors


class OutgoingError(errors.DomainError):
    """Base; ``role`` names the service.

    ``sent`` is False only when nothing of the call can have left this machine: then also what changes something may be
    tried again. In doubt it is True.
    """

    code, status, message = "upstream_failed", 502, "Another service did not answer properly. Try again in a moment."

    def __init__(
        self, role: str, message: str | None = None, *, retry_after: int | None = None, sent: bool = True
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.role = role
        self.sent = sent


class AddressRefused(OutgoingError):
    """The address is not one that may be called: inside the house, of another scheme or port, or with a password."""

    code, status, message = "address_refused", 400, "This address cannot be used."


class Unreachable(OutgoingError):
    code, message = "upstream_unreachable", "Another service cannot be reached. Try again in a moment."


class TimedOut(OutgoingError):
    code, status, message = "upstream_timeout", 504, "Another service took too long to answer. Try again in a moment."


class AnswerRefused(OutgoingError):
    """The answer is larger than allowed, or packed in a way that was not asked for."""

    code, message = "upstream_answer_refused", "Another service sent an answer that cannot be used."


class CircuitOpen(OutgoingError):
    """It failed so often that it is left alone for a while."""

    code, status = "upstream_paused", 503
    message = "Another service is down and is being left alone for a minute."


class Busy(OutgoingError):
    """As many as may be are asking it at the moment."""

    code, status, message = (
        "upstream_busy",
        503,
        "Another service is busy with our other questions. Try again in a moment.",
    )

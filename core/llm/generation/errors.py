"""How an answer ends when neither its model nor its reader ended it."""

from __future__ import annotations

from core import errors


class Interrupted(errors.Unavailable):
    """The process that wrote the answer is gone."""

    code = "interrupted"
    message = "The answer was interrupted. What arrived is kept; continue to pick it up where it stopped."


class Fault(errors.DomainError):
    """A defect of ours in the middle of an answer; the log has the rest under the request id."""

    code, status = "server_error", 500
    message = "Something went wrong on our side. It has been recorded; try again, or give us the request id."

"""Errors of the domain: a sentence, a code and a status; no HTTP is imported here.

Services raise them, and every door (HTTP, SSE, socket) renders the same body with :meth:`DomainError.body`.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar


class DomainError(Exception):
    """Base of all refusals a person may meet.

    ``context`` is merged into the body beside ``error`` and ``code``; ``details`` maps a field to its sentences;
    ``retry_after`` (seconds) also becomes the ``Retry-After`` header.
    """

    code: ClassVar[str] = "bad_request"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "The request cannot be carried out."

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, Sequence[str]] | None = None,
        retry_after: int | None = None,
        **context: Any,
    ) -> None:
        self.sentence = message or self.message
        self.details = details
        self.retry_after = retry_after
        self.context = context
        super().__init__(self.sentence)

    def body(self) -> dict[str, Any]:
        """The house error body, without the request id."""
        body: dict[str, Any] = {"error": self.sentence, "code": self.code}
        if self.details:
            body["details"] = {field: list(sentences) for field, sentences in self.details.items()}
        if self.retry_after is not None:
            body["retry_after"] = self.retry_after
        return body | self.context


class InvalidInput(DomainError):
    """A value breaks a rule; ``details`` says which."""

    code, status, message = "invalid", 400, "Some of the values are not valid."


class Unauthenticated(DomainError):
    """Who is asking cannot be told."""

    code, status, message = "unauthenticated", 401, "Sign in to continue."


class Forbidden(DomainError):
    """The actor is known and may see the object, but may not do this to it."""

    code, status, message = "forbidden", 403, "You do not have the right to do this."


class NotFound(DomainError):
    """Missing, or somebody else's: the answer is the same."""

    code, status, message = "not_found", 404, "Not found."


class Conflict(DomainError):
    """The state of the object does not allow it now."""

    code, status, message = "conflict", 409, "The object has changed in the meantime."


class IdempotencyMismatch(Conflict):
    """A known key came back with other content."""

    code = "idempotency_mismatch"
    message = "This request id was already used for something else."


class TooLarge(DomainError):
    """A body or a file is over the limit."""

    code, status, message = "too_large", 413, "That is too large."


class RateLimited(DomainError):
    """Too many requests in the window; ``retry_after`` says when to come back."""

    code, status, message = "rate_limited", 429, "Rate limit exceeded"


class Unavailable(DomainError):
    """Something the answer depends on does not work at the moment."""

    code, status, message = "unavailable", 503, "The service is not available right now. Try again in a moment."

"""What is known of the request at hand, for logs and error bodies."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request being answered; empty outside one."""
    return request_id.get()

"""Tickets for the socket: a browser cannot send headers there, and no long-lived token belongs into a URL."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache

from accounts import tokens
from accounts.errors import SessionEnded
from accounts.models import User
from accounts.services import sessions

LIFETIME_SECONDS = 30
"""A browser redeems its ticket at once; this leaves room for a slow network."""


@dataclass(frozen=True, slots=True)
class TicketOwner:
    """Who a redeemed ticket speaks for."""

    user: User
    session_id: UUID


def issue_ticket(actor: User, *, session_id: UUID) -> str:
    """A ticket that opens one socket in this session, within LIFETIME_SECONDS."""
    ticket = secrets.token_urlsafe(32)
    cache.set(_key(ticket), {"user": str(actor.pk), "session": str(session_id)}, LIFETIME_SECONDS)
    return ticket


def redeem_ticket(ticket: str) -> TicketOwner:
    """Use a ticket up; raises SessionEnded when it is unknown, old, used, or its session has ended since."""
    key = _key(ticket)
    content = cache.get(key)
    # Of several who read it, deleting succeeds for one only.
    if content is None or not cache.delete(key):
        raise SessionEnded
    session_id = UUID(content["session"])
    return TicketOwner(user=sessions.still_alive(UUID(content["user"]), session_id), session_id=session_id)


def _key(ticket: str) -> str:
    return f"ws-ticket:{tokens.digest(ticket)}"

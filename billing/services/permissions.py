"""Who may act on whose plan, tokens and payments."""

from __future__ import annotations

from accounts.models import User
from core.errors import Forbidden
from core.errors import InvalidInput


def authorise(actor: User | None, user: User | None, reason: str) -> None:
    """Staff act on users, superusers on staff as well, the operator (None) on all, and nobody without a reason.

    ``user`` is None when the owner's account is gone. Agents have neither plan nor tokens: who asks them pays.
    """
    if actor is not None:
        is_staff = actor.is_active and actor.is_staff
        if not is_staff or (user is not None and user.is_staff and not actor.is_superuser):
            raise Forbidden
    if user is not None and user.kind != User.Kind.HUMAN:
        raise InvalidInput("An agent has neither plan nor tokens: the people who use it do.")
    if not reason.strip():
        raise InvalidInput("Give a reason.", details={"reason": ["This value is required."]})

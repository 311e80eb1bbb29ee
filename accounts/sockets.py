"""What the socket must know of users and sessions; named by ``settings.SOCKET_SESSIONS``."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Session
from accounts.models import User
from accounts.services import sessions
from accounts.services import tickets
from core.realtime.identity import Identity
from core.realtime.identity import Review


def authenticate(token: str) -> Identity:
    """Whose ticket or access token this is; raises SessionEnded for one that is not good."""
    if token.count(".") == 2:  # a JWT has three parts, a ticket one
        user, session_id = sessions.authenticate(token)
    else:
        owner = tickets.redeem_ticket(token)
        user, session_id = owner.user, owner.session_id
    return Identity(user=user, session_id=session_id, hello=_shown(user))


def still_alive(session_ids: Sequence[UUID]) -> Review:
    """How these sessions stand, with their users as they are now."""
    now = timezone.now()
    rows = Session.objects.standing().filter(pk__in=session_ids).select_related("user")
    found = {row.pk: row for row in rows}
    expired = {pk for pk, row in found.items() if row.expires_at <= now}
    return Review(alive={pk: row.user for pk, row in found.items() if pk not in expired}, expired=expired)


def touch(user_ids: Collection[UUID], at: datetime) -> None:
    """Remember that these users were there; a later moment that is known already stays."""
    with transaction.atomic():
        # In one order, and past whoever is being written to: several processes do this at once.
        rows = User.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=user_ids)
        older = [pk for pk, seen in rows.order_by("pk").values_list("pk", "last_seen_at") if seen is None or seen < at]
        User.objects.filter(pk__in=older).update(last_seen_at=at)


def last_seen(user_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When these users were last known to be there."""
    rows = User.objects.filter(pk__in=user_ids).exclude(last_seen_at=None)
    return {pk: seen for pk, seen in rows.values_list("pk", "last_seen_at") if seen}


def _shown(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "username": user.username,
        "name": user.shown_name,
        "avatar_url": user.avatar_url,
        "kind": user.kind,
    }

"""Which browsers may be written to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from collections.abc import Iterable
from datetime import time
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from core.crypto import Secret
from core.errors import Conflict
from core.errors import InvalidInput
from core.errors import NotFound
from core.push import sealing
from core.push.models import PushNotice
from core.push.models import PushPreferences
from core.push.models import PushSubscription

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

MOST_DEVICES = 20
"""Of one person; the oldest makes room."""

REACHABLE = "EXISTS (SELECT 1 FROM push_subscriptions r WHERE r.user_id = {user} AND r.enabled)"
""":func:`reachable` in SQL: whether the ``user``, a column, has a device that wants to be told."""


class EndpointTaken(Conflict):
    """Somebody else's browser is reached there, and the keys are not that browser's."""

    code, message = "endpoint_taken", "This browser is registered for somebody else. Allow notifications anew."


@transaction.atomic
def subscribe(
    actor: AbstractBaseUser, *, endpoint: str, p256dh: str, auth: str, device: str = "", session_id: UUID | None = None
) -> tuple[PushSubscription, bool]:
    """Write to this browser from now on; whether it was not known before.

    A browser in which another person signs in shows the same keys and changes hands. Who knows only its address cannot
    take it: raises EndpointTaken. Raises InvalidInput for what no browser says.
    """
    if not sealing.are_keys(p256dh, auth):
        raise InvalidInput(details={"keys": ["These are not the keys of a browser."]})
    parts = urlsplit(endpoint) if sealing.is_address(endpoint) else None
    if parts is None or parts.scheme not in settings.PUSH_SCHEMES or not parts.hostname:
        raise InvalidInput(details={"endpoint": ["This is not the address of a push service."]})
    browser = {"endpoint": endpoint, "p256dh": p256dh, "auth": auth, "host": parts.hostname[:255]}
    row, is_new = PushSubscription.objects.get_or_create(
        fingerprint=hashlib.sha256(endpoint.encode()).hexdigest(),
        defaults={"user_id": actor.pk, "session_id": session_id, "device": device, **browser},
    )
    if is_new:
        _make_room(actor)
        return row, True
    known = PushSubscription.objects.select_for_update().filter(pk=row.pk).first()
    if known is None:  # ended in this very moment; the browser asks again
        raise EndpointTaken
    values: dict[str, Any] = {"session_id": session_id, **browser}
    if device:
        values["device"] = device
    if known.user_id != actor.pk:
        if not _same_browser(known, p256dh, auth):
            raise EndpointTaken
        # What the other person wished for, and is owed, is theirs.
        values |= {"user_id": actor.pk, "device": device, "enabled": True, "shows_text": True, "has_sound": True}
        PushNotice.objects.filter(subscription=known).update(subscription=None)
    for name, value in values.items():
        setattr(known, name, value)
    known.save(update_fields=list(values))
    return known, False


def change(actor: AbstractBaseUser, subscription_id: UUID, **changes: bool | str) -> PushSubscription:
    """Change ``enabled``, ``shows_text``, ``has_sound`` or ``device`` of one of the actor's. Raises NotFound."""
    row = own(actor, subscription_id)
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return row


def unsubscribe(actor: AbstractBaseUser, subscription_id: UUID) -> None:
    """Write to it no more. Raises NotFound for anybody else's."""
    own(actor, subscription_id).delete()


def forget_sessions(session_ids: Collection[UUID] | QuerySet[Any, UUID]) -> None:
    """These sessions have ended: what is private is not sent to a browser whose person has signed out."""
    PushSubscription.objects.filter(session_id__in=session_ids).delete()


def own(actor: AbstractBaseUser, subscription_id: UUID) -> PushSubscription:
    """One of the actor's. Raises NotFound for anybody else's."""
    row = PushSubscription.objects.visible_to(actor).filter(pk=subscription_id).first()
    if row is None:
        raise NotFound
    return row


def reachable(user_ids: Iterable[UUID]) -> set[UUID]:
    """Of these people, those who have a device that wants to be told."""
    rows = PushSubscription.objects.filter(user_id__in=list(user_ids), enabled=True)
    return set(rows.values_list("user_id", flat=True))


def preferences(actor: AbstractBaseUser) -> PushPreferences:
    """The actor's, or what holds for somebody who has said nothing."""
    return PushPreferences.objects.filter(user_id=actor.pk).first() or PushPreferences(user_id=actor.pk)


def set_quiet_hours(actor: AbstractBaseUser, *, quiet_from: time | None, quiet_until: time | None) -> PushPreferences:
    """Leave the actor alone between the two, by their own clock; None for both: never.

    Raises InvalidInput when only one is given, or both are the same.
    """
    if (quiet_from is None) != (quiet_until is None):
        raise InvalidInput(details={"quiet_until": ["Give the beginning and the end, or neither."]})
    if quiet_from is not None and quiet_from == quiet_until:
        raise InvalidInput(details={"quiet_until": ["Quiet hours end at another time than they begin."]})
    values = {"quiet_from": quiet_from, "quiet_until": quiet_until}
    row, _ = PushPreferences.objects.update_or_create(user_id=actor.pk, defaults=values)
    return row


def _same_browser(known: PushSubscription, p256dh: str, auth: str) -> bool:
    return (known.p256dh, known.auth) == (Secret(p256dh), Secret(auth))


def _make_room(actor: AbstractBaseUser) -> None:
    rows = PushSubscription.objects.visible_to(actor).order_by("-created_at", "-pk")
    PushSubscription.objects.filter(pk__in=[row.pk for row in rows.only("pk")[MOST_DEVICES:]]).delete()

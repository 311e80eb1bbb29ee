"""What one person wants of calls."""

from __future__ import annotations

from typing import Literal

from accounts.models import User
from calls.models import CallSettings
from calls.services import relaying
from calls.shapes import CallSettingsShape


def of(actor: User) -> CallSettingsShape:
    """As it is now; what was never said is as the site has it."""
    rings = CallSettings.objects.filter(user_id=actor.pk).values_list("ring", flat=True).first()
    wish = relaying.wish_of(actor)
    return CallSettingsShape.model_validate({"hide_address": wish, "ring": rings is not False})


def change(actor: User, *, hide_address: Literal["never", "strangers", "always"], ring: bool) -> CallSettingsShape:
    """Say it anew; it holds from the next call on."""
    CallSettings.objects.update_or_create(user_id=actor.pk, defaults={"hide_address": hide_address, "ring": ring})
    return of(actor)

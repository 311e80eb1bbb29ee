"""What REST shows and takes of devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.shapes import Body
from core.shapes import Filled
from core.shapes import Line
from core.shapes import Page
from core.shapes import Shape
from core.shapes import optional

_Key = Annotated[Filled, Field(max_length=200, pattern=r"^[A-Za-z0-9_-]+={0,2}$")]
_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Hours and minutes: `22:30`.")]
_Device = Annotated[Line, Field(max_length=100)]


class PushKeyShape(Shape):
    """`applicationServerKey` of a subscription."""

    public_key: str = Field(description="An uncompressed point of P-256, base64url.")


class Device(Shape):
    """A browser that is written to."""

    id: UUID
    device: str
    host: str = Field(description="Of the push service.")
    enabled: bool
    shows_text: bool = Field(description="False: nothing that somebody wrote is sent to it.")
    has_sound: bool
    is_this: bool = Field(description="It was subscribed in the session that asks.")
    created_at: datetime
    used_at: datetime | None


class DevicePage(Page[Device]):
    """Newest first."""


class Keys(Body):
    """As `PushSubscription.toJSON()` has them."""

    p256dh: _Key
    auth: _Key


class SubscribeRequest(Body):
    """`POST /api/push/subscriptions`"""

    endpoint: Annotated[Filled, Field(max_length=2000)]
    keys: Keys
    device: _Device = optional()


class DeviceChangeRequest(Body):
    """`PATCH /api/push/subscriptions/:id`; what is left out stays."""

    device: _Device = optional()
    enabled: bool = optional()
    shows_text: bool = optional()
    has_sound: bool = optional()


class Preferences(Shape):
    """When somebody is left alone, by the clock of their `time_zone`; null: never."""

    quiet_from: _Clock | None
    quiet_until: _Clock | None


class PreferencesRequest(Body):
    """`PUT /api/push/preferences`"""

    quiet_from: _Clock | None
    quiet_until: _Clock | None


class Tried(Shape):
    """That a notice for a trial is on its way."""

    queued: int

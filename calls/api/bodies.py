"""What the endpoints take."""

from __future__ import annotations

from typing import Annotated
from typing import Literal
from uuid import UUID

from pydantic import Field

from calls import limits
from calls.shapes import CallClientId
from calls.shapes import CallType
from calls.shapes import DeviceKey
from calls.shapes import QualityReport
from core.shapes import Body
from core.shapes import optional


class _DeviceFields(Body):
    device_key: DeviceKey
    """Made by the tab, and kept over its reloads."""
    audio_on: bool = True
    video_on: bool = False


class InitiateRequest(_DeviceFields):
    """`POST /api/calls/initiate`"""

    conversation_id: UUID
    call_type: CallType
    client_id: CallClientId | None = None


class AnswerRequest(_DeviceFields):
    """`POST /api/calls/:id/answer`"""

    move: bool = False
    """From the device that is in the call to this one."""


class EndRequest(Body):
    """`POST /api/calls/:id/end`; without a leg: with whichever device is in."""

    leg_id: UUID | None = None
    for_everyone: bool = False


class BeatRequest(Body):
    """`POST /api/calls/:id/beat`"""

    leg_id: UUID
    generation: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    audio_on: bool = True
    video_on: bool = False
    screen_on: bool = False
    waits_for_permission: bool = False
    media_from: Annotated[list[UUID], Field(max_length=limits.ROOM)] = optional()
    report: QualityReport | None = None
    leaving: bool = False
    """The page closes; when it is only loaded anew, it is back in a moment."""


class PassRequest(Body):
    """`POST /api/calls/:id/sfu`"""

    leg_id: UUID


class HmsTokenRequest(Body):
    """`POST /api/calls/hms-token`"""

    call_id: UUID


class CallSettingsRequest(Body):
    """`PUT /api/calls/settings`"""

    hide_address: Literal["never", "strangers", "always"]
    ring: bool


class IceQuery(Body):
    """`GET /api/calls/ice-servers`"""

    call_id: UUID | None = None

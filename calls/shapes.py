"""What REST and the socket show of calls; events are made of the same shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Literal
from uuid import UUID

from pydantic import Field

from calls import limits
from core.shapes import Page
from core.shapes import Shape
from core.shapes import Verbatim
from messenger.shapes import Person

CallType = Literal["audio", "video"]
Status = Literal["ringing", "connecting", "active", "ended"]
EndReason = Literal[
    "hangup",
    "declined",
    "cancelled",
    "missed",
    "failed",
    "lost",
    "removed",
    "blocked",
    "limit",
    "too_long",
    "staff",
]
Transport = Literal["p2p", "sfu"]
ProviderName = Literal["hms", "janus"]
Notice = Literal[
    "sfu_not_configured",
    "sfu_unavailable",
    "audio_only",
    "no_media",
    "minutes_low",
    "minutes_over",
    "minutes_not_in_plan",
    "minutes_unknown",
]
"""Why a call goes as it does. ``no_media``: somebody is not heard yet, and it is tried once more; ``minutes_unknown``:
they cannot be counted at the moment.
"""
Response = Literal["pending", "accepted", "declined", "missed"]
LegState = Literal["joining", "connected", "lost"]

DeviceKey = Annotated[str, Field(min_length=1, max_length=limits.DEVICE_KEY_CHARS, pattern=r"^[A-Za-z0-9_-]+$")]
"""Made by the tab, and kept over its reloads."""
CallClientId = Annotated[Verbatim, Field(min_length=1, max_length=limits.CLIENT_ID_CHARS)]


class LegShape(Shape):
    """A device that is in the call."""

    id: UUID
    state: LegState
    audio_on: bool
    video_on: bool
    screen_on: bool
    switched: int
    """Counts their changes: of two that say something else of a device the higher one is newer."""


class CallParticipantShape(Shape):
    """Somebody the call is for, or who came to it."""

    user: Person
    response: Response
    joined_at: datetime | None
    left_at: datetime | None
    leg: LegShape | None
    """Of the one device with which they are in the call now."""


class CallShape(Shape):
    """A call as all members of its conversation see it.

    A device rings while ``status`` is ``ringing``, the response of its user ``pending`` and the server's clock before
    ``ring_until``.
    """

    id: UUID
    conversation_id: UUID
    call_type: CallType
    status: Status
    end_reason: EndReason | None
    transport: Transport
    generation: int
    """Counts the ways the media took; what belongs to an earlier one is void."""
    provider: ProviderName | None
    initiator: Person | None
    payer_id: UUID | None
    created_at: datetime
    ring_until: datetime
    connect_until: datetime | None
    answered_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    duration: int | None
    """Seconds in which people heard each other."""
    notice: Notice | None
    most: int
    """So many people can be in it."""
    participants: list[CallParticipantShape]


class CallPage(Page[CallShape]):
    """Newest first."""


class IceServer(Shape):
    """As `RTCIceServer`."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceShape(Shape):
    """How a device finds the others."""

    ice_servers: list[IceServer]
    policy: Literal["all", "relay"]
    """`relay`: nobody is to learn this device's address."""
    ttl: int
    """Seconds until the credentials should be asked for anew."""


class OwnLegShape(LegShape):
    """The device that asks."""

    call_id: UUID
    generation: int
    relay_only: bool


class JoinedShape(Shape):
    """The call, one's own place in it, and how the others are found."""

    call: CallShape
    leg: OwnLegShape
    ice: IceShape


class InitiatedShape(JoinedShape):
    """As it begins."""

    joined: bool
    """It was there already: the other one had called, or the group was talking."""
    reachable: list[UUID]
    """Those who are rung and have the app open somewhere."""


class OneCallShape(Shape):
    """The call as it is now."""

    call: CallShape


class BeatShape(Shape):
    """What a sign of life is answered."""

    status: Status
    generation: int


class MediaPass(Shape):
    """The way into the media server, for one device and a short time."""

    provider: ProviderName
    generation: int
    room_id: str
    url: str
    token: str | None
    role: str | None
    expires_at: datetime


class HmsToken(Shape):
    """`POST /api/calls/hms-token`"""

    token: str
    room_id: str
    expires_at: datetime


class MissedShape(Shape):
    """Missed calls that were not looked at."""

    count: int


class CallSettingsShape(Shape):
    """What one wants of calls."""

    hide_address: Literal["never", "strangers", "always"]
    """From whom: `strangers` are those one has no direct conversation with."""
    ring: bool
    """Whether calls make a sound at all."""


class IceCandidate(Shape):
    """As `RTCIceCandidateInit`."""

    candidate: Annotated[Verbatim, Field(max_length=limits.CANDIDATE_CHARS)]
    sdp_mid: Annotated[Verbatim, Field(max_length=32)] | None = None
    sdp_mline_index: Annotated[int, Field(ge=0, le=1000)] | None = None
    username_fragment: Annotated[Verbatim, Field(max_length=256)] | None = None


class QualityReport(Shape):
    """What a device measured of its connections since the last report."""

    rtt_ms: Annotated[float, Field(ge=0, le=600_000)] | None = None
    loss_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    jitter_ms: Annotated[float, Field(ge=0, le=600_000)] | None = None
    kbps_in: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    kbps_out: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    route: Literal["host", "srflx", "relay", "sfu"] | None = None
    frozen_ms: Annotated[float, Field(ge=0, le=600_000)] | None = None

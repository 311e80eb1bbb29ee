"""The frames that belong to the socket itself and to no app: greeting, catching up, answers, heartbeat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict
from pydantic import Field

from core.realtime.commands import Payload
from core.realtime.events import Event
from core.shapes import Shape

MAX_FRAME_BYTES = 65_536
PATH = "/ws"
SUBPROTOCOL = "kintsugi.v1"

# Of 4000 to 4999 an application may make what it likes; those below 2000 are everybody's: RFC 6455, 7.4, and
# https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number for 1012.
EXPIRED = 4001
NOT_ALLOWED = 4003
MALFORMED = 4009
REVOKED = 4010
DRAINING = 4011
ABUSE = 4029
TOO_LARGE = 1009
NORMAL = 1000
GONE = 1001
FAULT = 1011
RESTART = 1012

CLOSE_CODES: dict[int, tuple[str, str]] = {
    EXPIRED: ("the token is expired or invalid", "refreshes once, reconnects; then logs in"),
    NOT_ALLOWED: ("not allowed", "stops"),
    4008: ("too slow", "resumes at once"),
    MALFORMED: ("malformed frame whose id cannot be read", "resends unanswered commands one by one, else stops"),
    TOO_LARGE: ("frame over 64 KiB", "resends unanswered commands one by one, else stops"),
    REVOKED: ("this session was revoked", "forgets local data, logs in"),
    DRAINING: ("draining", "reconnects after 0 to 5 s of jitter"),
    RESTART: ("draining", "reconnects after 0 to 5 s of jitter"),
    4012: ("too many sockets for one user (20 at one serving process; the oldest is closed)", "waits for focus"),
    ABUSE: ("rate limit abused", "waits `retry_after` of the `error` before it"),
    GONE: ("no pong for 15 s", "reconnects"),
    FAULT: ("server fault", "backs off 1, 2, 4 … 30 s ± 50 %"),
}
"""Code → what it means and what the client does."""

_USER = "01990000-0000-7000-8000-000000000001"
_ROOM = "01990000-0000-7000-8000-00000000000c"


class Myself(Shape):
    """Whose socket this is."""

    id: UUID
    username: str | None
    name: str
    avatar_url: str
    kind: Literal["human", "agent"]


class Hello(Event):
    """The first frame; events come only after the first ``sync``."""

    type: ClassVar[str] = "hello"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "session_id": "01990000-0000-7000-8000-0000000000a0",
        "user": {"id": _USER, "username": "alice", "name": "alice", "avatar_url": "", "kind": "human"},
        "heartbeat": 25,
        "max_frame": MAX_FRAME_BYTES,
        "server_time": "2026-01-31T12:00:00Z",
        "features": ["messenger"],
    }

    session_id: UUID
    user: Myself
    heartbeat: int
    """Seconds between two pings."""
    max_frame: int
    """Bytes a frame may have."""
    server_time: datetime
    features: list[str]
    """The apps that take commands or tell of events."""


class Synced(Event):
    """All that was missed has been sent, as far as ``more`` is false; from now on events come as they happen."""

    type: ClassVar[str] = "synced"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"reset": [f"c:{_ROOM}"], "more": False, "heads": {f"c:{_ROOM}": 1043}}

    reset: list[str]
    """Streams to read by REST: new to the client, too far behind, or not the user's."""
    more: bool
    """Not everything fitted: ``sync`` again with the new positions."""
    heads: dict[str, int]
    """Of the streams in ``reset``: from where their events follow."""


class Ok(Event):
    """A command was carried out and committed; ``id`` says which."""

    type: ClassVar[str] = "ok"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {}

    model_config = ConfigDict(extra="allow", frozen=True)


class Error(Event):
    """A command was refused; ``id`` says which."""

    type: ClassVar[str] = "error"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "code": "bad_request",
        "error": "The command is not understood.",
        "retryable": False,
        "details": {"conversation_id": ["Field required"]},
    }

    model_config = ConfigDict(extra="allow", frozen=True)

    code: str
    error: str
    """A sentence for people."""
    retryable: bool
    """Whether the same command may be sent again, with the same ``client_id``."""
    retry_after: int | None = Field(default=None, json_schema_extra={"absent": True})
    """Seconds."""
    details: dict[str, list[str]] | None = Field(default=None, json_schema_extra={"absent": True})
    """Field → sentences."""


class Ping(Event):
    """To be answered by ``pong``; ``tails`` shows how far streams have come since the last one."""

    type: ClassVar[str] = "ping"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"tails": {f"c:{_ROOM}": 1043}}

    tails: dict[str, int]


class SyncPayload(Payload):
    """What the client has: the last ``seq`` it knows of each stream. Answered by what is missing and ``synced``."""

    example: ClassVar[dict[str, Any]] = {"streams": {f"c:{_ROOM}": 1040, f"u:{_USER}": 991}}

    streams: dict[str, Annotated[int, Field(ge=0, lt=2**63)]] = {}


class AckPayload(Payload):
    """Accepted and ignored: positions live in the client."""

    example: ClassVar[dict[str, Any]] = {}

    model_config = ConfigDict(extra="allow", frozen=True)


class PongPayload(Payload):
    """The answer to ``ping``."""

    example: ClassVar[dict[str, Any]] = {}

    model_config = ConfigDict(extra="allow", frozen=True)


FRAMES: tuple[type[Event], ...] = (Hello, Synced, Ok, Error, Ping)
COMMANDS: dict[str, type[Payload]] = {"sync": SyncPayload, "ack": AckPayload, "pong": PongPayload}
"""The commands the socket answers by itself."""

"""What a call is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from agents.egress.redacting import Redactor

FunctionType = Literal["webhook", "api"]
AuthKind = Literal["none", "bearer", "basic", "header", "hmac"]
PlaceKind = Literal["path", "query", "header", "field", "body"]
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an argument goes.

    ``name`` is what the other side calls it: a path placeholder, a query parameter, a header, a field of the body; of
    a whole ``body`` it is the media type. ``join`` is what stands between the items of a list in a query; without it
    each item is a parameter of its own.
    """

    kind: PlaceKind
    name: str
    join: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Place:
        """From ``{"in": "query", "name": "q", "join"?}``, as stored."""
        return cls(stored["in"], stored["name"], stored.get("join", ""))

    def stored(self) -> dict[str, str]:
        """The same, to be stored."""
        return {"in": self.kind, "name": self.name} | ({"join": self.join} if self.join else {})


@dataclass(frozen=True, slots=True)
class Auth:
    """How the other side knows us; ``name`` is the header's, or with ``basic`` the user's.

    While a secret is being rotated ``secret_before`` is the one it takes the place of: both sign.
    """

    kind: AuthKind = "none"
    name: str = ""
    secret: str = field(default="", repr=False)
    secret_before: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A tool of an agent that is a call of somebody's server.

    ``parameters`` is a JSON schema without references (:func:`agents.schemas.unfolded`). Arguments without a place go
    where the address names them, else into the query of a method without a body, else into a field of the body.
    """

    id: UUID
    name: str
    parameters: Mapping[str, Any]
    endpoint_url: str
    function_type: FunctionType = "api"
    http_method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    auth: Auth = Auth()
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class CallContext:
    """For which step of which run it is called. The ids of asker and conversation are opaque ones (:mod:`.opaque`)."""

    step_id: UUID
    run_id: UUID
    agent_id: UUID
    agent_name: str
    at: int
    """Seconds since 1970: the time that is signed."""
    asker: str = ""
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, to the byte. Its body is made once, as it is signed."""

    function_id: UUID
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    timeout: float
    secrets: tuple[str, ...] = field(repr=False)
    """What was put in and must not be shown."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def shown(self) -> dict[str, Any]:
        """The same with its secrets masked: for dry runs, the person who is asked, and the trace."""
        redact = Redactor(self.secrets).text
        return {
            "method": self.method,
            "url": redact(self.url),
            "headers": {name: redact(value) for name, value in self.headers},
            "body": redact(self.body.decode("utf-8", "replace")),
        }

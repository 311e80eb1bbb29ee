"""Whose socket it is. The ground floor knows no users: an app answers, named by ``settings.SOCKET_SESSIONS``."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from typing import Protocol
from typing import cast
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Identity:
    """Who opened a socket, in which session; ``hello`` is the ``user`` of the greeting."""

    user: Any
    session_id: UUID
    hello: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """How sessions stand: the user of each that lives, and those that have run out. All others were ended."""

    alive: Mapping[UUID, Any]
    expired: Collection[UUID]


class Sessions(Protocol):
    """What that app's module offers; all of it runs in database threads."""

    def authenticate(self, token: str) -> Identity:
        """Whose ticket or access token this is; raises a DomainError for one that is not good."""

    def still_alive(self, session_ids: Sequence[UUID]) -> Review:
        """How these sessions stand, by one query."""

    def touch(self, user_ids: Collection[UUID], at: datetime) -> None:
        """Remember that these users were there at that moment."""

    def last_seen(self, user_ids: Collection[UUID]) -> dict[UUID, datetime]:
        """When these users were last known to be there; those never seen are left out."""


def sessions() -> Sessions:
    """The module that knows."""
    return cast("Sessions", import_module(settings.SOCKET_SESSIONS))

"""A Janus of one's own, asked over its admin API; browsers reach it through our door only (:mod:`calls.door`).

Rooms of the VideoRoom plugin take signed tokens, which never leave the door. What is here was tried with Janus 1.1.2
(Debian 12): https://janus.conf.meetecho.com/docs/admin.html and https://janus.conf.meetecho.com/docs/videoroom (2026).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from functools import cached_property
from typing import Any
from typing import Literal
from uuid import UUID

import httpx2
from django.utils import timezone

from calls.providers.base import LegRef
from calls.providers.base import MediaPass
from calls.providers.base import ProviderError
from calls.providers.base import Stay
from calls.providers.base import room_name
from calls.providers.signing import janus_token
from core import http
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.ids import uuid7

PLUGIN = "janus.plugin.videoroom"
DOOR = "/sfu"
BITRATE = 700_000
"""Bits a second of one publisher, where the client does not ask for another."""
_NO_SUCH_SESSION = 458
_NO_SUCH_ROOM = 426
_ROOM_EXISTS = 427
_REFUSED = frozenset({403, 433})
"""A wrong admin secret; a wrong key for rooms."""


@dataclass(frozen=True)
class Janus:
    """``url`` is Janus's WebSocket, ``admin_url`` its admin API over HTTP, such as ``http://sfu:7088/admin``."""

    url: str
    admin_url: str
    token_secret: str = field(repr=False)
    admin_secret: str = field(repr=False)
    room_key: str = field(repr=False)
    name: Literal["janus"] = "janus"
    keeps_history: bool = False

    def open_room(self, call_id: UUID, *, most: int) -> str:
        room = room_name(call_id)
        self._room(
            "create",
            room,
            other_outcomes=(_ROOM_EXISTS,),
            admin_key=self.room_key,
            secret=self._secret_of(room),
            is_private=True,
            signed_tokens=True,
            publishers=most,
            bitrate=BITRATE,
            audiocodec="opus",
            videocodec="vp8",
            notify_joining=False,
            require_pvtid=False,
            lock_record=True,
        )
        return room

    def pass_for(self, room: str, *, leg: LegRef, seconds: int) -> MediaPass:  # noqa: ARG002 - the door knows the leg
        expires_at = timezone.now() + timedelta(seconds=seconds)
        return MediaPass("janus", room, DOOR, token=None, role=None, expires_at=expires_at)

    def remove(self, room: str, *, leg: LegRef) -> None:  # noqa: ARG002 - a session has one room
        """End the leg's session. A ``kick`` would only end what it sends: it would hear on, and come back."""
        if session := leg.peer_id.partition("/")[0]:
            self._ask(f"/{session}", "destroy_session", other_outcomes=(_NO_SUCH_SESSION,))

    def close_room(self, room: str) -> None:
        self._room("destroy", room, other_outcomes=(_NO_SUCH_ROOM,), secret=self._secret_of(room))

    def seen(self, room: str) -> list[Stay]:
        """Who publishes now: Janus keeps no history."""
        answer = self._room("listparticipants", room, other_outcomes=(_NO_SUCH_ROOM,))
        return [stay for one in answer.get("participants", ()) if (stay := _stay(one))]

    def handles(self, session: int) -> list[int]:
        """What a session has attached: none when there is no such session."""
        answer = self._ask(f"/{session}", "list_handles", other_outcomes=(_NO_SUCH_SESSION,))
        return [int(handle) for handle in answer.get("handles", ())]

    def check(self) -> Iterator[Finding]:
        call_id = uuid7()
        try:
            self._ask("", "ping")
            self.close_room(self.open_room(call_id, most=2))
        except ProviderError as error:
            yield fail("calls", f"The media server (Janus) does not work: {error}")
        else:
            yield ok("calls", "The media server (Janus) makes and ends rooms.")

    def api_token(self, *, seconds: int) -> str:
        """What the door shows Janus with each frame."""
        return janus_token(self.token_secret, "janus", PLUGIN, seconds=seconds)

    def room_token(self, room: str, *, seconds: int) -> str:
        """What the door shows the room of a leg when it joins."""
        return janus_token(self.token_secret, PLUGIN, f"room={room}", seconds=seconds)

    def _secret_of(self, room: str) -> str:
        """Each room has a secret of its own, which need not be kept."""
        return hmac.new(self.room_key.encode(), f"room:{room}".encode(), hashlib.sha256).hexdigest()

    def _room(self, request: str, room: str, *, other_outcomes: tuple[int, ...] = (), **body: Any) -> dict[str, Any]:
        asked = {"request": request, "room": room, **body}
        answer = self._ask("", "message_plugin", plugin=PLUGIN, request=asked).get("response")
        if not isinstance(answer, dict):
            raise ProviderError("Janus's answer cannot be read.")
        code = answer.get("error_code")
        if code is not None and code not in other_outcomes:
            raise _refusal(request, code)
        return answer

    def _ask(self, path: str, verb: str, *, other_outcomes: tuple[int, ...] = (), **body: Any) -> dict[str, Any]:
        asked = {"janus": verb, "transaction": uuid7().hex, "admin_secret": self.admin_secret, **body}
        try:
            response = self._client.post(self.admin_url + path, json=asked)
        except http.OutgoingError as error:
            raise ProviderError(f"{error.sentence} ({error.code})", retry_after=error.retry_after) from error
        answer = _read(response)
        if answer.get("janus") == "error":
            code = (answer.get("error") or {}).get("code")
            if code not in other_outcomes:
                raise _refusal(verb, code)
        return answer

    @cached_property
    def _client(self) -> httpx2.Client:
        return http.client(role="janus", trusted=True, timeout=5)


def _read(response: httpx2.Response) -> dict[str, Any]:
    if response.status_code != 200:
        permanent = response.status_code in {400, 401, 403, 404}
        raise ProviderError(f"Janus's admin API answered with status {response.status_code}.", permanent=permanent)
    try:
        answer = response.json()
    except ValueError:
        raise ProviderError("Janus's answer cannot be read.") from None
    if not isinstance(answer, dict) or "janus" not in answer:
        raise ProviderError("Janus's answer cannot be read.")
    return answer


def _refusal(what: str, code: Any) -> ProviderError:
    if code in _REFUSED:
        return ProviderError(f"Janus refuses our secrets ({what}: error {code}).", permanent=True)
    return ProviderError(f"Janus refuses {what} with error {code}.")


def _stay(participant: Any) -> Stay | None:
    try:
        return Stay(UUID(participant["id"]), joined_at=None) if participant["publisher"] else None
    except (KeyError, TypeError, ValueError):
        return None

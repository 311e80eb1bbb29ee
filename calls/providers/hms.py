"""100ms, a vendor's media servers: browsers talk to it themselves, with its SDK and a token of ours.

From its documents, as of 2026-12-01, without an account to try them with:

* rooms: https://www.100ms.live/docs/server-side/v2/api-reference/Rooms/create-via-api - an existing name gives the
  existing room; names of ``a-z A-Z 0-9 . - : _``;
* out: https://www.100ms.live/docs/server-side/v2/api-reference/active-rooms/remove-peers and ``…/end-active-room``,
  whose ``lock`` also keeps those out who have a token left;
* who was there: https://www.100ms.live/docs/server-side/v2/api-reference/Sessions/list-sessions - only running
  sessions unless ``active=false`` is asked for; a session lasts twelve hours at most.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cached_property
from typing import Any
from typing import Literal
from urllib.parse import quote
from uuid import UUID

import httpx2
from django.utils import timezone

from calls.providers.base import LegRef
from calls.providers.base import MediaPass
from calls.providers.base import ProviderError
from calls.providers.base import Stay
from calls.providers.base import room_name
from calls.providers.signing import hms_token
from core import http
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.ids import uuid7

BASE = "https://api.100ms.live/v2"
_MANAGEMENT_SECONDS = 600
_RENEW_SECONDS = 60
SKEW_SECONDS = 60
"""What the clocks of a browser's way and theirs may differ by: a token lives that much longer."""
_PAGE = 20
_MOST_PAGES = 10
_PERMANENT = frozenset({400, 401, 403, 422})


@dataclass
class Hms:
    """``access_key`` and ``secret`` are an app's, from the dashboard; ``template_id`` names a template that has the
    ``role``. ``base`` is for tests.
    """

    access_key: str
    secret: str = field(repr=False)
    template_id: str
    region: str
    role: str
    base: str = ""
    name: Literal["hms"] = "hms"
    keeps_history: bool = True
    _kept: tuple[float, str] = field(default=(0.0, ""), init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def open_room(self, call_id: UUID, *, most: int) -> str:
        asked: dict[str, Any] = {"name": room_name(call_id), "size": most}
        asked |= {"template_id": self.template_id} if self.template_id else {}
        asked |= {"region": self.region} if self.region else {}
        room = self._ask("POST", "/rooms", asked)
        if not isinstance(room.get("id"), str) or not room["id"]:
            raise ProviderError("100ms made a room without an id.")
        if room.get("enabled") is False:  # a call that went back, and comes again
            self._ask("POST", f"/rooms/{_in_path(room['id'])}", {"enabled": True})
        return str(room["id"])

    def pass_for(self, room: str, *, leg: LegRef, seconds: int) -> MediaPass:
        life = seconds + SKEW_SECONDS
        claims = {"room_id": room, "user_id": str(leg.leg_id), "role": self.role}
        token = hms_token(self.access_key, self.secret, kind="app", seconds=life, **claims)
        expires_at = timezone.now() + timedelta(seconds=life)
        return MediaPass("hms", room, "", token=token, role=self.role, expires_at=expires_at)

    def remove(self, room: str, *, leg: LegRef) -> None:
        """Its peers are found by the user id, which is the leg's: a browser may have joined twice."""
        peers = {leg.peer_id} if leg.peer_id else set()
        peers |= {peer["id"] for peer in self._peers(room, active=True) if _is_in(peer, leg.leg_id)}
        for peer_id in sorted(peers):
            self._ask("POST", f"/active-rooms/{_in_path(room)}/remove-peers", {"peer_id": peer_id}, may_be_missing=True)

    def close_room(self, room: str) -> None:
        ended = {"reason": "The call has ended.", "lock": True}
        self._ask("POST", f"/active-rooms/{_in_path(room)}/end-room", ended, may_be_missing=True)
        # Where nobody is in there is nothing to end, and so nothing was locked.
        self._ask("POST", f"/rooms/{_in_path(room)}", {"enabled": False}, may_be_missing=True)

    def seen(self, room: str) -> list[Stay]:
        peers = [*self._peers(room, active=True), *self._peers(room, active=False)]
        by_id = {peer["id"]: stay for peer in peers if (stay := _stay(peer))}
        return sorted(by_id.values(), key=lambda stay: stay.joined_at or datetime.min.replace(tzinfo=UTC))

    def check(self) -> Iterator[Finding]:
        try:
            self.close_room(self.open_room(uuid7(), most=2))
        except ProviderError as error:
            yield fail("calls", f"The media server (100ms) does not work: {error}")
        else:
            yield ok("calls", "The media server (100ms) makes and ends rooms.")

    def _peers(self, room: str, *, active: bool) -> Iterator[dict[str, Any]]:
        """Of all sessions of the room, newest first; the list comes in pages that begin after a session."""
        start = ""
        for _page in range(_MOST_PAGES):
            query = f"room_id={quote(room)}&active={str(active).lower()}&limit={_PAGE}"
            answer = self._ask("GET", f"/sessions?{query}{f'&start={quote(start)}' if start else ''}")
            sessions = answer.get("data") or []
            if not isinstance(sessions, list):
                raise ProviderError("100ms's list of sessions cannot be read.")
            for session in sessions:
                yield from _peers_of(session)
            start = str(answer.get("last") or "")
            if len(sessions) < _PAGE or not start:
                return

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, may_be_missing: bool = False
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._management_token()}"}
        try:
            response = self._client.request(method, (self.base or BASE) + path, json=body, headers=headers)
        except http.OutgoingError as error:
            raise ProviderError(f"{error.sentence} ({error.code})", retry_after=error.retry_after) from error
        return _read(response, may_be_missing=may_be_missing)

    def _management_token(self) -> str:
        with self._lock:
            until, token = self._kept
            if until - _RENEW_SECONDS < time.time():
                token = hms_token(self.access_key, self.secret, kind="management", seconds=_MANAGEMENT_SECONDS)
                self._kept = (time.time() + _MANAGEMENT_SECONDS, token)
            return token

    @cached_property
    def _client(self) -> httpx2.Client:
        return http.client(role="hms", trusted=True, timeout=5, retries=1)

    def __hash__(self) -> int:
        return id(self)


def _read(response: httpx2.Response, *, may_be_missing: bool) -> dict[str, Any]:
    status = response.status_code
    if status == 404 and may_be_missing:
        return {}
    if status >= 300:
        raise ProviderError(
            f"100ms answered with status {status}.",
            permanent=status in _PERMANENT or status == 404,
            retry_after=_seconds(response.headers.get("retry-after", "")),
        )
    try:
        answer = response.json()
    except ValueError:
        raise ProviderError("100ms's answer cannot be read.") from None
    if not isinstance(answer, dict):
        raise ProviderError("100ms's answer cannot be read.")
    return answer


def _peers_of(session: Any) -> Iterator[dict[str, Any]]:
    """They come as a mapping by id; one of the documents says list."""
    peers = session.get("peers") if isinstance(session, dict) else None
    values = peers.values() if isinstance(peers, dict) else peers or ()
    yield from (peer for peer in values if isinstance(peer, dict) and isinstance(peer.get("id"), str))


def _is_in(peer: dict[str, Any], leg_id: UUID) -> bool:
    return peer.get("user_id") == str(leg_id) and not peer.get("left_at")


def _stay(peer: dict[str, Any]) -> Stay | None:
    try:
        leg_id = UUID(str(peer.get("user_id")))
    except ValueError:
        return None
    return Stay(leg_id, _moment(peer.get("joined_at")), _moment(peer.get("left_at")))


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds(text: str) -> int | None:
    return min(int(text), 3600) if text.isascii() and text.isdecimal() else None


def _in_path(room: str) -> str:
    return quote(room, safe="")

"""A 100ms of our own, from its documents: checks every token as strictly as one can, and keeps rooms and sessions."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from dataclasses import field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit
from uuid import uuid4

import jwt

from core.tests.http_peer import Server

ACCESS_KEY, SECRET = "access-key-0123456789", "app-secret-0123456789-app-secret-0123456789"
TEMPLATE = "63188115d11d6db790c73c60"
_LONGEST_MANAGEMENT = 24 * 3600


@dataclass
class Room:
    """Of the vendor's: its id is not ours."""

    id: str
    name: str
    enabled: bool = True
    peers: dict[str, dict[str, Any]] = field(default_factory=dict)
    active: bool = False
    asked: dict[str, Any] = field(default_factory=dict)


class HmsPeer(Server):
    """Answers as the documents say; ``wrong`` tells what it found wrong with the tokens it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: dict[str, Room] = {}
        self.wrong: list[str] = []
        self.tokens: list[str] = []
        self.answers = _Routes(self)

    def room_of(self, name: str) -> Room:
        return next(room for room in self.rooms.values() if room.name == name)

    def join(self, token: str, *, at: str = "2026-12-01T12:00:00.000Z") -> str:
        """As a browser would; the peer's id. Raises ValueError for a token that lets nobody in."""
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "iat", "nbf", "jti"]})
        room = self.rooms[claims["room_id"]]
        if claims["type"] != "app" or claims["access_key"] != ACCESS_KEY or claims["role"] != "guest":
            raise ValueError(claims)
        if not room.enabled:
            raise ValueError("The room is locked.")
        peer_id = str(uuid4())
        room.peers[peer_id] = {"id": peer_id, "user_id": claims["user_id"], "joined_at": at, "role": claims["role"]}
        room.active = True
        return peer_id

    def leave(self, room: Room, peer_id: str, *, at: str = "2026-12-01T12:10:00.000Z") -> None:
        room.peers[peer_id]["left_at"] = at
        room.active = any("left_at" not in peer for peer in room.peers.values())

    def judge(self, header: str) -> bool:
        """Whether a management token is one; each check is named."""
        kind, _, token = header.partition(" ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "iat", "nbf", "jti"]})
        except jwt.InvalidTokenError as error:
            self.wrong.append(repr(error))
            return False
        self.tokens.append(token)
        checks = {
            "bearer": kind == "Bearer",
            "type": claims.get("type") == "management",
            "version": claims.get("version") == 2,
            "key": claims.get("access_key") == ACCESS_KEY,
            "life": 0 < claims["exp"] - claims["iat"] <= _LONGEST_MANAGEMENT,
            "begun": claims["nbf"] <= time.time(),
            "no room": "room_id" not in claims,
        }
        self.wrong += [name for name, holds in checks.items() if not holds]
        return all(checks.values())


class _Routes(dict[str, Any]):
    def __init__(self, peer: HmsPeer) -> None:
        super().__init__()
        self._peer = peer

    def __missing__(self, _path: str) -> Any:
        return self._answer

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(self._peer.bodies[-1] or b"{}")
        status, said = self._said(handler.command, urlsplit(handler.path), handler.headers["Authorization"] or "", body)
        text = json.dumps(said).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def _said(self, method: str, url: Any, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        peer = self._peer
        if not peer.judge(token):
            return 401, {"code": 401, "message": "invalid token"}
        parts = url.path.strip("/").split("/")
        if (method, parts) == ("POST", ["rooms"]):
            return self._make(body)
        if (method, parts) == ("GET", ["sessions"]):
            return self._sessions(parse_qs(url.query))
        room = peer.rooms.get(parts[1]) if len(parts) > 1 else None
        if room is None:
            return 404, {"code": 404, "message": "room not found"}
        match parts[0], parts[2:]:
            case "rooms", []:
                room.enabled = bool(body["enabled"])
                return 200, {"id": room.id, "enabled": room.enabled}
            case "active-rooms", [verb] if room.active:
                return self._act(room, verb, body)
        return 404, {"code": 404, "message": "no active session"}

    def _make(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = body.get("name", "")
        if not re.fullmatch(r"[A-Za-z0-9.:_-]+", name) or body.get("template_id") != TEMPLATE:
            return 400, {"code": 400, "message": "bad name or template"}
        known = next((room for room in self._peer.rooms.values() if room.name == name), None)
        room = known or Room(uuid4().hex[:24], name, asked=body)
        self._peer.rooms[room.id] = room
        return 200, {"id": room.id, "name": name, "enabled": room.enabled, "template_id": TEMPLATE}

    def _act(self, room: Room, verb: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if verb == "remove-peers":
            if body.get("peer_id") not in room.peers:
                return 404, {"code": 404, "message": "peer not found"}
            self._peer.leave(room, body["peer_id"])
            return 200, {"message": "peer remove request submitted"}
        for peer_id in [one for one, peer in room.peers.items() if "left_at" not in peer]:
            self._peer.leave(room, peer_id)
        room.enabled = room.enabled and not body.get("lock")
        return 200, {"message": "session is ending"}

    def _sessions(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        room = self._peer.rooms.get(query["room_id"][0])
        wanted = query.get("active", ["true"])[0] == "true"
        if room is None or not room.peers or room.active != wanted:
            return 200, {"limit": 20, "data": None}
        session = {"id": "s1", "room_id": room.id, "active": room.active, "peers": room.peers}
        return 200, {"limit": 20, "data": [session], "last": "s1"}

"""A server of tools whose every answer a test decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from agents.sources.mcp.keeper import Keeper
from agents.sources.mcp.keeper import McpServer
from core.tests.http_peer import Server

CANARY = "canary-of-gold/7"
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}

Reply = Callable[[dict[str, Any]], Any]


class Hostile:
    """A server of the handshake's era that answers by hand: a result, or what is done instead."""

    def __init__(self, peer: Server) -> None:
        self.peer = peer
        self.url = f"{peer.url}/mcp"
        self.asked: list[str] = []
        self.tools: list[dict[str, Any]] = [{"name": "say", "description": "Say.", "inputSchema": SCHEMA}]
        self.replies: dict[str, Reply] = {}
        peer.answers["/mcp"] = self._answer

    def server(self, **fields: Any) -> McpServer:
        return McpServer(self.url, **{"protocol": "2025-11-25"} | fields)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        message = json.loads(self.peer.bodies[-1] or b"{}")
        method = message.get("method", "")
        self.asked.append(method)
        if reply := self.replies.get(method):
            reply(message | {"handler": handler})
        elif method == "initialize":
            version = {
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "h", "version": "1"},
            }
            result(version)(message | {"handler": handler})
        elif method == "tools/list":
            result({"tools": self.tools})(message | {"handler": handler})
        elif method == "tools/call":
            text(json.dumps(message["params"]["arguments"]))(message | {"handler": handler})
        else:
            say(handler, 202, b"", "text/plain")


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def raw(status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> Reply:
    return lambda message: say(message["handler"], status, body, kind, **headers)


def result(value: Any) -> Reply:
    def reply(message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": value}).encode()
        say(message["handler"], 200, body, "application/json")

    return reply


def text(value: str, **more: Any) -> Reply:
    return result({"content": [{"type": "text", "text": value}]} | more)


async def call(keeper: Keeper, name: str = "say", **arguments: Any) -> Any:
    tool = (await keeper.listing()).tool(name)
    assert tool is not None
    return await keeper.call(name, arguments, pinned_hash=tool.pinned_hash, seconds=5.0, last4="Xk2f")

"""The makers' own servers, as far as their SDKs' types and pages tell (openai 3.52, anthropic 2.14, November 2026);
Google's rules are in ``google.py``.

Strict where they are: what a model refuses is a 400 with the name of it, and what they want back is checked. The SDKs
judge the shapes in ``test_vendors.py``.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from aiohttp import web

from core.llm.tests import google
from core.llm.tests import google_scripts
from core.llm.tests.vendor_scripts import ANTHROPIC_SCRIPTS
from core.llm.tests.vendor_scripts import OPENAI_SCRIPTS
from core.llm.tests.vendor_scripts import plain_message
from core.llm.tests.vendor_scripts import plain_response


def refusal(
    message: str, *, param: str | None = None, code: str = "unsupported_parameter", status: int = 400
) -> web.Response:
    """OpenAI's."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return web.json_response({"error": error}, status=status)


def anthropic_refusal(kind: str, message: str, *, status: int = 400, **details: Any) -> web.Response:
    error = {"type": kind, "message": message} | ({"details": details} if details else {})
    return web.json_response({"type": "error", "error": error, "request_id": "req_1"}, status=status)


class Vendors:
    """``script`` says how the next generation goes; ``bodies`` is what was asked, by path."""

    def __init__(self) -> None:
        self.script = "plain"
        self.url = ""
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.app = web.Application(client_max_size=64 * 1024 * 1024)
        self.app.router.add_post("/v1/responses", self._responses)
        self.app.router.add_post("/v1/messages", self._messages)
        self.app.router.add_post("/v1/chat/completions", self._chat)
        self.app.router.add_get("/v1/models", self._models)
        self.app.router.add_post("/v1beta/models/{model}:streamGenerateContent", self._gemini)
        self.app.router.add_get("/v1beta/models", self._gemini_models)

    @property
    def body(self) -> dict[str, Any]:
        return self.bodies[-1][1]

    async def _stream(
        self, request: web.Request, events: list[dict[str, Any]], *, cut: int | None = None
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events[:cut]:
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        await response.write_eof()
        return response

    async def _models(self, request: web.Request) -> web.Response:
        anthropic = "anthropic-version" in request.headers
        rows = [
            {"id": "claude-opus-5-5" if anthropic else "gpt-6.2-sol", "object": "model", "created": 1, "owned_by": "x"}
        ]
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    # Google ------------------------------------------------------------------------------------------------------

    async def _gemini_models(self, request: web.Request) -> web.Response:
        assert request.query["pageSize"]
        return web.json_response(google.LISTED)

    async def _gemini(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(("gemini", body))
        refused = google.refused(self.script, request.headers, body)
        if refused is not None:
            return refused
        said = google_scripts.SCRIPTS.get(self.script, google_scripts.plain)()
        if request.query.get("alt") != "sse":
            return web.json_response(said)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in said[: -1 if self.script == "cut" else None]:
            await response.write(f"data: {json.dumps(event)}\r\n\r\n".encode())
        await response.write_eof()
        return response

    # OpenAI ------------------------------------------------------------------------------------------------------

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(("chat", await request.json()))
        return refusal(
            "This model is only supported in v1/responses: use /v1/responses.", param="model", code="unsupported_value"
        )

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(("responses", body))
        if request.headers.get("Authorization") != "Bearer sk-canary-7f3a":
            return refusal("Incorrect API key provided.", code="invalid_api_key", status=401)
        if self.script == "no_responses":
            return web.Response(status=404, text="404 page not found")
        refused = self._refused(body) or self._wrong_input(body)
        if refused is not None:
            return refused
        script = OPENAI_SCRIPTS.get(self.script, plain_response)
        events = script()
        items = body["input"] if isinstance(body["input"], list) else []  # else one text
        if step := sum(item.get("type") == "function_call_output" for item in items):
            events = later(events, step)
        for number, event in enumerate(events):
            event["sequence_number"] = number
        return await self._stream(request, events, cut=-1 if self.script == "cut" else None)

    def _refused(self, body: dict[str, Any]) -> web.Response | None:
        effort = (body.get("reasoning") or {}).get("effort", "medium")
        for name in ("temperature", "top_p"):
            if name in body and effort != "none":
                return refusal(f"Unsupported parameter: '{name}' is not supported with this model.", param=name)
        if effort == "none" and body["model"] == "gpt-6.2-sol":
            return refusal(
                "Unsupported value: 'none' is not supported with the 'gpt-6.2-sol' model. Supported values are: "
                "'low', 'medium', 'high', 'xhigh', and 'max'.",
                param="reasoning.effort",
                code="unsupported_value",
            )
        if self.script == "unverified" and "summary" in (body.get("reasoning") or {}):
            return refusal(
                "Your organization must be verified to generate reasoning summaries.",
                param="reasoning.summary",
                code="unsupported_value",
            )
        if body.get("max_output_tokens", 16) < 16:
            return refusal("Invalid 'max_output_tokens'", param="max_output_tokens", code="integer_below_min_value")
        if self.script == "ended":
            return refusal("The model does not exist.", param="model", code="model_not_found", status=404)
        if self.script == "spend_limit":
            return refusal("You exceeded your current quota.", code="insufficient_quota", status=429)
        return None

    def _wrong_input(self, body: dict[str, Any]) -> web.Response | None:
        """Without a store, a thought comes back whole and before its call, and every call has its answer."""
        items = body["input"] if isinstance(body["input"], list) else []
        calls = [item["call_id"] for item in items if item.get("type") == "function_call"]
        answered = [item["call_id"] for item in items if item.get("type") == "function_call_output"]
        if sorted(calls) != sorted(answered):
            return refusal("No tool output found for function call.", param="input", code="invalid_value")
        for item in items:
            if item.get("type") == "reasoning":
                if item.get("encrypted_content") != "gAAA-whole" or not isinstance(item.get("summary"), list):
                    return refusal(f"Item '{item.get('id')}' not found.", param="input", code="invalid_value")
                if "content" in item:
                    return refusal("reasoning content is not accepted", param="input", code="invalid_value")
        ids = [item["id"] for item in items if item.get("id")]
        if len(ids) != len(set(ids)):
            return refusal("Duplicate item found.", param="input", code="invalid_value")
        if self.script == "wants_thought" and calls and not any(item.get("type") == "reasoning" for item in items):
            return refusal("Item 'fc_1' was provided without its required 'reasoning' item.", param="input", code="x")
        if self.script == "refuses_state" and any(item.get("type") == "reasoning" for item in items):
            return refusal("Encrypted content is not supported here.", param="input", code="invalid_value")
        return None

    # Anthropic ---------------------------------------------------------------------------------------------------

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(("messages", body))
        if "anthropic-version" not in request.headers:
            return anthropic_refusal("invalid_request_error", "anthropic-version: header is required")
        if request.headers.get("Authorization") != "Bearer sk-canary-7f3a":
            return anthropic_refusal("authentication_error", "invalid API key", status=401)
        refused = self._anthropic_refused(body)
        if refused is not None:
            return refused
        events = ANTHROPIC_SCRIPTS.get(self.script, plain_message)(digest(body["messages"], body))
        return await self._stream(request, events, cut=-1 if self.script == "cut" else None)

    def _anthropic_refused(self, body: dict[str, Any]) -> web.Response | None:
        invalid = "invalid_request_error"
        for name in ("temperature", "top_p", "top_k"):
            if name in body:
                return anthropic_refusal(invalid, f"`{name}` is deprecated for this model.")
        if (body.get("thinking") or {}).get("type") == "disabled":
            return anthropic_refusal(invalid, "thinking.type.disabled is not supported for this model")
        if (body.get("tool_choice") or {}).get("type") in {"any", "tool"} and "haiku" not in body["model"]:
            return anthropic_refusal(invalid, "tool_choice: forced tool use is not supported by this model")
        if body["messages"][-1]["role"] == "assistant":
            return anthropic_refusal(invalid, "This model does not support assistant message prefill.")
        if self.script == "overloaded":
            return anthropic_refusal("overloaded_error", "Overloaded", status=529)
        if self.script == "spend_limit":
            details = {"error_code": "enforced_spend_limit_reached"}
            return anthropic_refusal("rate_limit_error", "Spend limit reached.", status=429, **details)
        if self.script == "ended":
            return anthropic_refusal("not_found_error", "model: claude-opus-5-5", status=404)
        for index, message in enumerate(body["messages"]):
            for block in message["content"] if isinstance(message["content"], list) else []:
                signed = block.get("type") == "thinking"
                if signed and block.get("signature") != digest(body["messages"][:index], body):
                    return anthropic_refusal(invalid, "Invalid `signature` in `thinking` block")
        if self.script == "wants_thought" and _unthought(body["messages"]):
            return anthropic_refusal(invalid, "Expected `thinking`, but found `tool_use`.")
        return None


def _unthought(messages: list[dict[str, Any]]) -> bool:
    """Whether a turn calls without having thought first."""
    return any(
        message["role"] == "assistant"
        and any(block["type"] == "tool_use" for block in message["content"])
        and message["content"][0]["type"] != "thinking"
        for message in messages
    )


def later(events: list[dict[str, Any]], step: int) -> list[dict[str, Any]]:
    """The same with ids of its own, as each further step of a loop has them."""
    found: list[dict[str, Any]] = json.loads(re.sub(r'"((?:rs|msg|fc|call)_\d)"', rf'"\1_{step}"', json.dumps(events)))
    return found


def digest(before: list[dict[str, Any]], body: dict[str, Any]) -> str:
    """Binds a thought to everything before it."""
    return hashlib.sha256(json.dumps([body.get("system"), body.get("tools"), before]).encode()).hexdigest()

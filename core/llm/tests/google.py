"""Google's own server, as far as its SDK's types and pages tell (google-genai 3.6, November 2026), and as strict."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

from aiohttp import web

from core.llm.adapters.gemini.payload import UNSIGNED
from core.llm.tests.google_scripts import OVERLOADED
from core.llm.tests.google_scripts import SIGNATURE

_BODY = {"contents", "systemInstruction", "generationConfig", "tools", "toolConfig"}
_CONFIG = {"maxOutputTokens", "temperature", "thinkingConfig", "responseMimeType", "responseJsonSchema"}
LISTED = {
    "models": [
        {
            "name": "models/gemini-4-argon",
            "displayName": "Gemini 4 Argon",
            "inputTokenLimit": 1048576,
            "outputTokenLimit": 65536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
            "thinking": True,
        },
        {"name": "models/gemini-embedding-2", "supportedGenerationMethods": ["embedContent"]},
    ]
}


def refusal(message: str, status: int = 400, name: str = "INVALID_ARGUMENT", *details: dict[str, Any]) -> web.Response:
    error = {"code": status, "message": message, "status": name} | ({"details": list(details)} if details else {})
    return web.json_response({"error": error}, status=status)


def refused(script: str, headers: Any, body: dict[str, Any]) -> web.Response | None:
    """What the server does not take."""
    if headers.get("x-goog-api-key") != "sk-canary-7f3a":
        detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        return refusal("API key not valid. Please pass a valid API key.", 400, "INVALID_ARGUMENT", detail)
    config = body.get("generationConfig") or {}
    for name in [*(set(body) - _BODY), *(set(config) - _CONFIG)]:
        return refusal(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    level = (config.get("thinkingConfig") or {}).get("thinkingLevel", "low")
    if level not in {"low", "medium", "high"}:
        return refusal(f"Thinking level {level.upper()} is not supported for this model.")
    if script == "no_thinking" and "thinkingConfig" in config:
        return refusal("Thinking level is not supported for this model.")
    if script == "ended":
        return refusal("models/gemini-4-argon is not found for API version v1beta.", 404, "NOT_FOUND")
    if script == "overloaded":
        return web.json_response([OVERLOADED], status=503)
    if script in {"spend_limit", "rate"}:
        return _exhausted("PerDay" if script == "spend_limit" else "PerMinute")
    if script == "long":
        return refusal("The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).")
    return _wrong(body["contents"], loop=script == "wants_thought")


def _exhausted(quota: str) -> web.Response:
    quotas = {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": f"GenerateRequests{quota}PerProjectPerModel"}],
    }
    again = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.074824224s"}
    return refusal(
        "You exceeded your current quota, please check your plan and billing details.",
        429,
        "RESOURCE_EXHAUSTED",
        quotas,
        again,
    )


def _wrong(contents: list[dict[str, Any]], *, loop: bool) -> web.Response | None:
    """Every call has its answer in the next turn, and the first call of each turn is signed. The SDK sends a turn in as
    many pieces as it came in."""
    signatures = {SIGNATURE} | (set() if loop else {UNSIGNED})
    turns = [[part for turn in same for part in turn["parts"]] for _role, same in groupby(contents, itemgetter("role"))]
    for number, parts in enumerate(turns):
        calls = [part for part in parts if "functionCall" in part]
        if not calls:
            continue
        after = turns[number + 1] if number + 1 < len(turns) else []
        answers = [part["functionResponse"] for part in after if "functionResponse" in part]
        told = [(part["functionCall"]["name"], part["functionCall"].get("id")) for part in calls]
        if [(answer["name"], answer.get("id")) for answer in answers] != told:
            return refusal("The number of function response parts must equal the number of function call parts.")
        if calls[0].get("thoughtSignature") not in signatures:
            return refusal("Function call is missing a thought_signature in functionCall parts.")
    return None

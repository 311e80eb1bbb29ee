"""A server's own words change our request for one model: once, and remembered.

What a server refuses by name is left out, renamed or asked for in another of our own protocols; nothing is ever added,
so a hostile server cannot make us send more. How long it holds: :mod:`core.llm.heard`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from core.llm import metrics
from core.llm.abilities import EFFORTS
from core.llm.base import Adjustments
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.errors import Complaint

MOST_CHANGES = 3
"""In one request."""

_OPTIONAL = (
    "temperature",
    "top_p",
    "stream_options",
    "stream_options.include_usage",
    "verbosity",
    "text.verbosity",
    "reasoning.summary",
    "reasoning_effort",
    "reasoning.effort",
    "reasoning",
    "output_config.effort",
    "thinking",
    "parallel_tool_calls",
    "cache_control",
    "prompt_cache_key",
    "safety_identifier",
    "include",
    "strict",
    "extra_body",
    "tool_choice",
    "metadata",
    "generationConfig.thinkingConfig",
    "generationConfig.temperature",
)
"""What may be left out, by the names of the wire."""
_REFUSED = {"unsupported_parameter", "unsupported_value", "unknown_parameter"}
_REFUSED_WORDS = (
    "unsupported parameter",
    "unsupported value",
    "unrecognized request argument",
    "unknown parameter",
    "is deprecated for this model",
    "extra inputs are not permitted",
    "is not supported",
    "not supported with this model",
    "does not support",
    "not permitted",
)
_STATE_WORDS = (
    "bound to a different conversation",
    "invalid `signature`",
    "encrypted content is not supported",
    "encrypted content could not be",
    "thought_signature",
)
_RESPONSES_WORDS = ("use /v1/responses", "/v1/responses", "not supported in the v1/chat/completions endpoint")
_LIMITS = ("max_completion_tokens", "max_tokens")
_SCHEMA = ("response_format", "text.format", "output_config.format", "output_format")
_SCHEMA_WORDS = ("response_format", "response_json_schema", "response_schema", "responsejsonschema")
_THINKING_WORDS = ("thinking level", "thinking budget", "thinking_level", "thinking_budget", "include_thoughts")
_NAMED = re.compile(r"[`'\"]([a-z_]+(?:\.[a-z_]+)*)[`'\"]")
_LEADING = re.compile(r"^([a-z_]+(?:\.[a-z_]+)*):")
_ENTRY = re.compile(r"[`'\"]?\b(" + "|".join(EFFORTS) + r")\b[`'\"]?")


def hear(complaint: Complaint, request: Request, config: ProviderConfig, protocol: str) -> Adjustments | None:
    """What to ask differently; None when the words say nothing that we could change."""
    was = request.adjustments
    changed = _change(complaint, request, config, protocol)
    if changed is None or changed == was:
        return None
    metrics.HEARD.labels(config.name, _what(was, changed)).inc()
    return changed


def _change(complaint: Complaint, request: Request, config: ProviderConfig, protocol: str) -> Adjustments | None:
    was, message = request.adjustments, complaint.message.lower()
    if protocol == "chat" and any(words in message for words in _RESPONSES_WORDS) and not was.protocol:
        return replace(was, protocol="responses")
    if protocol == "responses" and complaint.status in {404, 405, 501} and not was.protocol and config.foreign:
        return replace(was, protocol="chat")
    if complaint.status not in {400, 422}:
        return None
    if not was.stateless and _has_state(request) and _is_about_state(message):
        return replace(was, stateless=True)
    param = _param(complaint, protocol)
    if _is_limit(param, message, was):
        return replace(was, limit="max_completion_tokens" if param == "max_tokens" else "max_tokens")
    if param.startswith(_SCHEMA) or (request.schema and any(words in message for words in _SCHEMA_WORDS)):
        return replace(was, json="object" if was.json == "schema" else "none") if was.json != "none" else None
    if not _is_refusal(complaint, message):
        return None
    if "effort" in param and (valid := _valid_efforts(message, request)) and valid != was.efforts:
        return replace(was, efforts=valid)
    if param in _OPTIONAL and param not in was.without:
        return replace(was, without=was.without | {param})
    return None


def _has_state(request: Request) -> bool:
    return any(message.state for message in request.messages)


def _is_about_state(message: str) -> bool:
    return any(words in message for words in _STATE_WORDS) or ("item" in message and "not found" in message)


def _is_refusal(complaint: Complaint, message: str) -> bool:
    return complaint.code in _REFUSED or any(words in message for words in _REFUSED_WORDS)


def _param(complaint: Complaint, protocol: str) -> str:
    """The name of what was refused: as the server's own field, else the first of ours that its words put in quotes."""
    if complaint.param:
        return complaint.param
    if protocol == "gemini" and any(words in complaint.message.lower() for words in _THINKING_WORDS):
        return "generationConfig.thinkingConfig"  # its sentences name no field
    leading = _LEADING.match(complaint.message)
    named = [leading[1]] if leading else []
    named += _NAMED.findall(complaint.message)
    ours = (*_OPTIONAL, *_LIMITS, *_SCHEMA)
    return next((name for name in named if name in ours), "")


def _is_limit(param: str, message: str, was: Adjustments) -> bool:
    if was.limit or not any(name in message for name in _LIMITS):
        return False
    return param in _LIMITS and ("use" in message or "unsupported" in message or "not supported" in message)


def _valid_efforts(message: str, request: Request) -> tuple[str, ...]:
    """The efforts the server names as valid, in order; without the one that was refused."""
    tail = re.split(r"supported values are|valid values|must be one of|one of|should be", message, maxsplit=1)
    if len(tail) < 2:
        return ()
    found = [name for name in _ENTRY.findall(tail[1]) if name != request.effort]
    return tuple(sorted(set(found), key=EFFORTS.index))


def _what(was: Adjustments, now: Adjustments) -> str:
    """The change in a word, for the metric."""
    if left_out := now.without - was.without:
        return min(left_out)
    for name in ("protocol", "limit", "efforts", "stateless", "json"):
        if getattr(was, name) != getattr(now, name):
            return name
    return "nothing"

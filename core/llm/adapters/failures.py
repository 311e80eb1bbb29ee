"""What a provider complained of → which of our errors that is.

The bodies differ: ``{"error": {"message", "type", "code"}}`` (OpenAI), a number as ``code`` and ``metadata``
(OpenRouter, also inside an answer that began with 200), ``{"error": "text"}`` (Ollama), ``{"message", "type", "code"}``
(older vLLM).
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from core.llm.errors import ContentFiltered
from core.llm.errors import ContextTooLong
from core.llm.errors import ModelError
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRefused
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderUnavailable

logger = logging.getLogger(__name__)

_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_FILTER = {"content_filter", "content_policy_violation", "moderation_blocked"}
_CONTEXT = {"context_length_exceeded", "exceed_context_size_error"}
_KEY = {"invalid_api_key", "authentication_error", "account_deactivated"}
_RATE = {"rate_limit_exceeded", "rate_limit_error", "tokens", "requests"}
_CONTEXT_WORDS = ("context length", "context window", "context size", "maximum context", "prompt is too long")
_SERVER = {"server_error", "internal_error", "api_error", "overloaded_error", "timeout"}


def of_response(status: int, body: bytes, *, retry_after: float | None = None, provider: str = "") -> ModelError:
    """The error for an HTTP answer that is no success; ``retry_after`` in seconds."""
    return _named(status, _complaint(_decoded(body)), retry_after, provider)


def of_success(body: bytes, *, provider: str = "") -> ModelError:
    """The error for a document where a stream was asked for, under a status that says 200."""
    document = _decoded(body)
    return _inside(document, provider) if "error" in document else ProviderRefused()


def of_event(error: bytes) -> ModelError:
    """The error for an ``error`` value (as JSON) inside a stream."""
    return _inside({"error": msgspec.json.decode(error)}, "(stream)")


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if isinstance(document, list) and document:
        document = document[0]
    return document if isinstance(document, dict) else {}


def _inside(document: dict[str, Any], provider: str) -> ModelError:
    """The status is what the error itself gives as its code, if that is a number."""
    complaint = _complaint(document)
    code = str(complaint.get("code") or "")
    return _named(int(code) if code.isdigit() else 0, complaint, None, provider)


def _complaint(document: dict[str, Any]) -> dict[str, Any]:
    error = document.get("error", document)
    return error if isinstance(error, dict) else {"message": str(error)}


def _named(status: int, complaint: dict[str, Any], retry_after: float | None, provider: str) -> ModelError:
    names = {str(complaint.get("code") or ""), str(complaint.get("type") or "")}
    message = str(complaint.get("message") or "").lower()
    # The message stays out of the log: it may quote the key or the conversation.
    logger.warning("Provider %s refused: status %s, %s", provider, status, sorted(names - {""}))
    if names & _QUOTA or status == 402:
        return ProviderQuotaExceeded()
    if status == 429 or (not status and names & _RATE):
        return ProviderRateLimited(retry_after=None if retry_after is None else max(1, round(retry_after)))
    if names & _CONTEXT or (status in {0, 400, 413, 422} and any(words in message for words in _CONTEXT_WORDS)):
        return ContextTooLong()
    if names & _FILTER or (status == 403 and _moderated(complaint)):
        return ContentFiltered()
    if status in {401, 403} or names & _KEY:
        return ProviderRejectedKey()
    if status >= 500 or status in {0, 408} or names & _SERVER:
        return ProviderUnavailable(retry_after=None if retry_after is None else max(1, round(retry_after)))
    if status == 404:
        return ProviderRefused("The model's provider does not have this model. Choose another one.")
    return ProviderRefused()


def _moderated(complaint: dict[str, Any]) -> bool:
    """OpenRouter's 403 for a flagged prompt names the reasons; its 403 for a key does not."""
    metadata = complaint.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("reasons"))

"""What a provider complained of → which of our errors that is.

The bodies differ: ``{"error": {"message", "type", "code"}}`` (OpenAI), a number as ``code`` and ``metadata``
(OpenRouter, also inside an answer that began with 200), ``{"error": "text"}`` (Ollama), ``{"message", "type", "code"}``
(older vLLM), ``{"detail"}`` (FastAPI), ``{"error": {"code": 400, "status", "details": [‥]}}`` or a list of it (Google),
plain words (proxies).
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from core.llm.adapters import values
from core.llm.errors import Complaint
from core.llm.errors import ContentFiltered
from core.llm.errors import ContextTooLong
from core.llm.errors import ModelError
from core.llm.errors import ModelGone
from core.llm.errors import ProviderOverloaded
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRefused
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderUnavailable

logger = logging.getLogger(__name__)

_QUOTA = {
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "billing_error",
    "enforced_spend_limit_reached",
    "quota_of_a_day",
}
_FILTER = {"content_filter", "content_policy_violation", "moderation_blocked", "bio_policy", "invalid_prompt"}
_CONTEXT = {"context_length_exceeded", "exceed_context_size_error"}
_KEY = {"invalid_api_key", "authentication_error", "account_deactivated", "permission_error", "API_KEY_INVALID"}
_RATE = {"rate_limit_exceeded", "rate_limit_error", "tokens", "requests"}
_CONTEXT_WORDS = (
    *("context length", "context window", "context size", "maximum context", "prompt is too long"),
    "exceeds the maximum number of tokens",
)
_SERVER = {"server_error", "internal_error", "api_error", "timeout", "timeout_error", "internal_server_error"}
_OVERLOADED = {"overloaded_error", "overloaded", "slow_down"}
_GONE = {"model_not_found", "not_found_error"}
_OVERLOADED_WORDS = ("overloaded", "high demand")
_SPENT_WORDS = ("credit balance is too low", "usage limits", "spend limit", "credits are depleted", "spending cap")
_LONGEST_LOGGED = 160


def of_response(status: int, body: bytes, *, retry_after: float | None = None, provider: str = "") -> ModelError:
    """The error for an HTTP answer that is no success; ``retry_after`` in seconds."""
    return _named(status, _complaint(_decoded(body)), retry_after, provider)


def of_event(error: bytes, *, provider: str = "(stream)") -> ModelError:
    """The error inside a stream: JSON of any shape, or plain words. The status is what it gives as its own code."""
    return of_document(_decoded(error), provider=provider)


def of_document(error: Any, *, provider: str = "(stream)") -> ModelError:
    """The same, already decoded."""
    complaint = _complaint(error)
    codes = [str(complaint.get(name) or "") for name in ("code", "status", "status_code")]
    status = next((int(code) for code in codes if code.isascii() and code.isdigit() and len(code) == 3), 0)
    return _named(status, complaint, None, provider)


def _decoded(body: bytes) -> Any:
    """The document; plain words where it is none."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return document[0] if isinstance(document, list) and document else document


def _complaint(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        return {"message": str(document or "")}
    error = document.get("error") or document.get("detail") or document
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict):
        return {**document, "message": str(error)}
    return error


def _named(status: int, said: dict[str, Any], retry_after: float | None, provider: str) -> ModelError:
    complaint = Complaint(
        status,
        _word(said.get("code")),
        _word(said.get("type")) or _status_word(said.get("status")),
        _word(said.get("param")),
        str(said.get("message") or ""),
    )
    _log(provider, complaint)
    retry_after = _told_delay(said) if retry_after is None else retry_after
    seconds = None if retry_after is None else max(1, round(retry_after))
    error = _error(complaint, said, seconds)
    error.complaint = complaint
    return error


def _word(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _error(complaint: Complaint, said: dict[str, Any], seconds: int | None) -> ModelError:
    status, message = complaint.status, complaint.message.lower()
    names = {complaint.code, complaint.kind, *_detailed(said)}
    if names & _QUOTA or status == 402 or (status in {0, 400, 429} and any(words in message for words in _SPENT_WORDS)):
        return ProviderQuotaExceeded()
    busy = status == 503 and any(words in message for words in _OVERLOADED_WORDS)
    if names & _OVERLOADED or status == 529 or busy:
        return ProviderOverloaded(retry_after=seconds)
    if status == 429 or (not status and names & _RATE):
        return ProviderRateLimited(retry_after=seconds)
    if names & _CONTEXT or (status in {0, 400, 413, 422} and any(words in message for words in _CONTEXT_WORDS)):
        return ContextTooLong()
    if names & _FILTER or (status == 403 and _moderated(said)):
        return ContentFiltered()
    if status in {401, 403} or names & _KEY:
        return ProviderRejectedKey()
    if (status == 404 and "model" in message) or "model_not_found" in names or (names & _GONE and "model" in message):
        return ModelGone()
    if status >= 500 or status in {0, 408} or names & _SERVER:
        return ProviderUnavailable(retry_after=seconds)
    return ProviderRefused()


def _detailed(said: dict[str, Any]) -> set[str]:
    """The names in what Anthropic and Google add to an error; ``quota_of_a_day`` is ours for Google's."""
    details = said.get("details")
    if isinstance(details, dict):
        return {str(details.get("error_code") or "")}
    found = values.items(details)
    names = {str(detail["reason"]) for detail in found if detail.get("reason")}
    quotas = [str(quota.get("quotaId")) for detail in found for quota in values.items(detail.get("violations"))]
    return names | ({"quota_of_a_day"} if any("PerDay" in quota for quota in quotas) else set())


def _told_delay(said: dict[str, Any]) -> float | None:
    """Google's ``Retry-After``: ``{"retryDelay": "34.07s"}`` among the details."""
    for detail in values.items(said.get("details")):
        delay = detail.get("retryDelay")
        if isinstance(delay, str) and (told := _DELAY.fullmatch(delay)):
            return float(told[1])
    return None


_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


def _status_word(value: Any) -> str:
    """Google's name of an error stands where others have the number."""
    return value if isinstance(value, str) and not value.isdigit() else ""


def _moderated(said: dict[str, Any]) -> bool:
    """OpenRouter's 403 for a flagged prompt names the reasons; its 403 for a key does not."""
    metadata = said.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("reasons"))


def _log(provider: str, complaint: Complaint) -> None:
    """The names of the error; its first line only where it has none, as words may quote the conversation."""
    names = sorted({complaint.code, complaint.kind} - {""})
    line = "" if names else next(iter(complaint.message.strip().splitlines()), "")[:_LONGEST_LOGGED]
    logger.warning("Provider %s refused: status %s, %s %s", provider, complaint.status, names, scrubbed(line))


def scrubbed(line: str) -> str:
    """Without what may be a key: any long run of letters and digits."""
    return _KEY_LIKE.sub("…", line)


_KEY_LIKE = re.compile(r"\b(?:sk|key|or|gsk|xai|Bearer)[-_ ][\w-]{6,}|[\w-]{24,}")

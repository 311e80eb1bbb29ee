"""What a call of a tool became: text for the model, without secrets; or the sentence for what went wrong."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin
from urllib.parse import urlsplit

from agents.egress import problems
from agents.egress.policy import Target
from agents.egress.problems import Problem
from agents.egress.redacting import Redactor
from agents.egress.repeats import Failure
from agents.egress.sending import MAX_TEXT
from agents.egress.sending import STATUS_FAILURES
from agents.egress.sending import Answer
from agents.egress.sending import seconds_of
from agents.sources.mcp.transport import Lost
from core import http
from core.observability.redaction import redact_shapes

QUESTION = "This tool asks questions, which is not possible here."


def text_of(content: list[Any], structured: Any) -> str:
    """Texts as they are, structure as JSON; pictures, sounds and resources are named and not given."""
    texts = [_part(part) for part in content]
    if structured is not None:
        written = json.dumps(structured, ensure_ascii=False, default=str)
        if not any(_is_same(text, structured) for text in texts):
            texts.append(written)
    return "\n".join(filter(None, texts))


def _is_same(text: str, structured: Any) -> bool:
    """Servers repeat their structure as a text, for clients that read only those; ``{"result": x}`` is x."""
    whole = [structured]
    if isinstance(structured, dict) and set(structured) == {"result"}:
        whole.append(structured["result"])
    try:
        return text in whole or json.loads(text) in whole
    except (ValueError, RecursionError):
        return False


def _part(part: Any) -> str:
    match part.type:
        case "text":
            return str(part.text)
        case "image" | "audio":
            return f"[{part.type}, {part.mime_type[:60]}, {len(part.data) * 3 // 4} bytes]"
        case "resource_link":
            return f"[resource {str(part.uri)[:300]}]"
        case "resource":
            return f"[resource {str(part.resource.uri)[:300]}]"
    return "[something of another kind]"


def answered(text: str, redactor: Redactor, seconds: float, *, is_error: bool = False) -> Answer:
    """An answer of the tool; an error of its own is one to be told to the model."""
    told = text.replace("\0", "")
    return Answer(
        status=None,
        text=redact_shapes(redactor.text(told)[:MAX_TEXT]),
        is_cut=len(told) > MAX_TEXT,
        bytes=len(text.encode("utf-8", "replace")),
        seconds=seconds,
        failure="answered" if is_error else None,
    )


def failed(
    problem: Problem, failure: Failure, seconds: float = 0.0, *, sent: bool, retry_after: int | None = None
) -> Answer:
    """No answer."""
    return Answer(None, seconds=seconds, sent=sent, failure=failure, problem=problem, retry_after=retry_after)


def lost(lost: Lost, target: Target, seconds: float, *, name: str, last4: str, limit: float) -> Answer:
    """An answer for a call that brought none of the protocol's."""
    if lost.error:
        return failed(unreached(lost.error, target, limit), _failure_of(lost.error), seconds, sent=lost.error.sent)
    status, host = lost.status, target.host
    retry_after = seconds_of(lost.retry_after)
    if status == 404 and lost.had_session:  # the session is over, so nothing was done; the next try opens another
        return failed(problems.failed_there(host, status), "limited", seconds, sent=True, retry_after=0)
    failure: Failure = STATUS_FAILURES.get(status, "answered" if 300 <= status < 500 else "lost")
    return failed(
        problem_of(lost, target, name=name, last4=last4), failure, seconds, sent=True, retry_after=retry_after
    )


def problem_of(lost: Lost, target: Target, *, name: str = "", last4: str = "") -> Problem:
    """The sentence for an answer that is none of the protocol's."""
    match lost.status:
        case 401 | 403 if name:
            return problems.key_refused(target.host, name, last4)
        case 401 | 403:
            return problems.source_needs_sign_in(target.host)
        case 429:
            return problems.limited(target.host, seconds_of(lost.retry_after))
        case status if 300 <= status < 400:
            return problems.redirected(target.host, _host_of(lost.location, target))
        case status if status >= 400:
            return problems.source_answered(target.host, status)
    kind = lost.media_type or "nothing"
    return problems.protocol_refused(target.host, f"it answered with {kind[:60]}.")


def _host_of(location: str, target: Target) -> str:
    try:
        return (urlsplit(urljoin(f"https://{target.name}/", location)).hostname or "")[:200]
    except ValueError:
        return ""


def _failure_of(error: http.OutgoingError) -> Failure:
    match error:
        case http.AddressRefused():
            return "refused"
        case http.CircuitOpen():
            return "paused"
    return "lost" if error.sent else "unsent"


def unreached(error: http.OutgoingError, target: Target, limit: float) -> Problem:
    """The sentence for a message that did not arrive, or whose answer did not."""
    match error:
        case http.AddressRefused():
            return problems.private_address(target.name)
        case http.CircuitOpen():
            return problems.paused(target.host, error.retry_after or 60)
        case http.TimedOut():
            return problems.timed_out(target.host, limit)
        case http.AnswerRefused():
            return problems.cut_off(target.host)
    return problems.cut_off(target.host) if error.sent else problems.unreachable(target.host)

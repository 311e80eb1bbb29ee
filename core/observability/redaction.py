"""Keeps secrets out of whatever leaves the process for an operator's eyes: logs, error reports.

A secret is known by its name (``password=…``), by its shape (``sk-…``, a JWT, ``user:pass@host``) or because it is one
of this installation's own (:func:`remember`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

MASK = "[redacted]"

_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|jwt|api[_-]?key|apikey|access[_-]?key|secret[_-]?key|private[_-]?key|signing[_-]?key"
    r"|encryption[_-]?keys?|authorization|cookie|sessionid|signature|credentials?|ticket|dsn|(?<=[?&])key|init[_-]?data"
)
# "total_tokens" and "token_limit" are figures, not secrets: a name has to end in one of the words.
_SECRET_NAME = re.compile(rf"(?:^|.*[^a-z])(?:{_NAMES})", re.IGNORECASE | re.DOTALL)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

_QUOTE = r"(?:\\?[\"'])"
_PAIR = re.compile(
    rf"""(?P<name>(?<![A-Za-z])(?:[A-Za-z]{{1,40}}[A-Z_-])?(?:{_NAMES}){_QUOTE}?\s*(?:[:=]\s*|,\s*(?=b?["'])))"""
    r"""(?P<value>b?"(?:[^"\\]|\\.)*+"?|b?'(?:[^'\\]|\\.)*+'?|\\"(?:[^"\\]|\\[^"])*+(?:\\")?|[^\s"'&,;)}\]]++)""",
    re.IGNORECASE,
)
_COOKIE_LINE = re.compile(r"((?:set-)?cookie\s*:\s*)[^\r\n\"']+", re.IGNORECASE)
_SHAPES = re.compile(
    r"(?P<scheme>\bBearer\s+|\bbearer\.)[A-Za-z0-9._~+/=-]{6,}"
    r"|(?P<basic>\bBasic\s+)(?=[a-z/+]*[A-Z0-9=])[A-Za-z0-9+/]{6,}={0,2}"
    r"|(?P<url>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://)[^\s/@:\"']{0,200}:[^\s/@\"']{1,500}(?=@)"
    r"|\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?"
    r"|\bsk-[A-Za-z0-9_-]{8,}|\b(?:sk|pk|rk)_(?:live|test)_\w{8,}"
    r"|\bwhsec_[A-Za-z0-9+/=]{8,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{8,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\bAIza[A-Za-z0-9_-]{30,}"
    r"|\b\d{8,10}:[A-Za-z0-9_-]{35}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_own: set[str] = set()
_MIN_LENGTH = 12


def remember(values: Iterable[str]) -> None:
    """Secrets of this installation, hidden wherever they turn up.

    Ones shorter than 12 characters could be words and are left.
    """
    _own.update(value for value in values if len(value) >= _MIN_LENGTH)


def remember_settings(settings: Any) -> None:
    """Take the secrets from the Django settings, by their names."""
    for name in dir(settings):
        secret = is_secret(name.removesuffix("_FALLBACKS"))
        if name.isupper() and name != "SIMPLE_JWT" and (secret or name in {"DATABASES", "STORAGES"}):
            remember(_strings(getattr(settings, name), everything=secret))


def _strings(value: Any, *, everything: bool) -> Iterable[str]:
    match value:
        case str() if everything:
            yield value
        case Mapping():
            for key, inner in value.items():
                yield from _strings(inner, everything=everything or is_secret(str(key)))
        case list() | tuple():
            for inner in value:
                yield from _strings(inner, everything=everything)


def is_secret(name: str) -> bool:
    """Whether a value under this name is to be hidden, whatever it looks like."""
    return bool(_SECRET_NAME.fullmatch(_CAMEL.sub("_", name)))


def redact(text: str) -> str:
    """The text with every secret in it replaced."""
    text = _COOKIE_LINE.sub(rf"\1{MASK}", _without_own(text))
    text = _SHAPES.sub(_mask_shape, text)
    return _PAIR.sub(rf"\g<name>{MASK}", text)


def redact_shapes(text: str) -> str:
    """Only secrets of a known shape and our own ones, whatever stands beside them.

    For what others write to each other: there ``"ticket"`` is a ticket, and a ``next_page_token`` is needed.
    """
    return _SHAPES.sub(_mask_shape, _without_own(text))


def _without_own(text: str) -> str:
    for secret in _own:
        if secret in text:
            text = text.replace(secret, MASK)
    return text


def _mask_shape(match: re.Match[str]) -> str:
    return f"{match['scheme'] or match['basic'] or match['url'] or ''}{MASK}"


def scrub(value: Any, name: str = "") -> Any:
    """The same for nested mappings and lists: by key, and inside every string."""
    if name and is_secret(name) and value not in (None, "", 0, False):
        return MASK
    match value:
        case str():
            return redact(value)
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case Mapping():
            return {key: scrub(inner, str(key)) for key, inner in value.items()}
        case list() | tuple() | set():
            return [scrub(inner) for inner in value]
    return value

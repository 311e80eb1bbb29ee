"""LibreTranslate, on a server of the operator's own, as its source says (release 1.9.6, ``libretranslate/app.py``).

Texts go as plain text with our markers in them: its HTML mode cuts sentences at tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import httpx2
from django.conf import settings
from django.utils.translation import gettext_noop as _

from core import http
from translation import languages
from translation.errors import Doubtful
from translation.errors import KeyRejected
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch
from translation.providers import remembered
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import Name
from translation.providers.base import TextsOnly
from translation.providers.base import Translated
from translation.segments import Outcome
from translation.segments import Segment

MAX_TEXTS = 50
MAX_BYTES = 20_000
"""Where the server sets no limit: about what a small machine translates in the time that is waited for."""
_SECONDS = 60.0
_MAX_ANSWER = 4 * 1024 * 1024
_BUSY_SECONDS = 5
"""Its 429 names no time."""
_AWAY_SECONDS = 30


class LibreTranslateProvider(TextsOnly):
    """See :class:`translation.providers.base.Provider`."""

    name: Name = "libretranslate"
    is_demo = False

    def __init__(self) -> None:
        self._base = settings.TRANSLATION.libretranslate_url.rstrip("/")
        self._key = settings.TRANSLATION.libretranslate_api_key

    @cached_property
    def _client(self) -> httpx2.Client:
        return http.client(role="libretranslate", trusted=True, timeout=_SECONDS, read=_SECONDS, max_bytes=_MAX_ANSWER)

    def capabilities(self) -> Capabilities:
        """As the server lists its models: not every pair."""
        known = remembered.facts(f"libretranslate:{self._base}", self._ask_facts) or {}
        theirs: dict[str, list[str]] = known.get("languages", {})
        pairs = {ours: _ours(targets) for code, targets in theirs.items() if (ours := _our_code(code))}
        return Capabilities(
            sources=frozenset(pairs),
            targets=frozenset[str]().union(*pairs.values()),
            targets_by_source=pairs or None,
            max_texts=MAX_TEXTS,
            max_bytes=known.get("most") or MAX_BYTES,
            at_once=2,
            keeps_data=_("Texts go to a LibreTranslate server that the operators of this site chose; it keeps none."),
        )

    def _ask_facts(self) -> dict[str, Any]:
        listed = self._ask("GET", "/languages")
        told = self._ask("GET", "/frontend/settings")
        if not isinstance(listed, list):
            raise ServiceError
        most = told.get("charLimit") if isinstance(told, dict) else None
        return {
            "languages": {
                str(one["code"]): [str(target) for target in one.get("targets", [])]
                for one in listed
                if isinstance(one, dict) and one.get("code")
            },
            "most": most if isinstance(most, int) and most > 0 else None,
        }

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        """In one request; the server takes a list and keeps its order."""
        if len(batch) > MAX_TEXTS:
            raise TooMuch
        if not batch:
            return Translated([])
        answer = self._ask(
            "POST",
            "/translate",
            {
                "q": [one.text for one in batch],
                "source": self._code(ctx.source) if ctx.source else "auto",
                "target": self._code(ctx.target),
                "format": "text",
                **({"api_key": self._key} if self._key else {}),
            },
        )
        texts = answer.get("translatedText") if isinstance(answer, Mapping) else None
        if not isinstance(texts, list) or len(texts) != len(batch) or not all(isinstance(one, str) for one in texts):
            raise ServiceError
        return Translated(
            [Outcome(segment.number, text, ()) for segment, text in zip(batch, texts, strict=True)],
            detected=_detected(answer.get("detectedLanguage")),
        )

    def _code(self, ours: str) -> str:
        """The server's code: old ones call Portuguese of Brazil ``pb`` and traditional Chinese ``zt``."""
        known = remembered.facts(f"libretranslate:{self._base}", self._ask_facts) or {}
        theirs: dict[str, str] = {_our_code(code): code for code in known.get("languages", {})}
        found = languages.closest(ours, filter(None, theirs)) if theirs else ours
        if not found:
            raise Refused
        return theirs.get(found, found)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            response = self._client.request(method, f"{self._base}{path}", json=body)
        except http.AnswerRefused:
            raise ServiceError from None
        except http.OutgoingError as error:
            if error.sent:
                raise Doubtful from error
            raise Paused(retry_after=error.retry_after or _AWAY_SECONDS) from error
        if not response.is_success:
            raise _refusal(response)
        try:
            return response.json()
        except ValueError:
            raise ServiceError from None


def _refusal(response: httpx2.Response) -> ServiceError:
    said = response.text[:1000].lower()
    match response.status_code:
        case 403:
            return KeyRejected()
        case 400 if "api key" in said:
            return KeyRejected()
        case 413:
            return TooMuch()
        case 400 if "exceeds text limit" in said or "exceeds maximum" in said:
            return TooMuch()
        case 429:
            return Paused(retry_after=_BUSY_SECONDS)
        case 502 | 503 | 504:
            return Paused(retry_after=_AWAY_SECONDS)
        case int(status) if status < 500:
            return Refused()
    return ServiceError()


def _detected(found: Any) -> str:
    """Of a list each has its own; the first speaks for the text."""
    first = found[0] if isinstance(found, list) and found else found
    code = first.get("language") if isinstance(first, Mapping) else None
    return _our_code(code) if isinstance(code, str) else ""


_OLD_CODES = {"pb": "pt-BR", "zt": "zh-Hant", "zh": "zh-Hans"}


def _our_code(theirs: str) -> str:
    found = languages.find(_OLD_CODES.get(theirs, theirs))
    return found.code if found else ""


def _ours(codes: Sequence[str]) -> frozenset[str]:
    return frozenset(filter(None, map(_our_code, codes)))

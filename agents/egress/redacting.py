"""Hiding the secrets that a call was given, in whatever spelling the other side gives them back."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from urllib.parse import quote_plus

from core.observability.redaction import MASK
from core.observability.redaction import scrub

MIN_LENGTH = 4
"""Characters. What is shorter would be found in every text; no such secret is taken (:mod:`.building`)."""
_MIN_ENCODED = 5
_PERCENT = re.compile("%[0-9A-F]{2}")


class Redactor:
    """Masks some secrets: as they are, in base64 at any offset, URL-encoded, escaped for JSON or HTML, and in hex."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {one for secret in secrets if len(secret) >= MIN_LENGTH for one in _spellings(secret)}
        # The longest first: a spelling may be a part of another.
        self._spellings = sorted(spellings, key=len, reverse=True)

    def text(self, text: str, *, is_cut: bool = False) -> str:
        """The text without them; ``is_cut`` when its end was lost, and a secret may have been cut in two there."""
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        return self._without_beginning(text) if is_cut else text

    def anything(self, value: Any) -> Any:
        """The same for every key and text of what was read from JSON, and then the shapes of secrets of anybody."""
        return scrub(self._own(value))

    def _own(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(str(key)): self._own(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self._own(inner) for inner in value]
        return value

    def _without_beginning(self, text: str) -> str:
        for spelling in self._spellings:
            for length in range(min(len(spelling) - 1, len(text)), MIN_LENGTH - 1, -1):
                if text.endswith(spelling[:length]):
                    return text[:-length] + MASK
        return text


def _spellings(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    plain = raw.decode("utf-8", "replace")
    yield from (plain, html.escape(plain), raw.hex(), raw.hex().upper())
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield from (encoded, _PERCENT.sub(lambda match: match[0].lower(), encoded))
    yield from (json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1])
    for core in _in_base64(raw):
        yield from (core, core.replace("+", "-").replace("/", "_"), quote(core, safe=""))


def _in_base64(raw: bytes) -> Iterator[str]:
    """What is the same in the base64 of any text that holds it: three bytes are four characters, from three offsets."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        first = -(-offset * 8 // 6)
        whole = (offset + len(raw)) * 8 // 6
        if len(core := encoded[first:whole]) >= _MIN_ENCODED:
            yield core

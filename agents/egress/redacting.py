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
from core.observability.redaction import redact_shapes

MIN_LENGTH = 4
"""Characters. What is shorter would be found in every text; no such secret is taken (:mod:`.building`)."""
_MIN_ENCODED = 5
_ESCAPE = re.compile("%([0-9A-F])([0-9A-F])")


class Redactor:
    """Masks some secrets: as they are, in base64 at any offset, URL-encoded, escaped for JSON or HTML, and in hex."""

    def __init__(self, secrets: Iterable[str]) -> None:
        kept = {secret for secret in secrets if len(secret) >= MIN_LENGTH}
        # The longest first: a spelling may be a part of another.
        self._spellings = sorted({one for secret in kept for one in _spellings(secret)}, key=len, reverse=True)
        self._in_addresses = [re.compile(one) for secret in kept for one in sorted(_in_addresses(secret))]

    def text(self, text: str, *, is_cut: bool = False) -> str:
        """The text without them; ``is_cut`` when its end was lost, and a secret may have been cut in two there."""
        for spelling in self._spellings:
            text = text.replace(spelling, MASK)
        if "%" in text:
            for pattern in self._in_addresses:
                text = pattern.sub(MASK, text)
        return self._without_beginning(text) if is_cut else text

    def foreign(self, text: str, *, is_cut: bool = False) -> str:
        """The same for what another server wrote: without what has the shape of anybody's secret, too."""
        return redact_shapes(self.text(text, is_cut=is_cut))

    def anything(self, value: Any) -> Any:
        """The same for every key and text of what was read from JSON."""
        match value:
            case str():
                return self.foreign(value)
            case dict():
                return {self.foreign(str(key)): self.anything(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.anything(inner) for inner in value]
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
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
    yield from (json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1])
    for core in _in_base64(raw):
        yield from (core, core.replace("+", "-").replace("/", "_"), quote(core, safe=""))


def _in_addresses(secret: str) -> set[str]:
    """Patterns of it URL-encoded: half of the world writes ``%2f``, and some encode more than they must."""
    raw = secret.encode("utf-8", "surrogatepass")
    spelled = {quote(raw, safe=""), quote(raw), quote_plus(raw), "".join(f"%{byte:02X}" for byte in raw)}
    return {_any_case(one) for one in spelled if "%" in one}


def _any_case(encoded: str) -> str:
    return _ESCAPE.sub(
        lambda match: f"%[{match[1]}{match[1].lower()}][{match[2]}{match[2].lower()}]", re.escape(encoded)
    )


def _in_base64(raw: bytes) -> Iterator[str]:
    """What is the same in the base64 of any text that holds it: three bytes are four characters, from three offsets."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        first = -(-offset * 8 // 6)
        whole = (offset + len(raw)) * 8 // 6
        if len(core := encoded[first:whole]) >= _MIN_ENCODED:
            yield core

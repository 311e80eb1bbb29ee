"""What an HTML page says of itself: Open Graph (https://ogp.me), or else its title and description.

Whatever is in a page was written by a stranger: it is only ever shown as text, bounded, without control characters.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html.parser import HTMLParser
from typing import NamedTuple

TITLE_CHARS = 200
DESCRIPTION_CHARS = 500
SITE_CHARS = 100

_HEAD_ENDS = re.compile(r"</head\b|<body\b", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_HEADLESS_CHARS = 32 * 1024
_NOT_SHOWN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_CHARSETS = re.compile(r"utf-?8|windows-125[12]|iso-8859-1|koi8-[ru]|gbk|gb2312|big5|shift_jis|euc-(jp|kr)|ascii")


class Source(NamedTuple):
    """The beginning of a page as it came, and the encoding its server named."""

    body: bytes
    charset: str


def describe(page: Source) -> dict[str, str] | None:
    """``{title, description, site_name}``; None when the page has no title."""
    text = _decoded(page)
    head = _HEAD_ENDS.search(text)
    reader = _Head()
    with suppress(AssertionError):  # how the parser gives up on a declaration; what stood before it counts
        reader.feed(text[: head.start()] if head else text[:_HEADLESS_CHARS])
    title = _shown(reader.found("og:title", "twitter:title") or reader.title, TITLE_CHARS)
    if not title:
        return None
    return {
        "title": title,
        "description": _shown(reader.found("og:description", "twitter:description", "description"), DESCRIPTION_CHARS),
        "site_name": _shown(reader.found("og:site_name"), SITE_CHARS),
    }


class _Head(HTMLParser):
    """Remembers the first title and the first of each ``<meta>``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._metas: dict[str, str] = {}
        self._in_title = False

    def found(self, *names: str) -> str:
        """The content of the first of these that says anything."""
        return next((self._metas[name] for name in names if self._metas.get(name)), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = not self.title
        elif tag == "meta":
            values = dict(attrs)
            name = (values.get("property") or values.get("name") or "").strip().lower()
            self._metas.setdefault(name, values.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def _decoded(page: Source) -> str:
    """The text; the server's word counts first, then the page's own, and only encodings that are met on pages."""
    in_page = _CHARSET.search(page.body[:2048])
    named = [page.charset.lower(), in_page.group(1).decode("ascii").lower() if in_page else ""]
    charset = next((name for name in named if _CHARSETS.fullmatch(name)), "utf-8")
    return page.body.decode(charset, errors="replace")


def _shown(text: str, most: int) -> str:
    plain = _NOT_SHOWN.sub(" ", text).strip()
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"

"""Text is letters, not bytes: what can be seen of it, how it is cleaned, compared and cut.

The classes of characters are Unicode's own, by the tables of ``regex``: Default_Ignorable_Code_Point is what is drawn
as nothing (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point), and a grapheme is what a reader takes
for one character (https://www.unicode.org/reports/tr29/).
"""

from __future__ import annotations

import unicodedata

import regex  # type: ignore[import-untyped]

_BLANK = r"\p{Default_Ignorable_Code_Point}\s\p{Z}\p{Cc}\u2800"
"""Drawn as nothing or as a gap. The blank pattern of Braille is a symbol to Unicode and a gap to the eye."""
_NOT_BLANK = regex.compile(rf"[^{_BLANK}]")
_AROUND = regex.compile(rf"\A[{_BLANK}]+|[{_BLANK}]+\Z")
_IGNORED = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
_TURNING = regex.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
"""What changes the direction in which the rest of the line is read."""
_STRAY = regex.compile(r"(?![\u200c\u200d\ufe0e\ufe0f\U000e0020-\U000e007f])\p{Default_Ignorable_Code_Point}+")
"""Drawn as nothing, and not a part of emoji or of words either."""
_BLANKS = regex.compile(r"\p{Zs}")
_GAPS = regex.compile(r"[\s\p{Cc}\p{Zl}\p{Zp}]+")
_GRAPHEME = regex.compile(r"\X")
_APOSTROPHES = "`´ʹʻʼʽˈ՚‘’‛′ꞌ"
_SAME = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | {"ё": "е"})
_ELLIPSIS = "…"


def is_visible(text: str) -> bool:
    """Whether there is anything to see: more than blanks, joiners, fillers and controls."""
    return _NOT_BLANK.search(text) is not None


def bare(text: str) -> str:
    """Without anything invisible around it, as mail programs and chats add it to what is copied from them."""
    return str(_AROUND.sub("", text))


def line(text: str) -> str:
    """A name or a title as it is kept: one line, which turns nothing around it, without blanks at its ends.

    Joiners inside stay: emoji and several scripts are made with them. Empty when nothing of it can be seen.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    flat = _GAPS.sub(" ", _TURNING.sub("", text))
    return flat.strip() if is_visible(flat) else ""


def spelled(text: str) -> str:
    """Letters without what hides between them, and with plain blanks: the name of a file. Joiners stay."""
    return text if text.isascii() else str(_BLANKS.sub(" ", _STRAY.sub("", _TURNING.sub("", text))))


def folded(text: str) -> str:
    """As text is searched: letters that look the same are the same, whatever their case and however they were typed."""
    if text.isascii():
        return text.lower().replace("`", "'")
    plain = unicodedata.normalize("NFKC", _IGNORED.sub("", text).translate(_SAME)).casefold()
    # The dot that is left of a Turkish İ stands on the i already.
    return unicodedata.normalize("NFKC", plain.replace("i\u0307", "i")).translate(_SAME)


def letters(text: str) -> int:
    """How many letters a reader counts, which are graphemes: a family or an accented letter is one."""
    return len(text) if text.isascii() else len(_GRAPHEME.findall(text))


def cut(text: str, most: int) -> str:
    """At most ``most`` characters, with an ellipsis for what is missing; never in the middle of a grapheme."""
    return text if len(text) <= most else head(text, most - len(_ELLIPSIS)) + _ELLIPSIS


def head(text: str, most: int) -> str:
    """The beginning of at most ``most`` characters that ends where a grapheme ends; a longer grapheme is left out."""
    if len(text) <= most:
        return text
    end = 0
    for found in _GRAPHEME.finditer(text):
        if found.end() > most:
            break
        end = found.end()
    return text[:end]

"""Which encoding a text is in that is no Unicode: guessed, as its bytes do not say it.

:mod:`charset_normalizer` throws out what would make the bytes a mess. What it leaves are often several encodings of one
script, under which the same bytes are all letters: Polish as Windows-1250, and as Windows-1252 with "³" for "ł". Among
these the one wins whose letters belong to one language.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

ENCODINGS = (
    "cp1252",
    "cp1251",
    "cp1250",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp866",
    "koi8-u",
    "gb18030",
    "cp932",
    "euc-jp",
    "big5",
    "cp949",
    "cp852",
    "iso8859-2",
    "mac-cyrillic",
    "utf-16-le",
    "utf-16-be",
)
"""What a guess may be, and be changed to; of several that make the same of the bytes, the first. Of a family the
largest stands for all: GB18030 for GB 2312 and GBK, KOI8-U for KOI8-R, Windows-1252 for Latin-1, 932 for Shift JIS."""
LAST_RESORT = "cp1251"
"""Takes nearly every byte."""
SAMPLE_BYTES = 16 * 1024
"""How much a guess is made from, so that its time does not grow with the file."""

_GUESSED = [encoding for encoding in ENCODINGS if not encoding.startswith("utf-16")]
_HIGH = re.compile(rb"[\x80-\xff]")

_LETTERS = """
    àâæçéèêëîïôœùûüÿ äöüß áéíñóúü ãõáâàçéêíóôú àèéìíîòóù ëïéèöüó åäöæøéü áéíóúýðþæö
    ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîșțşţ čćđšž çğıöşüâîû äõöüšž āčēģīķļņšūž ąčęėįšųūž
"""
"""By language, what it has beside the letters of ASCII: French, German, Spanish, Portuguese, Italian, Dutch, the
Nordic ones, Icelandic; Polish, Czech, Slovak, Hungarian, Romanian, Croatian, Turkish, Estonian, Latvian, Lithuanian."""
_SCRIPTS = (
    r"[\u0400-\u045f\u0490\u0491]",  # Cyrillic of the Slavic languages
    r"[\u0370-\u03ff]",
    r"[\u0590-\u05ff]",
    r"[\u0600-\u06ff]",
    r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]",  # kana and Chinese characters, of full width
    r"[\u3000-\u303f\uac00-\ud7a3\uff00-\uff60]",  # Hangul
)
_ALPHABETS = [re.compile(pattern) for pattern in (*(f"[{letters}]" for letters in _LETTERS.split()), *_SCRIPTS)]
_COMMON = re.compile("[^\x80-\U0010ffff]|[\u00a0«»„“”‘’‚‹›–—…•·№§©®™°±×€£¿¡ªº\u0307]")
"""Marks of no language; the last one is what is left of a Turkish capital when it is made small."""


def guesses(data: bytes) -> Iterator[str]:
    """Encodings to try, the most plausible first. Takes some tenths of a second, whatever the bytes are."""
    if b"\x00" in data:
        # Only UTF-16 has them in a text, and in the same half of nearly every pair.
        yield from _wide(data[:SAMPLE_BYTES])
        return
    from charset_normalizer import from_bytes  # its tables are large, and few files need them

    sample = _sample(data)
    # More and larger pieces than usual: the sample is small, and a short text is the hardest.
    matches = from_bytes(sample, steps=8, chunk_size=1024, cp_isolation=_GUESSED, enable_fallback=False)
    found = [encoding for match in matches if (encoding := _first(match.could_be_from_charset))]
    yield from sorted(found, key=lambda encoding: -_share_of_one_language(sample.decode(encoding, "ignore")))
    yield LAST_RESORT


def _first(encodings: list[str]) -> str | None:
    """Of encodings under which the text is the same, the first of ``ENCODINGS``; None: it is another one.

    A guess may come back under a name that nobody asked for, as pure ASCII does.
    """
    wanted = {codecs.lookup(encoding).name for encoding in encodings}
    return next((encoding for encoding in ENCODINGS if codecs.lookup(encoding).name in wanted), None)


def _share_of_one_language(text: str) -> float:
    """How much of what is not ASCII can be one language: 0 to 1, in steps that a single odd letter does not make."""
    letters = _COMMON.sub("", text.lower())
    best = max(len(alphabet.findall(letters)) for alphabet in _ALPHABETS)
    return round(best / max(len(letters), 1), 1)


def _wide(sample: bytes) -> list[str]:
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 10 * min(even, odd):
        return []
    return ["utf-16-le" if odd > even else "utf-16-be"]


def _sample(data: bytes) -> bytes:
    """Lines that are not plain ASCII, as only these can tell; cut where no character of several bytes can be cut."""
    found = bytearray()
    at = 0
    while len(found) < SAMPLE_BYTES and (high := _HIGH.search(data, at)):
        start = max(data.rfind(b"\n", at, high.start()) + 1, high.start() - 200, at)
        end = data.find(b"\n", high.start(), start + SAMPLE_BYTES) + 1 or start + SAMPLE_BYTES
        found += data[start:end]
        at = end
    if at < len(data) and len(found) >= SAMPLE_BYTES:
        # Bytes up to "/" are never the second half of a character.
        cut = next((place for place in range(len(found) - 1, 0, -1) if found[place] < 0x30), len(found))
        del found[cut + 1 :]
    return bytes(found)

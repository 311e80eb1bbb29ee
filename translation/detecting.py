"""Which language a text is in, and whether that is sure. Knows no database.

Scripts of one language decide alone, and letters that one of its neighbours does not have; the rest is asked of
py3langid (https://github.com/adbar/py3langid): its model is read at the first such text, in 0.5 s and some 120 MB of a
process. Its answer is restricted to the languages that are written most, by script: with all of them short texts are
too often taken for a small neighbour. Whoever writes in another one says so.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import regex  # type: ignore[import-untyped]

from translation import languages
from translation import markers

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READ_CHARS = 4_000
"""More than these tell nothing new."""
_SURE_WORDS = 3
_SURE = 0.9
_CLOSE = 0.08
"""A second language that is as likely as this leaves doubt."""
_NO_TEXT = regex.compile(r"https?://\S+|\S+@\S+\.\S+|[\p{N}\p{P}\p{S}]+")
_ALONE = {"el": "Greek", "he": "Hebrew", "th": "Thai", "ko": "Hangul", "hy": "Armenian", "ka": "Georgian",
          "hi": "Devanagari", "bn": "Bengali", "ta": "Tamil"}  # fmt: skip
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_TELLING = {
    "be": regex.compile("[ўЎ]"),
    "uk": regex.compile("[їєґЇЄҐ]"),
    "ru": regex.compile("[ыэёЫЭЁ]"),
    "mk": regex.compile("[ѓќѕЃЌЅ]"),
    "sr": regex.compile("[ђћЂЋ]"),
    "kk": regex.compile("[әғқұӘҒҚҰ]"),
}
"""Letters that tell one language of the Cyrillic script from most others, in the order of asking."""
_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_LIKELY = {
    "Cyrillic": frozenset(["be", "bg", "ru", "uk"]),
    "Arabic": frozenset(["ar", "fa", "ur"]),
    "Latin": frozenset(
        [
            "az",
            "cs",
            "da",
            "de",
            "en",
            "es",
            "et",
            "fi",
            "fr",
            "hr",
            "hu",
            "id",
            "it",
            "lt",
            "lv",
            "nl",
            "no",
            "pl",
            "pt",
            "ro",
            "sk",
            "sl",
            "sv",
            "tr",
            "vi",
        ]
    ),
}
"""In the detector's own codes."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Found:
    """``code`` is empty where there are no words."""

    code: str
    is_sure: bool


def detect(text: str) -> Found:
    """The language of a text by its beginning. Short texts, and such with a close second, are not sure."""
    read = _NO_TEXT.sub(" ", markers.plain(text[:_READ_CHARS])).strip()
    if not regex.search(r"\p{L}", read):
        return Found("", is_sure=False)
    return _by_script(read) or _by_letters(read) or _by_model(read)


def _by_script(text: str) -> Found | None:
    letters = regex.findall(r"\p{L}", text)
    for code, script in _ALONE.items():
        if len(regex.findall(rf"\p{{{script}}}", text)) > len(letters) / 2:
            return Found(code, is_sure=True)
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    if han + kana <= len(letters) / 2:
        return None
    # Chinese has no kana; Japanese without any is short.
    return Found("ja", is_sure=True) if kana else Found("zh", is_sure=han >= _SURE_WORDS * 2)


def _by_letters(text: str) -> Found | None:
    """Of Cyrillic: which letters there are. Two kinds of them together, a quotation, leave it to the model."""
    letters = len(regex.findall(r"\p{L}", text))
    if len(_CYRILLIC.findall(text)) <= letters / 2:
        return None
    told = {code for code, pattern in _TELLING.items() if pattern.search(text)}
    if "kk" in told:
        told = {"kk"}
    elif "be" in told or (  # with ў, or with і where Russian has и
        "ru" in told and regex.search("[іІ]", text) and not regex.search("[иИ]", text)
    ):
        told = {"be"}
    elif not told and regex.search("[іІ]", text):
        told = {"uk"}
    if len(told) != 1:
        return None
    code = told.pop()
    # A single letter may be in a name.
    is_sure = len(text.split()) >= _SURE_WORDS and len(_TELLING[code].findall(text)) > 1
    return Found(code, is_sure=is_sure)


def _by_model(text: str) -> Found:
    script = next((name for name in ("Cyrillic", "Arabic") if regex.search(rf"\p{{{name}}}", text)), "Latin")
    scores = [(label, score) for label, score in _identifier().rank(text) if label in _LIKELY[script]]
    total = sum(score for _, score in scores) or 1.0
    (label, first), (_, second) = scores[:2]
    found = languages.find(label)
    is_sure = len(text.split()) >= _SURE_WORDS and first / total >= _SURE and second / total < _CLOSE
    return Found(found.code if found else "", is_sure=is_sure)


@cache
def _identifier() -> LanguageIdentifier:
    # Here, as it brings NumPy along: a tenth of the time in which a process starts.
    from py3langid.langid import MODEL_FILE
    from py3langid.langid import LanguageIdentifier

    with _lock:
        made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        made.set_languages(sorted(frozenset().union(*_LIKELY.values())))
    return made


def knows(base: str) -> bool:
    """Whether a language, without region and script, is among those that are told apart."""
    told = {*_ALONE, *_TELLING, "zh", "ja", *(label for labels in _LIKELY.values() for label in labels)}
    return base in told or (base == "nb" and "no" in told)

"""What is one emoji (Unicode Technical Standard 51), as far as that can be told without its tables."""

from __future__ import annotations

import re

import regex  # type: ignore[import-untyped]

MAX_CHARS = 32

_BASE = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f004\U0001f0cf\U0001f170-\U0001f171\U0001f17e-\U0001f17f\U0001f18e"
    "\U0001f191-\U0001f19a\U0001f201\U0001f202\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f250\U0001f251"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7f0\U0001f900-\U0001f9ff"
    "\U0001fa70-\U0001faff"
)
_PIECE = f"[{_BASE}]\ufe0f?[\U0001f3fb-\U0001f3ff]?\ufe0f?"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_REGION = "\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f"  # the flags of England, Scotland …
_EMOJI = re.compile(f"(?:{_REGION}|{_FLAG}|{_KEYCAP}|{_PIECE}(?:\u200d{_PIECE})*)")


SELECTOR = "\ufe0f"
_TEXTUAL = regex.compile(r"([\p{Emoji}--\p{Emoji_Presentation}])(?![\U0001f3fb-\U0001f3ff])", regex.V1)
"""What is drawn as text unless a selector or a skin tone follows."""


def qualified(emoji: str) -> str:
    """The one form an emoji is kept in, the fully qualified one of Unicode's emoji-test.txt; phones send others too."""
    return str(_TEXTUAL.sub(rf"\1{SELECTOR}", emoji.replace(SELECTOR, "")))


def is_emoji(text: str) -> bool:
    """Whether ``text`` is one emoji, with its skin tone, its joined parts and nothing else."""
    return len(text) <= MAX_CHARS and _EMOJI.fullmatch(text) is not None

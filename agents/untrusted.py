"""Text that other servers write about their tools: shown to people and given to models, believed by neither."""

from __future__ import annotations

import re
import unicodedata

MAX_DESCRIPTION = 1_000
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Control, format (zero width, direction, tags), private, half and unassigned characters, separators of lines."""
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
"""Letters by their class, of which nothing is seen."""
_SPEAKS_TO_MODEL = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|previous|above|prior|earlier|other)
    | \b(?:before|prior\ to|instead\ of)\b.{0,30}\b(?:any|all|each|every|using|calling|other)\b.{0,30}\btools?\b
    | \b(?:do\ not|don't|never|without)\s+(?:tell|mention|inform|show|reveal|notify|ask)(?:ing)?\b
      .{0,30}\b(?:user|person|human|anyone|them)\b
    | \byou\ (?:must|are|should|have\ to)\b.{0,60}\b(?:assistant|model|first|always|tool|read|send|pass|include)\b
    | \b(?:system|developer)\s*(?:prompt|message)\b
    | </?\s*(?:important|system|instructions?|assistant|secret|critical|tool|user|prompt)\b[^>]{0,80}>
    | \[/?\s*(?:inst|system)\s*\]
    | (?:passwords?|api[\ _-]?keys?|\.ssh|id_rsa|\.env\b|credentials)
    | (?:ігнору|забудь|не\ (?:кажи|повідомляй|показуй))\w*
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def cleaned(text: object, most: int = MAX_DESCRIPTION) -> str:
    """One line of what is seen of a text, at most so many characters. What is no text is an empty one."""
    if not isinstance(text, str):
        return ""
    seen = "".join(" " if char in "\t\n\r" else char for char in text[: most * 4] if _is_seen(char))
    line = " ".join(seen.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def speaks_to_model(text: object) -> bool:
    """Whether a text gives orders to whoever reads it, or hides something: its owner is told to look closely.

    A notice, not a lock: nothing is allowed or refused by it.
    """
    if not isinstance(text, str):
        return False
    plain = unicodedata.normalize("NFKC", "".join(char for char in text if char in "\t\n\r" or _is_seen(char)))
    return bool(_SPEAKS_TO_MODEL.search(plain)) or any(_is_suspicious(char) for char in text)


def _is_seen(char: str) -> bool:
    return char in "\t\n\r" or (unicodedata.category(char) not in _HIDDEN and char not in _FILLERS)


def _is_suspicious(char: str) -> bool:
    # A soft hyphen, a joiner inside an emoji and a mark of the byte order are hidden and mean no harm.
    return not _is_seen(char) and char not in "\u00ad\u200d\ufeff"

"""SubRip subtitles in place: a cue is what stands below a line of times, whatever number is printed above it."""

from __future__ import annotations

import re
from pathlib import Path

from translation.formats import encoded
from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.formats.passages import Passage
from translation.formats.passages import Token

LINE = 42
"""Characters that are read in time, and two such lines are what a picture has place for: what Netflix asks for too."""
_TIME = r"-?\d{1,3}:\d{1,2}:\d{1,2}(?:[,.]\d{1,3})?"
_TIMES = re.compile(
    rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*(?:\n|\Z)",
    re.MULTILINE,
)
_NUMBER = re.compile(r"(?:\A|\n)[ \t]*\d+[ \t]*\n\Z")
_TAG = re.compile(r"(<(?P<end>/?)(?P<tag>[biu]|font)\b[^>]*>|\{\\?[^{}\n]*\}|<[^<>\n]*>)", re.IGNORECASE)
_WORD = re.compile(r"(?:<[^<>\n]*>|\{[^{}\n]*\}|\S)+")
_SPEAKER = re.compile(r"(?:^|\n)(?:<[^>]*>)*\s*[-–—]", re.MULTILINE)


def walk_srt(path: Path, walk: Walk, to: Path | None) -> None:
    """Subtitles, in whatever encoding; written as UTF-8 with their line ends. Raises Unreadable for none."""
    data = encoded.load(path)
    text = encoded.decoded(data).removeprefix("\ufeff")
    end = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    walk.say_note_in_text()
    times = list(_TIMES.finditer(text))
    if not times:
        raise Unreadable("broken", "times")
    out, at = [], 0
    starts = [*(_cue_start(text, found.start()) for found in times[1:]), len(text)]
    for number, (found, stop) in enumerate(zip(times, starts, strict=True), start=1):
        words = text[found.end() : max(stop, found.end())]
        shown = words.rstrip("\n \t")
        out += [text[at : found.end()], _cue(shown, walk, f"cue{number}")]
        at = found.end() + len(shown)
    out.append(text[at:])
    walk.finish()
    if to is not None:
        to.write_bytes(encoded.encoded("".join(out).replace("\n", end), data))


def _cue_start(text: str, times: int) -> int:
    """Where the cue with these times begins: at the number above them, if there is one."""
    number = _NUMBER.search(text, max(0, text.rfind("\n\n", 0, times)), times)
    return number.start() + 1 if number else times


def _cue(words: str, walk: Walk, place: str) -> str:
    walk.count(words)
    lines_matter = bool(_SPEAKER.search(words))
    passage = Passage(_tokens(words), joins_lines=not lines_matter)
    walk.protect(" " * (len(words) - len(passage.plain)))
    target = walk.segment(place, "cue", passage.text) if passage.text else None
    if target is None:
        return words
    # An empty line would end the cue.
    lines = [line for line in target.split("\n") if line.strip()] if lines_matter else [" ".join(target.split())]
    shown = "\n".join(_wrapped(line) for line in passage.render("\n".join(lines), str).split("\n"))
    return f"{words}\n{shown}" if walk.both else shown


def _tokens(words: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    for found in _TAG.finditer(words):
        tokens.append(Token("text", words[at : found.start()], words[at : found.start()]))
        tag = (found["tag"] or "").lower()
        tokens.append(Token("void" if not tag else "close" if found["end"] else "open", found[0], "", tag))
        at = found.end()
    return [token for token in (*tokens, Token("text", words[at:], words[at:])) if token.raw]


def _wrapped(line: str) -> str:
    """Two lines as even as can be; more only where the words need them."""
    words = _WORD.findall(line)
    widths = [len(_TAG.sub("", word)) for word in words]
    whole = sum(widths) + len(words) - 1
    if whole <= LINE:
        return " ".join(words)
    limit = LINE
    if whole <= 2 * LINE:
        sums = [sum(widths[:at]) + at - 1 for at in range(1, len(words))]
        fitting = [length for length in sums if max(length, whole - length - 1) <= LINE]
        limit = min(fitting, key=lambda length: abs(2 * length - whole), default=LINE)
    lines: list[list[str]] = [[]]
    used = 0
    for word, width in zip(words, widths, strict=True):
        if lines[-1] and used + 1 + width > (limit if len(lines) == 1 else LINE):
            lines.append([])
            used = -1
        lines[-1].append(word)
        used += width + (len(lines[-1]) > 1 or used == -1)
    return "\n".join(" ".join(found) for found in lines)

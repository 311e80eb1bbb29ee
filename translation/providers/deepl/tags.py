"""Markers as the tags that DeepL carries along with the words, and back."""

from __future__ import annotations

import re
from html import unescape
from xml.sax.saxutils import escape

from translation import markers

NAMES = ["g", "x"]
"""A stretch, and what is no text. Neither ends a sentence."""

_TAG = re.compile(r'<(?:g i="(?P<open>\d+)"|(?P<close>/g)|x i="(?P<void>\d+)"\s*/)\s*>|</x>')


def tagged(text: str) -> str:
    """As XML. Stretches cross no other, so a closing tag needs no number."""
    return "".join(_tag(part) or escape(part) for part in markers.split(text))


def _tag(part: str) -> str:
    match = markers.MARKER.fullmatch(part)
    if match is None:
        return ""
    if match["open"]:
        return f'<g i="{match["open"]}">'
    return "</g>" if match["close"] else f'<x i="{match["void"]}"/>'


def untagged(xml: str) -> str:
    """With markers again. A tag that closes nothing is left out, and found as a marker that is missing."""
    stack: list[str] = []
    parts: list[str] = []
    at = 0
    for match in _TAG.finditer(xml):
        parts += [unescape(xml[at : match.start()]), _marker(match, stack)]
        at = match.end()
    return "".join([*parts, unescape(xml[at:])])


def _marker(match: re.Match[str], stack: list[str]) -> str:
    if match["open"]:
        stack.append(match["open"])
        return markers.opening(int(match["open"]))
    if match["void"]:
        return markers.void(int(match["void"]))
    return markers.closing(int(stack.pop())) if match["close"] and stack else ""

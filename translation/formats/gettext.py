"""Catalogues of messages (PO) in place: what has no translation yet, or an outdated one, gets one."""

from __future__ import annotations

import re
from pathlib import Path

import polib

from translation.formats import encoded
from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.formats.passages import Passage
from translation.formats.passages import Token

_NAMED = re.compile(r"(%\(\w+\)[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]|\{\w*(?:[.!:][^{}\n]*)?\}|%[sd](?!\w))")
_FORMAT = re.compile(
    rf"{_NAMED.pattern[:-1]}|%(?:\d+\$)?[-#0+']*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|q|j|z|t|L)?[diouxXeEfFgGcrsaAp@%])"
)
"""Places for values: of Python and the like, and of ``printf`` where the catalogue says that a message has some."""
_PLURALS = re.compile(r"nplurals\s*=\s*(\d)")


def walk_po(path: Path, walk: Walk, to: Path | None) -> None:
    """A catalogue; translated messages stay, and so does what is no longer in use."""
    text = encoded.decoded(encoded.load(path))
    if "msgid" not in text:
        raise Unreadable("broken", "msgid")
    try:
        # A text with a line break cannot be taken for the name of a file.
        catalogue = polib.pofile(f"{text}\n", encoding="utf-8", wrapwidth=79)
    except (OSError, ValueError, IndexError, UnicodeError) as error:
        raise Unreadable("broken", "po") from error
    forms = _PLURALS.search(catalogue.metadata.get("Plural-Forms", ""))
    for number, entry in enumerate(catalogue, start=1):
        if not entry.obsolete:
            _entry(entry, walk, f"message{number}", int(forms[1]) if forms else 2)
    walk.finish()
    if to is None:
        return
    if walk.note:
        catalogue.header = f"{catalogue.header}\n{walk.note}".strip()
    catalogue.metadata["Language"] = walk.language
    catalogue.metadata["Content-Type"] = "text/plain; charset=UTF-8"
    catalogue.save(str(to))


def _entry(entry: polib.POEntry, walk: Walk, place: str, forms: int) -> None:
    walk.count(entry.msgid + entry.msgid_plural)
    if entry.translated():
        walk.protect(entry.msgid + entry.msgid_plural)
        return
    has_format = any(flag.endswith("-format") and not flag.startswith("no-") for flag in entry.flags)
    one = _message(entry.msgid, walk, place, has_format=has_format)
    many = _message(entry.msgid_plural, walk, f"{place}/plural", has_format=has_format)
    if one is None and many is None:
        return
    if entry.msgid_plural:
        if forms > 2:
            walk.warn("plural_forms_alike")
        texts = [one or entry.msgid, *[many or entry.msgid_plural] * (forms - 1)]
        entry.msgstr_plural = dict(enumerate([texts[-1]] if forms == 1 else texts))
    else:
        entry.msgstr = one or ""
    entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None


def _message(text: str, walk: Walk, place: str, *, has_format: bool) -> str | None:
    parts = (_FORMAT if has_format else _NAMED).split(text)
    kinds = [Token("void" if number % 2 else "text", part, part) for number, part in enumerate(parts) if part]
    passage = Passage(kinds)
    walk.protect(" " * (len(text) - len(passage.plain)))
    target = walk.segment(place, "message", passage.text) if passage.text else None
    return None if target is None else passage.render(target, str)

"""Compile every ``django.po`` beside this file to ``django.mo``, with nothing but Python.

The compiled files are committed, so that running Kintsugi needs no gettext tools. ``--check`` writes nothing and fails
when a compiled file does not match its source.
"""

from __future__ import annotations

import ast
import struct
import sys
from pathlib import Path

_MAGIC = 0x950412DE
_KEYWORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")


def parse(source: str) -> dict[str, str]:
    """Catalogue keys and values as gettext stores them: plural forms joined by NUL, contexts by EOT."""
    messages: dict[str, str] = {}
    for block in source.split("\n\n"):
        fields = _fields(block)
        value = "\0".join(text for name, text in sorted(fields.items()) if name.startswith("msgstr"))
        if "msgid" not in fields or not value.strip("\0"):
            continue
        key = fields["msgid"]
        if "msgid_plural" in fields:
            key += "\0" + fields["msgid_plural"]
        if "msgctxt" in fields:
            key = fields["msgctxt"] + "\4" + key
        messages[key] = value
    return messages


def _fields(block: str) -> dict[str, str]:
    """The strings of one entry by keyword; a line that begins with a quote continues the one before."""
    fields: dict[str, str] = {}
    current = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        text = line
        if line.startswith(_KEYWORDS):
            current, _, text = line.partition(" ")
            fields[current] = ""
        if text.startswith('"'):
            fields[current] += ast.literal_eval(text)
    return fields


def compiled(messages: dict[str, str]) -> bytes:
    """The binary catalogue: a header, two tables of (length, offset), then the strings, sorted by key."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    table_size = 8 * len(pairs)
    header = struct.pack("<7I", _MAGIC, 0, len(pairs), 28, 28 + table_size, 0, 28 + 2 * table_size)
    offset = 28 + 2 * table_size
    tables: list[bytes] = []
    strings: list[bytes] = []
    for column in range(2):
        for pair in pairs:
            tables.append(struct.pack("<2I", len(pair[column]), offset))
            strings.append(pair[column] + b"\0")
            offset += len(strings[-1])
    return header + b"".join(tables) + b"".join(strings)


def main(*, check: bool) -> int:
    """Compile, or compare; the number of files that were out of date."""
    stale = 0
    for source in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        binary = compiled(parse(source.read_text(encoding="utf-8")))
        if target.exists() and target.read_bytes() == binary:
            continue
        stale += 1
        if check:
            sys.stderr.write(f"{target} is out of date: run `python locale/compile.py`.\n")
        else:
            target.write_bytes(binary)
    return stale


if __name__ == "__main__":
    _check = "--check" in sys.argv[1:]
    _stale = main(check=_check)
    sys.exit(1 if _check and _stale else 0)

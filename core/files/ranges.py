"""Parts of files, as players ask for them (RFC 9110, section 14): one range at a time."""

from __future__ import annotations

import re

from core.files.errors import RangeInvalid

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})\Z")


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte, both included; None means the whole file, also for what is no single range.

    Raises RangeInvalid for a range outside the file.
    """
    match = _RANGE.match(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        if not length:
            raise RangeInvalid
        return size - length, size - 1
    first, last = int(match[1]), int(match[2]) if match[2] else size - 1
    if last < first and match[2]:
        return None
    if first >= size:
        raise RangeInvalid
    return first, min(last, size - 1)

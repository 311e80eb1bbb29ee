"""Pictures: measured before they are decoded, and written anew so that only pixels survive.

A few bytes can be fifty million pixels, so decoding is done in child processes, few at a time and with limits of time
and memory. A small still picture is decoded here: starting a process would take ten times as long as the work.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO
from typing import Any

from PIL import Image

from core.files import children
from core.files import errors
from core.files import image_worker

MAX_PIXELS = image_worker.MAX_PIXELS
MAX_SIDE = image_worker.MAX_SIDE
TIMEOUT_SECONDS = 90
"""Of the clock, for a child that steps behind others; of processor time it gets 30."""
WAIT_SECONDS = 2
SMALL_PIXELS = 1_000_000
"""Decoded in the serving process: 4 MB, in some 50 ms."""
AVATAR = 512
"""Pixels: both sides of a picture of a person."""
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}

_children = children.Children("image_worker.py", at_once=2, wait=WAIT_SECONDS)
_REFUSALS: dict[str, type[errors.FileRefused]] = {"broken": errors.ImageBroken, "large": errors.ImageTooLarge}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A picture of ours; ``width`` and ``height`` in pixels, upright."""

    content: IO[bytes]
    mime_type: str
    width: int
    height: int
    thumbnail: bytes


def rewrite(content: IO[bytes], mime_type: str, *, side: int = 0, timeout: float = TIMEOUT_SECONDS) -> Rewritten:
    """New bytes from the pixels: EXIF, GPS, comments and trailing bytes are gone, and animations go on moving.

    The orientation that EXIF asks for is applied, and colours are brought to sRGB. With a ``side`` it is one still
    picture, at most so many pixels wide and high. Raises ImageTooLarge before anything is decoded, ImageBroken for what
    cannot be decoded at all, and ImageQueueFull while others are being read.
    """
    source = image_worker.FORMATS[mime_type]
    if _is_small(content, source):
        return _rewrite_here(content, source, side)
    return _rewrite_in_child(content, source, side, timeout)


def first_frame(data: bytes, mime_type: str) -> tuple[bytes, str]:
    """A picture of ours as models can look at it, with its type: an animation is its first frame, as PNG."""
    with Image.open(io.BytesIO(data)) as opened:
        if not image_worker.is_moving(opened):
            return data, mime_type
        opened.seek(0)
        output = io.BytesIO()
        opened.convert("RGBA").save(output, format="PNG")
    return output.getvalue(), "image/png"


def _is_small(content: IO[bytes], source: str) -> bool:
    """By what it says of itself, which decoding cannot exceed. Raises ImageTooLarge, ImageBroken."""
    content.seek(0)
    try:
        with Image.open(content, formats=[source]) as opened:
            image_worker.check_size(*opened.size)
            return opened.width * opened.height <= SMALL_PIXELS and not image_worker.is_moving(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, image_worker.Refused) as error:
        raise errors.ImageTooLarge from error
    except image_worker.BROKEN as error:
        raise errors.ImageBroken from error


def _rewrite_here(content: IO[bytes], source: str, side: int) -> Rewritten:
    output: IO[bytes] = SpooledTemporaryFile(max_size=2 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    try:
        found, small = image_worker.rewrite(content, source, output, side=side)
    except image_worker.Refused as refusal:
        output.close()
        raise _REFUSALS[str(refusal)] from None
    output.seek(0)
    return _named(found, output, small)


def _rewrite_in_child(content: IO[bytes], source: str, side: int, timeout: float) -> Rewritten:
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        directory = Path(name)
        with (directory / "in").open("wb") as copy:
            content.seek(0)
            shutil.copyfileobj(content, copy, 1024 * 1024)
        answer = _ask(name, source, side, timeout)
        output = (directory / "out").open("rb")  # it goes when it is closed
        return _named(answer, output, (directory / "thumb").read_bytes())


def _ask(directory: str, source: str, side: int, timeout: float) -> dict[str, Any]:
    try:
        answer = _children.ask(directory, source, str(side), timeout=timeout)
    except children.Busy:
        raise errors.ImageQueueFull(retry_after=WAIT_SECONDS) from None
    except children.OutOfBounds:
        raise errors.ImageTooLarge from None
    if refusal := _REFUSALS.get(str(answer.get("error", ""))):
        raise refusal
    return answer


def _named(found: dict[str, Any], output: IO[bytes], thumbnail: bytes) -> Rewritten:
    return Rewritten(output, found["mime_type"], found["width"], found["height"], thumbnail)

"""Films and recordings: measured, and written anew without what they say of place, time and device."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from typing import Any

from core.files import children
from core.files import errors

TIMEOUT_SECONDS = 60
WAIT_SECONDS = 5
_children = children.Children("media_worker.py", at_once=2, wait=WAIT_SECONDS)
_REFUSALS: dict[str, type[errors.FileRefused]] = {
    "broken": errors.MediaBroken,
    "codec": errors.MediaCodec,
    "large": errors.MediaTooComplex,
}


@dataclass(frozen=True, slots=True)
class Format:
    """A container that is accepted: how it is read and written, and what it is called then."""

    source: str
    target: str
    audio: tuple[str, str]
    """MIME type and extension of a recording."""
    video: tuple[str, str] | None = None
    extensions: frozenset[str] = frozenset()


_MP4 = Format("mov", "mp4", ("audio/mp4", "m4a"), ("video/mp4", "mp4"), frozenset({"mp4", "m4v", "m4a", "mov", "qt"}))
FORMATS: dict[str, Format] = {
    # A film of QuickTime is one of MP4 by another name, which browsers play.
    "video/mp4": _MP4,
    "video/webm": Format(
        "matroska", "webm", ("audio/webm", "weba"), ("video/webm", "webm"), frozenset({"webm", "weba"})
    ),
    "audio/ogg": Format("ogg", "ogg", ("audio/ogg", "ogg"), None, frozenset({"ogg", "oga", "opus"})),
    "audio/mpeg": Format("mp3", "mp3", ("audio/mpeg", "mp3"), None, frozenset({"mp3"})),
    "audio/aac": Format("aac", "adts", ("audio/aac", "aac"), None, frozenset({"aac"})),
    "audio/wav": Format("wav", "wav", ("audio/wav", "wav"), None, frozenset({"wav"})),
}
EXTENSIONS = frozenset[str]().union(*(known.extensions for known in FORMATS.values()))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A film (``width`` and ``height`` in pixels, upright) or a recording; ``duration`` in seconds."""

    content: IO[bytes]
    mime_type: str
    extension: str
    is_video: bool
    duration: float
    width: int | None
    height: int | None
    thumbnail: bytes | None


def rewrite(content: IO[bytes], detected: str, *, timeout: float = TIMEOUT_SECONDS) -> Rewritten:
    """Read a film or a recording in a child process; its pictures and sounds are copied, everything else is left out.

    Raises MediaBroken, MediaCodec or MediaTooComplex, and MediaQueueFull while others are being read.
    """
    known = FORMATS[detected]
    with tempfile.TemporaryDirectory(prefix="media-") as name:
        directory = Path(name)
        with (directory / "in").open("wb") as copy:
            content.seek(0)
            shutil.copyfileobj(content, copy, 1024 * 1024)
        answer = _ask(name, known, timeout)
        named = known.video if answer["video"] else known.audio
        if named is None:
            raise errors.MediaCodec
        thumbnail = directory / "thumb"
        return Rewritten(
            content=_kept(directory / "out"),
            mime_type=named[0],
            extension=named[1],
            is_video=answer["video"],
            duration=answer["duration"],
            width=answer["width"],
            height=answer["height"],
            thumbnail=thumbnail.read_bytes() if thumbnail.exists() else None,
        )


def _ask(directory: str, known: Format, timeout: float) -> dict[str, Any]:
    try:
        answer = _children.ask(directory, known.source, known.target, timeout=timeout)
    except children.Busy:
        raise errors.MediaQueueFull(retry_after=WAIT_SECONDS) from None
    except children.OutOfBounds:
        raise errors.MediaTooComplex from None
    if refusal := _REFUSALS.get(str(answer.get("error", ""))):
        raise refusal
    return answer


def _kept(path: Path) -> IO[bytes]:
    """The file without its name: it goes when it is closed."""
    handle = path.open("rb")
    path.unlink()
    return handle

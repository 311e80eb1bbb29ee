"""Reads a picture and writes it anew; alone, as a child of :mod:`core.files.images`, when it is not a small one.

``image_worker.py <directory> <format> <side>``: reads ``in``, writes ``out`` and ``thumb`` there, JSON on standard
output. Imports no Django: it has no settings and no secrets.

What comes out is written from pixels alone, so reading is lenient: what can be decoded is kept, and neither a wrong
checksum nor a broken description of the camera stands in the way, as in browsers.
"""

from __future__ import annotations

import io
import json
import logging
import struct
import sys
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO
from typing import Any

from PIL import Image
from PIL import ImageCms
from PIL import ImageFile
from PIL import ImageSequence

MEMORY_BYTES = 1280 * 1024**2
"""Of address space; a picture of the greatest size takes about 600 MB of it."""
CPU_SECONDS = 30
ROOM_BYTES = 256 * 1024**2
"""What may be written."""
MAX_PIXELS = 50_000_000
"""A 50-megapixel photo, 200 MB when decoded; of an animation, all frames together."""
MAX_SIDE = 20_000
"""Pixels, as are the longer sides of small pictures below."""
THUMBNAIL = 480
MAX_FRAMES = 500
MAX_MILLISECONDS = 120_000
"""An animation is cut after so many frames, or when it has played for so long."""
SHORTEST_FRAME = 20
USUAL_FRAME = 100
"""Milliseconds: what browsers make of a frame that asks for less than the shortest."""

FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
}
_STILL = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/png", "WEBP": "image/webp", "BMP": "image/png"}
_MOVING = {"PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "AVIF": "image/webp"}
_WRITING: dict[str, dict[str, Any]] = {"image/gif": {"disposal": 2}, "image/webp": {"quality": 80, "method": 2}}
"""Of animations: every frame of a GIF is whole."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How EXIF says a picture stands: CIPA DC-008, 4.6.4."""

_TAIL = 64 * 1024
"""Bytes in which the end of a JPEG is looked for."""

ImageFile.LOAD_TRUNCATED_IMAGES = True
BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, ArithmeticError, KeyError, IndexError, TypeError)
"""What Pillow's readers raise for bytes they cannot make anything of."""


class Refused(Exception):
    """Its text is the reason: ``broken`` or ``large``."""


def limit_resources() -> None:
    """Bound memory, processor time and what may be written, and step behind those who serve."""
    import os
    import resource

    with suppress(OSError):
        os.nice(10)
    limits = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, ROOM_BYTES),
    )
    for kind, value in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def check_size(width: int, height: int) -> None:
    """Raises Refused before anything is decoded."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused("large")


def is_moving(opened: Image.Image) -> bool:
    """Whether it has a second frame; one that cannot be found is none."""
    try:
        return bool(getattr(opened, "is_animated", False))
    except BROKEN:
        return False


def rewrite(content: IO[bytes], source: str, output: IO[bytes], *, side: int = 0) -> tuple[dict[str, Any], bytes]:
    """Write a picture anew: ``{"mime_type", "width", "height"}``, and a small WebP of it.

    With a ``side`` it is one still picture, at most so many pixels wide and high. Raises Refused.
    """
    filler = _filler(content, source)
    try:
        with _opened(content, source) as opened:
            check_size(*opened.size)
            if not side and source in _MOVING and is_moving(opened):
                return _animation(content, source, output)
            image = _pixels_only(opened)
        del opened  # with it goes what its reader holds, before the writer needs as much
        if filler is not None and _is_all(image, filler):
            raise Refused("broken")
        return _still(image, source, output, side)
    except (Image.DecompressionBombError, MemoryError):
        raise Refused("large") from None
    except zlib.error:
        raise Refused("broken") from None
    except BROKEN:
        raise Refused("broken") from None


# Stills ------------------------------------------------------------------------------------------------------------


def _still(image: Image.Image, source: str, output: IO[bytes], side: int) -> tuple[dict[str, Any], bytes]:
    if side:
        image = image.convert("RGBA" if _has_alpha(image) else "RGB")
        image.thumbnail((side, side))
    written = _STILL.get(source) or ("image/webp" if _has_alpha(image) else "image/jpeg")
    prepared = _prepared(image, written)
    prepared.save(output, format=FORMATS[written], quality=90)
    found = {"mime_type": written, "width": image.width, "height": image.height}
    return found, _small(prepared)


def _filler(content: IO[bytes], source: str) -> int | None:
    """What missing pixels are read as, of a file that is cut; None for a whole one."""
    if source == "JPEG":
        content.seek(max(0, content.seek(0, io.SEEK_END) - _TAIL))
        return None if b"\xff\xd9" in content.read() else 128
    return 0 if source == "PNG" and _ends_in_a_chunk(content) else None


def _ends_in_a_chunk(content: IO[bytes]) -> bool:
    """Whether a PNG is cut within one of its chunks: length, type, data, checksum (PNG, third edition, 5.3)."""
    size, at = content.seek(0, io.SEEK_END), 8
    while at + 12 <= size:
        content.seek(at)
        length, kind = struct.unpack(">I4s", content.read(8))
        if kind == b"IEND":
            return False
        at += length + 12
    return at != size


def _is_all(image: Image.Image, filler: int) -> bool:
    """Whether the file ended before its pixels began."""
    bands: Any = image.getextrema()
    return all(band == (filler, filler) for band in (bands if isinstance(bands[0], tuple) else (bands,)))


def _pixels_only(opened: Image.Image) -> Image.Image:
    profile = opened.info.get("icc_profile")
    opened.load()
    image: Image.Image = opened
    transparency = image.info.get("transparency")
    if turn := _turn(opened):
        image = image.transpose(turn)
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        image = _to_srgb(image, profile)
    image = opened.copy() if image is opened else image
    image.info = {} if transparency is None or image.mode == "CMYK" else {"transparency": transparency}
    return image


def _turn(opened: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(int(opened.getexif().get(_ORIENTATION, 1)))
    except Exception:
        return None


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    mode = "RGB" if image.mode == "CMYK" else image.mode
    # A profile that cannot be used is dropped: slightly different colours are better than no image.
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
        )
        return converted or image
    return image


def _prepared(image: Image.Image, mime_type: str) -> Image.Image:
    """The image in a mode the written format knows."""
    if mime_type == "image/jpeg":
        return image if image.mode in {"L", "RGB"} else image.convert("RGB")
    if image.mode in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        return image
    if image.mode.startswith("I"):  # 16 bits a channel
        return image.convert("I").point(lambda value: value / 257).convert("L")
    return image.convert("RGBA" if "A" in image.mode or "a" in image.mode else "RGB")


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info


def _small(image: Image.Image) -> bytes:
    """At most 480 pixels wide and high."""
    output = io.BytesIO()
    small = image if image.mode in {"RGB", "RGBA"} else image.convert("RGBA" if _has_alpha(image) else "RGB")
    if small is image:
        small = small.copy() if max(small.size) <= THUMBNAIL else small.reduce(max(1, max(small.size) // 2048))
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(output, format="WEBP", quality=80)
    return output.getvalue()


# Animations --------------------------------------------------------------------------------------------------------


def _animation(content: IO[bytes], source: str, output: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    written = _MOVING[source]
    with _opened(content, source) as opened:
        width, height = opened.size
        durations = _durations(opened, most=max(1, min(MAX_FRAMES, MAX_PIXELS // (width * height))))
    # Opened anew: not every reader of Pillow finds its way back to the beginning.
    with _opened(content, source) as opened:
        frames = _frames(opened, len(durations))
        first = next(frames)
        options: dict[str, Any] = {"loop": opened.info["loop"]} if "loop" in opened.info else {}
        options |= _WRITING.get(written, {})
        following = list(frames) if written == "image/png" else frames  # its writer goes through them twice
        first.save(
            output,
            format=FORMATS[written],
            save_all=True,
            append_images=following,
            duration=durations,
            **options,
        )
    return {"mime_type": written, "width": width, "height": height}, _small(first)


def _opened(content: IO[bytes], source: str) -> Image.Image:
    content.seek(0)
    return Image.open(content, formats=[source])


def _durations(opened: Image.Image, *, most: int) -> list[int]:
    """Milliseconds of each frame that is kept: what is damaged or too much at the end is left out."""
    found: list[int] = []
    for frame in _readable(opened):
        asked = float(frame.info.get("duration") or 0)
        found.append(round(asked) if asked >= SHORTEST_FRAME else USUAL_FRAME)
        if len(found) == most or sum(found) >= MAX_MILLISECONDS:
            break
    if not found:
        raise Refused("broken")
    return found


def _frames(opened: Image.Image, count: int) -> Iterator[Image.Image]:
    for number, frame in enumerate(_readable(opened)):
        if number == count:
            return
        image = frame.convert("RGBA")
        image.info = {}
        yield image


def _readable(opened: Image.Image) -> Iterator[Image.Image]:
    frames = iter(ImageSequence.Iterator(opened))
    while True:
        try:
            frame = next(frames)
            frame.load()
        except (StopIteration, *BROKEN):
            return
        yield frame


# The child ---------------------------------------------------------------------------------------------------------


def answered(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the work says, or ``{"error": "broken" | "large"}``."""
    try:
        return work()
    except Refused as refusal:
        return {"error": str(refusal)}
    except MemoryError:
        return {"error": "large"}


def main() -> None:
    """The whole life of the child."""
    directory, source, side = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    limit_resources()
    logging.disable(logging.CRITICAL)

    def work() -> dict[str, Any]:
        with (directory / "in").open("rb") as content, (directory / "out").open("wb") as output:
            found, small = rewrite(content, source, output, side=side)
        (directory / "thumb").write_bytes(small)
        return found

    sys.stdout.write(json.dumps(answered(work)))


if __name__ == "__main__":
    main()

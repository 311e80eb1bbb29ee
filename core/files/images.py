"""Images: measured before they are decoded, and written anew so that only pixels survive."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO

from PIL import Image
from PIL import ImageCms
from PIL import ImageOps
from PIL import UnidentifiedImageError

from core.files.errors import ImageBroken
from core.files.errors import ImageTooLarge

MAX_PIXELS = 50_000_000
"""A 50-megapixel photo; 200 MB when decoded."""
MAX_SIDE = 20_000
THUMBNAIL = 480
AVATAR = 512

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
# A GIF keeps its first frame only: models look at one frame, and an animation is a bomb with a fuse per frame.
_WRITTEN = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/png", "WEBP": "image/webp"}
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def reencode(content: IO[bytes], mime_type: str) -> tuple[IO[bytes], str, int, int]:
    """New bytes, their MIME type, width and height; EXIF, GPS, comments and trailing bytes are gone.

    The orientation that EXIF asks for is applied, and colours are brought to sRGB. Raises ImageTooLarge before
    anything is decoded, ImageBroken for what does not decode.
    """
    source = _FORMATS[mime_type]
    content.seek(0)
    try:
        with Image.open(content, formats=[source]) as opened:
            _check_size(*opened.size)
            image = _pixels_only(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, struct.error, OverflowError) as error:
        raise ImageBroken from error
    written = _WRITTEN[source]
    output: IO[bytes] = SpooledTemporaryFile(max_size=2 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    _prepared(image, written).save(output, format=_FORMATS[written], quality=90)
    output.seek(0)
    return output, written, image.width, image.height


def thumbnail(content: IO[bytes]) -> bytes:
    """A small WebP of an image we wrote ourselves, at most 480 pixels wide and high."""
    content.seek(0)
    output = io.BytesIO()
    with Image.open(content) as opened:
        opened.draft(opened.mode, (2 * THUMBNAIL, 2 * THUMBNAIL))
        image = opened if opened.mode in {"RGB", "RGBA"} else opened.convert("RGBA" if _has_alpha(opened) else "RGB")
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        image.save(output, format="WEBP", quality=80)
    content.seek(0)
    return output.getvalue()


def shrink(content: IO[bytes], mime_type: str) -> tuple[IO[bytes], int, int]:
    """An image we wrote ourselves, at most 512 pixels wide and high; new bytes, width and height."""
    content.seek(0)
    output = io.BytesIO()
    with Image.open(content) as opened:
        image = opened.convert("RGBA" if _has_alpha(opened) else "RGB")
        image.thumbnail((AVATAR, AVATAR))
        image.save(output, format=_FORMATS[mime_type], quality=90)
    output.seek(0)
    return output, image.width, image.height


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ImageTooLarge


def _pixels_only(opened: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    transparency = image.info.get("transparency")
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        image = _to_srgb(image, profile)
    image.info = {} if transparency is None or image.mode == "CMYK" else {"transparency": transparency}
    return image


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    mode = "RGB" if image.mode == "CMYK" else image.mode
    # A profile that cannot be used is dropped: slightly different colours are better than no image.
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
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

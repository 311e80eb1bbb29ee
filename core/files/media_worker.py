"""Runs alone, as a child of :mod:`core.files.media`: looks at a film or a recording and writes it anew.

``media_worker.py <directory> <input format> <output format>``: reads ``in``, writes ``out`` and perhaps ``thumb``
there, JSON on standard output. Imports no Django: it has no settings and no secrets.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 40
ROOM_BYTES = 16 * 1024**2
"""What the written file may take beyond the one that was read."""
MAX_SIDE = 8192
"""Pixels, as is the longer side of a small picture below."""
MAX_SECONDS = 24 * 3600
THUMBNAIL = 480

VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"})
AUDIO_CODECS = frozenset(
    {"aac", "mp3", "opus", "vorbis", "flac", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_u8", "pcm_f32le"}
)


# The index at the front, so that playing begins before all has come; no tags of any kind.
_OPTIONS = {"mp4": {"movflags": "faststart"}, "mp3": {"id3v2_version": "0", "write_xing": "1"}}


class Refused(Exception):
    """Its text is the reason: ``broken``, ``codec``, ``large``."""


def limit_resources(size: int) -> None:
    """Bound memory, processor time and what may be written, and step behind those who serve."""
    import os
    import resource

    with suppress(OSError):
        os.nice(10)
    limits = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, size + size // 4 + ROOM_BYTES),
    )
    for kind, value in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def read(directory: Path, source: str, target: str) -> dict[str, Any]:
    """``{"width", "height", "duration", "video"}`` or ``{"error": "broken" | "codec" | "large"}``."""
    try:
        # The format is told, not guessed: a playlist would make the library open other files and addresses.
        with (directory / "in").open("rb") as content, av.open(content, format=source) as container:
            streams = _streams(container)
            found = _measured(streams)
            found["duration"] = _rewrite(container, streams, directory / "out", target)
        with (directory / "in").open("rb") as content, av.open(content, format=source) as container:
            found |= _look(container, directory / "thumb")
    except Refused as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "large"}
    except (FFmpegError, ValueError, KeyError, IndexError, TypeError, OSError, ArithmeticError, AttributeError):
        return {"error": "broken"}
    return found


def _streams(container: Any) -> list[Any]:
    """The first picture stream and the first sound stream; subtitles, places, covers and chapters stay behind."""
    films = [stream for stream in container.streams.video if not _is_cover(stream)][:1]
    sounds = list(container.streams.audio)[:1]
    for stream, known in [(film, VIDEO_CODECS) for film in films] + [(sound, AUDIO_CODECS) for sound in sounds]:
        if stream.codec_context is None or stream.codec_context.name.removesuffix("float") not in known:
            raise Refused("codec")
    if not films and not sounds:
        raise Refused("broken")
    return films + sounds


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _measured(streams: list[Any]) -> dict[str, Any]:
    film = streams[0] if streams[0].type == "video" else None
    if film is None:
        return {"video": False, "width": None, "height": None}
    width, height = film.codec_context.width, film.codec_context.height
    if not width or not height:
        raise Refused("broken")
    if max(width, height) > MAX_SIDE:
        raise Refused("large")
    return {"video": True, "width": width, "height": height}


def _rewrite(container: Any, streams: list[Any], path: Path, target: str) -> float:
    """Copy the packets into a new container without any metadata; the seconds that were copied."""
    options = {"fflags": "+bitexact"} | _OPTIONS.get(target, {})
    last = 0.0
    with av.open(str(path), "w", format=target, options=options) as output:
        copies = {stream.index: output.add_stream_from_template(stream) for stream in streams}
        for copy in copies.values():
            copy.metadata.clear()
        output.metadata.clear()
        first: float | None = None
        for packet in container.demux(*streams):
            if packet.dts is None:
                continue
            start = float(packet.dts * packet.time_base)
            first = start if first is None else min(first, start)
            last = max(last, start + float((packet.duration or 0) * packet.time_base) - first)
            if last > MAX_SECONDS:
                raise Refused("large")
            packet.stream = copies[packet.stream.index]
            output.mux(packet)
    if first is None:
        raise Refused("broken")
    return round(last, 3)


def _look(container: Any, path: Path) -> dict[str, Any]:
    """Decode the beginning, as proof that it can be shown; of a film keep one picture."""
    stream = _streams(container)[0]
    stream.codec_context.thread_count = 1
    wanted = 1.0 if stream.type == "video" else 0.0
    frame = None
    for frame in container.decode(stream):
        if frame.time is None or frame.time >= wanted:
            break
    if frame is None:
        raise Refused("broken")
    if stream.type != "video":
        return {}
    picture = frame.to_image()
    turned = frame.rotation % 360
    if turned:
        picture = picture.rotate(turned, expand=True)
    width, height = picture.size
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    picture.save(path, format="WEBP", quality=80)
    return {"width": width, "height": height}


def main() -> None:
    """The whole life of the child."""
    directory = Path(sys.argv[1])
    limit_resources((directory / "in").stat().st_size)
    logging.disable(logging.CRITICAL)
    av.logging.set_level(None)
    sys.stdout.write(json.dumps(read(directory, sys.argv[2], sys.argv[3])))


if __name__ == "__main__":
    main()

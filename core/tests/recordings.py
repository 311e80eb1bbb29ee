"""Films and recordings for the tests of the upload door, made when asked for."""

from __future__ import annotations

import io
import wave
from fractions import Fraction
from typing import Any

import av
import numpy as np

CANARY = "CANARY-PLACE"


def film(fmt: str = "mp4", codec: str = "", *, seconds: float = 2, size: tuple[int, int] = (64, 48)) -> bytes:
    """A film with sound that says where it was made."""
    output = io.BytesIO()
    tags = {"location": CANARY, "title": CANARY, "comment": CANARY, "artist": CANARY}
    options = {"movflags": "use_metadata_tags"} if fmt in {"mp4", "mov"} else {}
    with av.open(output, "w", format=fmt, options=options) as container:
        container.metadata.update(tags)
        pictures: Any = container.add_stream(codec or ("libvpx" if fmt == "webm" else "mpeg4"), rate=10)
        pictures.width, pictures.height = size
        pictures.pix_fmt = "yuv420p"
        pictures.metadata["title"] = CANARY
        sounds = container.add_stream("libopus" if fmt == "webm" else "aac", rate=48000)
        for number in range(int(seconds * 10)):
            pixels = np.full((size[1], size[0], 3), number * 10 % 255, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts = number
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        for packet in _tone(sounds, seconds):
            container.mux(packet)
    return output.getvalue()


def recording(fmt: str = "mp3", codec: str = "", *, seconds: float = 2) -> bytes:
    """A recording that says where it was made."""
    codecs = {
        "mp3": "libmp3lame",
        "ogg": "libopus",
        "adts": "aac",
        "ipod": "aac",
        "webm": "libopus",
        "wav": "pcm_s16le",
    }
    output = io.BytesIO()
    with av.open(output, "w", format=fmt) as container:
        container.metadata.update({"title": CANARY, "comment": CANARY})
        sounds = container.add_stream(codec or codecs[fmt], rate=48000)
        for packet in _tone(sounds, seconds):
            container.mux(packet)
    return output.getvalue()


def wav(seconds: float = 1) -> bytes:
    output = io.BytesIO()
    with wave.open(output, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(seconds * 16000)))
    return output.getvalue()


def tags(data: bytes) -> str:
    """Everything a recording says of itself."""
    with av.open(io.BytesIO(data)) as container:
        return str([container.metadata, *[stream.metadata for stream in container.streams]])


def _tone(stream: Any, seconds: float) -> list[Any]:
    packets: list[Any] = []
    size = stream.codec_context.frame_size or 1024
    layout, form = stream.codec_context.layout.name, stream.codec_context.format.name
    resampler = av.AudioResampler(form, layout, 48000, frame_size=size)
    samples = (np.sin(np.arange(int(48000 * seconds)) / 20) * 9000).astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        packets += stream.encode(piece)
    return packets + list(stream.encode(None))

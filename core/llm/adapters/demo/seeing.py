"""What the demo model sees in a picture: its size and its main colours, which need no model."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from core.llm.base import Image

_SIDE = 48
"""Of the small copy whose pixels are counted."""
_MOST_PIXELS = 50_000_000
"""Of a larger picture only the size is told; as many as may be uploaded."""
_LEAST_SHARE = 0.1
_MOST_COLOURS = 3
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_COLOURS: dict[tuple[int, int, int], dict[str, str]] = {
    (0, 0, 0): {"en": "black", "uk": "чорний"},
    (128, 128, 128): {"en": "grey", "uk": "сірий"},
    (255, 255, 255): {"en": "white", "uk": "білий"},
    (215, 30, 40): {"en": "red", "uk": "червоний"},
    (245, 140, 30): {"en": "orange", "uk": "помаранчевий"},
    (250, 225, 50): {"en": "yellow", "uk": "жовтий"},
    (60, 170, 70): {"en": "green", "uk": "зелений"},
    (20, 90, 45): {"en": "dark green", "uk": "темно-зелений"},
    (70, 195, 205): {"en": "turquoise", "uk": "бірюзовий"},
    (45, 95, 215): {"en": "blue", "uk": "синій"},
    (20, 30, 100): {"en": "dark blue", "uk": "темно-синій"},
    (150, 200, 245): {"en": "light blue", "uk": "блакитний"},
    (130, 60, 170): {"en": "violet", "uk": "фіолетовий"},
    (245, 150, 190): {"en": "pink", "uk": "рожевий"},
    (115, 70, 40): {"en": "brown", "uk": "коричневий"},
    (225, 200, 165): {"en": "beige", "uk": "бежевий"},
}
_SENTENCES = {
    "seen": {
        "en": "Your picture is {width} × {height} pixels large, mostly {colours}. "
        "What it shows only a real model can say.",
        "uk": "Розмір вашого зображення — {width} × {height} пікселів, основні кольори: {colours}. "
        "Що на ньому, скаже лише справжня модель.",
    },
    "size": {
        "en": "Your picture is {width} × {height} pixels large. What it shows only a real model can say.",
        "uk": "Розмір вашого зображення — {width} × {height} пікселів. Що на ньому, скаже лише справжня модель.",
    },
    "unseen": {
        "en": "There is a picture with your question that I cannot open.",
        "uk": "До запитання додано зображення, яке я не можу відкрити.",
    },
}


def sentences(images: Iterable[Image], language: Literal["en", "uk"]) -> list[str]:
    """One for each picture."""
    return [_sentence(image, language) for image in images]


def _sentence(image: Image, language: str) -> str:
    from PIL import Image as Pillow

    try:
        with Pillow.open(io.BytesIO(image.data), formats=_FORMATS) as picture:
            width, height = picture.size
            picture.draft("RGB", (_SIDE, _SIDE))  # of a JPEG no more is decoded than is looked at
            if picture.width * picture.height > _MOST_PIXELS:
                return _SENTENCES["size"][language].format(width=width, height=height)
            small = picture.convert("RGBA").resize((_SIDE, _SIDE), Pillow.Resampling.BOX)
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError):
        return _SENTENCES["unseen"][language]
    paper = Pillow.new("RGBA", small.size, "white")
    pixels = Pillow.alpha_composite(paper, small).convert("RGB").tobytes()
    colours = ", ".join(_COLOURS[colour][language] for colour in _main(pixels))
    return _SENTENCES["seen"][language].format(width=width, height=height, colours=colours)


def _main(pixels: bytes) -> list[tuple[int, int, int]]:
    """The names' colours that most pixels are nearest to, the commonest first."""
    counted = Counter(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
    named: Counter[tuple[int, int, int]] = Counter()
    for pixel, times in counted.items():
        named[min(_COLOURS, key=lambda colour: _distance(colour, pixel))] += times
    total = sum(named.values())
    common = [colour for colour, times in named.most_common(_MOST_COLOURS) if times >= total * _LEAST_SHARE]
    return common or [named.most_common(1)[0][0]]


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    """As far as eyes tell apart, roughly: they are best at green (https://en.wikipedia.org/wiki/Color_difference)."""
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return 2 * red * red + 4 * green * green + 3 * blue * blue

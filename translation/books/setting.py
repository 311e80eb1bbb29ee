"""Translations set into the boxes their sources stood in, by typst, smaller where they must be.

All blocks of one size on a page shrink alike, so that a page does not look like a ransom note; one that would make all
others tiny shrinks alone. Text goes in as strings, never as markup, and cleaned; there is no folder to read from.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import typst

from translation import markers
from translation.books.blocks import Block
from translation.books.blocks import clean
from translation.books.glyphs import Look

FONT_FOLDERS = ("/usr/share/fonts",)
"""Beside the fonts that come with typst (Libertinus Serif, DejaVu Sans Mono)."""
FAMILIES = {
    "serif": ("Libertinus Serif", "Liberation Serif", "DejaVu Serif"),
    "sans": ("Liberation Sans", "DejaVu Sans", "Libertinus Serif"),
    "mono": ("DejaVu Sans Mono", "Liberation Mono"),
}
_OWN = ("Libertinus", "Liberation", "DejaVu", "New Computer Modern")
_FAR = re.compile("[\u0530-\u05ff\u0600-\u1fff\u2e80-\ud7af\U00020000-\U0003ffff]")
_COVERED = re.compile("[\u0590-\u06ff\u10a0-\u10ff\u0530-\u058f\u1d00-\u1fff]")
"""Hebrew, Arabic, Georgian, Armenian, and more of Latin and Greek: in DejaVu."""
_LANGUAGE = re.compile("[a-z]{2,3}")

_HEAD = """
#set page(margin: 0pt, fill: none)
#set text(top-edge: 0.8em, bottom-edge: -0.25em, LANGUAGE)
#let cell(b, f) = block(width: b.w, {
  set text(size: b.s * f, font: b.font, weight: b.weight, style: b.style, fill: b.fill)
  set par(
    leading: (b.p - 1.05 * b.s) * f, spacing: 0pt, justify: b.justify,
    first-line-indent: (amount: b.first, all: true), hanging-indent: b.hang,
  )
  set align(b.align)
  b.body
})
#let fits(b, f) = {
  let line = text(size: b.s * f, font: b.font, weight: b.weight, style: b.style, b.body)
  measure(cell(b, f)).height <= b.h and (not b.one or measure(line).width <= b.w)
}
#let needed(b) = {
  let f = 1.0
  while f > 0.5 and not fits(b, f) { f = f * 0.97 }
  f
}
#let sheet(w, h, blocks) = page(width: w, height: h, context {
  let needs = blocks.map(needed)
  let classes = (:)
  for (b, f) in blocks.zip(needs) { classes.insert(b.c, classes.at(b.c, default: ()) + (f,)) }
  let shared = (:)
  for (c, all) in classes {
    let middle = all.sorted().at(calc.quo(all.len(), 2))
    shared.insert(c, calc.min(..all.filter(f => f >= middle * 0.8)))
  }
  for (b, f) in blocks.zip(needs) { place(top + left, dx: b.x, dy: b.y, cell(b, calc.min(f, shared.at(b.c)))) }
})
"""


Sheet = tuple[float, float, list[tuple[Block, str]]]
"""Width and height of a page in points, and its blocks, each with what is set in it."""


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[path for path in FONT_FOLDERS if Path(path).is_dir()])


def lacks_letters(text: str) -> bool:
    """Whether there is no font here for the script of a text: Chinese, Thai, Hindi and their neighbours."""
    far = _COVERED.sub("", "".join(_FAR.findall(text)))
    return bool(far) and not any(not font.family.startswith(_OWN) for font in _fonts().fonts())


def apart(pages: Sequence[Sheet], language: str) -> bytes | None:
    """``set_pages`` in a process of its own, whose memory ends with it: typst keeps what it has set. None: it failed.

    Also what typst ends itself with on a text it cannot set ends nothing else. Only for a process without threads that
    has set nothing itself: a copy of one would wait for ever.
    """
    with tempfile.TemporaryDirectory(prefix="typst-") as folder:
        made = Path(folder) / "set.pdf"
        child = os.fork()
        if not child:
            try:
                made.write_bytes(set_pages(pages, language))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        content = made.read_bytes() if made.exists() else b""
    return content if content.rstrip().endswith(b"%%EOF") else None


def set_pages(pages: Sequence[Sheet], language: str) -> bytes:
    """A PDF with a page for each sheet, clear where nothing is.

    Raises typst.TypstError; what typst ends with on a text it cannot set is no Exception, and goes through.
    """
    short = _LANGUAGE.match(language.lower())
    head = _HEAD.replace("LANGUAGE", f'lang: "{short.group()}"' if short else 'lang: "en"')
    body = "".join(
        f"#sheet({_points(width)}, {_points(height)}, ({''.join(_block(block, text) for block, text in blocks)}))\n"
        for width, height, blocks in pages
    )
    with tempfile.TemporaryDirectory(prefix="set-") as nothing:
        # Not tagged: what is laid over another page has no structure of its own.
        made: bytes = typst.compile((head + body).encode(), root=nothing, font_paths=_fonts(), pdf_tags=False)  # type: ignore[type-var]
        return made


def _block(block: Block, text: str) -> str:
    x, width, height = block.x, block.width + 1, block.height + block.room_below
    if block.lines == 1 and not block.tail:
        if block.align == "center":
            wider = min(block.room_right, max(x - 10, 0.0))
            x, width = x - wider, width + 2 * wider
        elif block.align == "right":
            x, width = x - block.room_left, width + block.room_left
        else:
            width += block.room_right
    fields = {
        "x": _points(x),
        "y": _points(block.y),
        "w": _points(width),
        "h": _points(height + 0.5),
        "s": _points(block.size),
        "p": _points(block.pitch),
        "c": f'"{round(block.size * 2)} {block.look.family}"',
        "one": "true" if block.lines == 1 else "false",
        "justify": "true" if block.align == "justify" else "false",
        "align": block.align if block.align in {"center", "right"} else "left",
        "first": _points(max(block.indent, 0.0)),
        "hang": _points(max(-block.indent, 0.0)),
        **_look(block.look),
        "body": "{" + _body(block, text) + "}",
    }
    return "(" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "),"


def _look(look: Look) -> dict[str, str]:
    families = ", ".join(f'"{name}"' for name in FAMILIES[look.family])
    return {
        "font": f"({families})",
        "weight": '"bold"' if look.is_bold else '"regular"',
        "style": '"italic"' if look.is_italic else '"normal"',
        "fill": look.colour,
    }


def _body(block: Block, text: str) -> str:
    made: list[str] = []
    stack: list[Look] = []
    for part in markers.split(text):
        match = markers.MARKER.fullmatch(part)
        if match is None:
            made.append(_run(part, stack[-1] if stack else None))
        elif match["open"]:
            stack.append(_of(block.stretches, int(match["open"]), block.look))
        elif match["close"] and stack:
            stack.pop()
    if block.tail:
        made.append(f"[ ]; box(width: 1fr, repeat[.#h(0.3em)]); text({_string(' ' + block.tail)})")
    return "; ".join(made)


def _of(stretches: Mapping[int, Look], number: int, otherwise: Look) -> Look:
    return stretches.get(number, otherwise)


def _run(text: str, look: Look | None) -> str:
    if look is None:
        return f"text({_string(text)})"
    fields = ", ".join(f"{name}: {value}" for name, value in _look(look).items())
    # Monospaced letters are larger to the eye than others of the same size.
    size = ", size: 0.88em" if look.family == "mono" else ""
    return f"text({fields}{size}, {_string(text)})"


def _string(text: str) -> str:
    cleaned = re.sub(r"\s+", " ", clean(text))
    return '"' + cleaned.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _points(value: float) -> str:
    return f"{value:.2f}pt"

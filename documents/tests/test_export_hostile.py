"""Text that would be code, turn lines round or end the printer: each document is set, and says what it said."""

from __future__ import annotations

import random
from pathlib import Path

import docx
import pytest
import regex  # type: ignore[import-untyped]

from documents import blocks
from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference
from documents.exports import typesetting
from documents.exports import word
from documents.exports.composing import compose
from documents.exports.manuscript import Layout
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import Section
from documents.plain import plain
from documents.tests import export_kit as kit

pytestmark = pytest.mark.any_stack

_RANGES = (
    (0, 127), (0x80, 0x24F), (0x300, 0x36F), (0x400, 0x52F), (0x590, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F),
    (0x2000, 0x206F), (0x4E00, 0x4EFF), (0xE000, 0xE0FF), (0xFE00, 0xFEFF), (0xFFF0, 0xFFFF),
    (0x1F600, 0x1F64F), (0xE0000, 0xE007F),
)  # fmt: skip
_FEW = 'abc #$\\"\n\r\t{}[]!%;:/*\u2028\u202e\u2066\u0301\u0308Їґ\ufeff'
"""So that bad neighbours meet: an override of direction, a combining accent, the end of a line."""


_TURNED = "אשְּابﺐﻐـًّۙ؇ؐ\u200c\u200d\u0301Aі1 ()😊\ufe0f\U000e004fक्\u200b\u2060\u00ad"
"""Lines from right to left with accents on nothing, joiners, and what is drawn as nothing."""


def _text(chance: random.Random, alphabet: str = "") -> str:
    if alphabet:
        return "".join(chance.choice(alphabet) for _ in range(80))
    return "".join(chr(chance.randint(*chance.choice(_RANGES))) for _ in range(80))


def _document(seed: int) -> Manuscript:
    """Fifty hostile strings in every place that has text."""
    chance = random.Random(seed)

    def text() -> str:
        return _text(chance, (_FEW, _TURNED, "")[seed % 3])

    content = [
        *({"kind": "paragraph", "s": [{"t": text(), "note": text()}, {"t": text()}]} for _ in range(8)),
        {"kind": "heading", "level": 3, "t": text()},
        {"kind": "list", "ordered": True, "items": [[{"t": text()}] for _ in range(4)]},
        {"kind": "table", "caption": text(), "header": [text(), text()], "rows": [[text(), text()] for _ in range(5)]},
        {"kind": "paragraph", "s": [{"t": text(), "c": [{"s": "S1", "n": 1}]}]},
    ]
    name = Name(text(), text())
    source = Reference("S1", Kind.BOOK, text(), (name,), publisher=text(), place=text(), url=text(), year=2000)
    sections = [Section(text(), blocks.read(content), number=text())]
    return compose(title=text(), author=text(), language="uk", sections=sections, references=[source], style="ieee")


@pytest.mark.parametrize("seed", range(24))
def test_no_text_ends_the_printer(seed: int, tmp_path: Path) -> None:
    document = _document(seed)
    made = typesetting.write(document, tmp_path / "made.pdf")
    assert made.pages >= 3
    assert made.is_tagged
    if seed < 6:
        word.write(document, tmp_path / "made.docx")
        assert kit.in_word(tmp_path / "made.docx").words == kit.wanted(document).words


@pytest.mark.parametrize("text", ["\u0640 \u06d9\u05d0", "\ufe90\u06d9\U000e004f"])
def test_the_printer_is_ended_by_such_text_as_it_comes(text: str) -> None:
    """What the cleaning is for, and that its end is caught: when this fails, typst has learnt it."""
    with pytest.raises(typesetting.Unset):
        typesetting._compiled(f'#box(width: 8mm, text(font: "Libertinus Serif", "{text}"))', Layout())


@pytest.mark.parametrize(
    "code",
    [
        '#read("/etc/passwd")',
        '")#read("/etc/passwd")',
        '\\")#read(\\"/etc/passwd\\")',
        "#import \"@preview/cetz:0.3.0\": *",
        "$ integral $ *bold* _italic_ = Heading `raw` <label> @reference // comment /* more",
        "#while true {}",
        "{eval(\"1\")}",
        "</w:t></w:r><w:r><w:t>",
        "&lt;&#x0;&amp;",
    ],
)  # fmt: skip
def test_what_looks_like_code_is_text(code: str, tmp_path: Path) -> None:
    table = {"kind": "table", "caption": code, "header": [code], "rows": [[code]]}
    section = kit.section(code, kit.paragraph({"t": code, "note": code}), table)
    document = compose(title=code, author=code, language="en", sections=[section])
    typesetting.write(document, tmp_path / "made.pdf")
    word.write(document, tmp_path / "made.docx")
    # Heading, text and note, caption and two cells.
    said = "".join(code.split())
    assert kit.in_pdf(tmp_path / "made.pdf").letters.count(said) == 6
    assert kit.in_word(tmp_path / "made.docx").letters.count(said) == 6
    assert code in [one.text for one in docx.Document(str(tmp_path / "made.docx")).paragraphs]


def test_plain_text_has_one_line_and_nothing_unseen() -> None:
    assert plain("a\u202eb\u0000c\ufeff\n d\ue000\ud800") == "ab c d"
    assert plain("и\u0306") == "й"
    assert plain("\u2066\u200f\n") == ""
    unset = r"[\p{Cc}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    assert not regex.search(unset, plain("".join(map(chr, range(0x11000)))))

"""The shape of a document's text: what is stored is read as it was, and what is no text of a document is refused."""

from __future__ import annotations

import pytest

from documents import blocks

pytestmark = pytest.mark.any_stack

_TEXT = [
    {"kind": "paragraph", "s": [{"t": "War follows migration.", "c": [{"s": "S3", "n": 1}]}, {"t": "So it goes."}]},
    {"kind": "heading", "level": 2, "t": "Міграція"},
    {"kind": "list", "ordered": True, "items": [[{"t": "First.", "note": "By the author."}], [{"t": "Second."}]]},
    {"kind": "table", "caption": "Figures", "header": ["Year", "People"], "rows": [["2020", "7"], ["2021", "9"]]},
]


def test_what_is_stored_is_read_as_it_was() -> None:
    assert blocks.stored(blocks.read(_TEXT)) == _TEXT


def test_sentences_come_in_the_order_of_reading() -> None:
    texts = [sentence.text for sentence in blocks.sentences(blocks.read(_TEXT))]
    assert texts == ["War follows migration.", "So it goes.", "First.", "Second."]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kind": "paragraph", "s": []}, "0.paragraph.s"),
        ({"kind": "paragraph", "s": [{"t": "A", "c": [{"s": "Smith 2020", "n": 1}]}]}, "0.paragraph.s.0.c.0.s"),
        ({"kind": "paragraph", "s": [{"t": "A", "html": "<b>"}]}, "0.paragraph.s.0.html"),
        ({"kind": "picture"}, "0"),
        ({"kind": "heading", "level": 1, "t": "Top"}, "0.heading.level"),
        ({"kind": "table", "header": ["a", "b"], "rows": [["1"]]}, "0.table"),
    ],
)
def test_what_has_another_shape_is_refused_by_its_place(wrong: object, where: str) -> None:
    with pytest.raises(blocks.NotBlocks) as refused:
        blocks.read([wrong])
    assert str(refused.value).startswith(f"{where}: ")

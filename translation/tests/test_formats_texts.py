"""Pages, texts, subtitles, catalogues and XLIFF in place."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
import srt
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from translation import formats
from translation.segments import Extracted
from translation.tests.formats_kit import capitals
from translation.tests.formats_kit import demo
from translation.tests.formats_kit import moved
from translation.tests.formats_kit import texts
from translation.tests.formats_kit import translated

pytestmark = pytest.mark.any_stack


def _run(
    folder: Path, kind: str, source: str | bytes, rule: Callable[[str], str] = moved, **options: object
) -> tuple[Extracted, str]:
    path = folder / f"a.{kind}"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    found = formats.extract(path, kind)
    return found, translated(path, kind, rule, **options).read_bytes().decode()


HTML = """<!DOCTYPE html>
<html lang="en"><head><meta charset="iso-8859-1"><title>A &amp; B</title><script>if (a<b) {"x"}</script></head>
<body class=x>
<p>My name <b>is</b>
   <a id="q" href="x?a&amp;b">Mi<i>cha</i>el</a> &lt;x&gt; <code>ls -l</code>.</p>
<ul><li><b>All bold</b><li>two <img src=x> H<sub>2</sub>O</ul>
<pre>code here</pre><p translate="no">Kept</p></body></html>
"""


def test_a_page_has_other_words_and_nothing_else(tmp_path: Path) -> None:
    found, page = _run(tmp_path, "html", HTML, note="A sample")
    assert [(one.kind, one.text) for one in found.segments] == [
        ("title", "A & B"),
        ("paragraph", "My name ⟦1⟧is⟦/1⟧ ⟦2⟧⟦x3/⟧⟦/2⟧ <x> ⟦x4/⟧."),
        ("item", "All bold"),
        ("item", "two"),
    ]
    assert found.warnings == ("preformatted_kept",)
    assert (
        page
        == """<!DOCTYPE html>
<html lang="uk"><head><meta charset="utf-8"><title>B &amp; A</title><script>if (a<b) {"x"}</script></head>
<body class=x><p><em>A sample</em></p>
<p>.<code>ls -l</code> &lt;X&gt; <a id="q" href="x?a&amp;b">Mi<i>cha</i>el</a> <b>IS</b> NAME MY</p>
<ul><li><b>BOLD ALL</b><li>TWO <img src=x> H<sub>2</sub>O</ul>
<pre>code here</pre><p translate="no">Kept</p></body></html>
"""
    )


def test_a_page_in_both_languages_names_nothing_twice(tmp_path: Path) -> None:
    _, page = _run(tmp_path, "html", '<title>T</title><p>One <b id="x">two</b></p>', demo, both=True, language="he")
    assert page == (
        '<title>T / ⟪uk⟫ T</title><p>One <b id="x">two</b><br/><span lang="he">⟪uk⟫ One <b>two</b></span></p>'
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_a_page_in_any_encoding_is_written_as_utf_8(tmp_path: Path, encoding: str) -> None:
    source = '<html dir="ltr"><meta charset="windows-1251"><p>Привіт, світе'
    _, page = _run(tmp_path, "html", source.encode(encoding), demo)
    assert page.removeprefix("\ufeff") == ('<html lang="uk" dir="ltr"><meta charset="utf-8"><p>⟪uk⟫ Привіт, світе')


_SCRAPS = [
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<br>",
    "<p>",
    "</p>",
    "<a",
    "id=x>",
    "</a>",
    "a",
    "b1",
    "&amp;",
    "2",
    "⟦",
    "⟧",
    "<",
    "<li>",
    "<pre>",
    "</pre>",
    "x_y",
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*_SCRAPS, " ", "\n"])))
def test_whatever_the_tags_are_the_page_stays(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    """Unclosed, crossed and stray ones: with the same words it is what it was, with others no letter is lost."""
    path = tmp_path_factory.mktemp("page") / "a.html"
    path.write_text("".join(parts))
    assert translated(path, "html", str).read_text() == path.read_text()
    assert _letters(translated(path, "html", moved)) == _letters(path)


def _letters(path: Path) -> list[str]:
    return sorted(html.unescape(path.read_text()).lower().replace(" ", "").replace("\n", ""))


MARKDOWN = """---
title: x
---
# A *heading* here

Some **bold** and `code` and [a link](http://x.y/z_a "t") plus
a second line\\
hard, see https://a.b/c_d_e. &amp; 2 * 3

> quote one
> quote two

- item one
  more of it
- ![pic](a.png) H<sub>2</sub>O text

| A | B |
|---|---|
| one | two |

```
code
```

<div><p>Inside <b>html</b></p></div>
"""


def test_markdown_stays_markdown(tmp_path: Path) -> None:
    found, page = _run(tmp_path, "md", MARKDOWN, demo, note="A sample")
    assert texts(found) == [
        "A ⟦1⟧heading⟦/1⟧ here",
        "Some ⟦1⟧bold⟦/1⟧ and ⟦x2/⟧ and ⟦3⟧a link⟦/3⟧ plus a second line⟦x4/⟧hard, see ⟦x5/⟧. & 2 * 3",
        "quote one quote two",
        "item one more of it",
        "text",
        "A",
        "B",
        "one",
        "two",
        "Inside ⟦1⟧html⟦/1⟧",
    ]
    assert page.startswith("---\ntitle: x\n---\n> A sample\n\n# ⟪uk⟫ A *heading* here\n")
    assert "⟪uk⟫ Some **bold** and `code` and [a link](http://x.y/z_a" in page
    assert "\\\nhard, see https://a.b/c_d_e. & 2 \\* 3" in page
    assert "- ![pic](a.png) H<sub>2</sub>O ⟪uk⟫ text\n" in page
    assert "| ⟪uk⟫ one | ⟪uk⟫ two |" in page
    assert "<div><p>⟪uk⟫ Inside <b>html</b></p></div>" in page
    assert _shape(page.replace("> A sample\n\n", "", 1)) == _shape(MARKDOWN)


def _shape(page: str) -> list[str]:
    blocks = MarkdownIt("commonmark").enable("table").parse(page.split("---\n", 2)[2])
    inner = [
        child.type for block in blocks for child in block.children or [] if child.type not in {"text", "softbreak"}
    ]
    return [block.type for block in blocks] + inner


def test_a_translation_makes_no_list_of_a_paragraph(tmp_path: Path) -> None:
    _, page = _run(tmp_path, "md", "Five of them\n\nand\n", lambda _: "5. *of*\n# them")
    assert page == "5\\. \\*of\\* # them\n\n5\\. \\*of\\* # them\n"


def test_markdown_in_both_languages(tmp_path: Path) -> None:
    _, page = _run(tmp_path, "md", "# One\n\n> two\n\n- three\n", demo, both=True)
    assert page == "# One / ⟪uk⟫ One\n\n> two\\\n> ⟪uk⟫ two\n\n- three\\\n  ⟪uk⟫ three\n"


def test_a_text_keeps_its_line_ends_and_its_own_brackets(tmp_path: Path) -> None:
    found, text = _run(tmp_path, "txt", "Hello\r\nthere ⟦1⟧\r\n\r\n\r\n  - item\r\n42\r\n", demo, note="A sample")
    assert texts(found) == ["Hello\r\nthere ⟦x1/⟧1⟦x2/⟧", "- item\r\n42"]
    assert text == "A sample\r\n\r\n⟪uk⟫ Hello\r\nthere ⟦1⟧\r\n\r\n\r\n  ⟪uk⟫ - item\r\n42\r\n"


def test_a_text_in_both_languages_in_an_old_encoding(tmp_path: Path) -> None:
    _, text = _run(tmp_path, "txt", "Привіт, як справи?\n\nДобре, дякую.\n".encode("cp1251"), demo, both=True)
    assert text == "Привіт, як справи?\n⟪uk⟫ Привіт, як справи?\n\nДобре, дякую.\n⟪uk⟫ Добре, дякую.\n"


SUBTITLES = (
    "\ufeff0\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Good morning</i>,\r\ndoctor.\r\n\r\n"
    "5\r\n00:00:03,000 --> 00:00:04,000\r\n\r\n\r\n"
    "6\r\n00:00:05,000 --> 00:00:06,500\r\n- {\\an8}The train is late.\r\n"
    "- Yes, for more than two hours, as it is every day.\r\n"
)


def test_cues_are_told_apart_by_place_not_by_number(tmp_path: Path) -> None:
    """github.com/machinewrapped/llm-subtrans/issues/6: numbered from 0, with a gap; an empty cue, a mark, CRLF."""
    found, text = _run(tmp_path, "srt", SUBTITLES, capitals)
    assert texts(found) == [
        "⟦1⟧Good morning⟦/1⟧, doctor.",
        "- ⟦x1/⟧The train is late.\n- Yes, for more than two hours, as it is every day.",
    ]
    before, after = (list(srt.parse(one.lstrip("\ufeff").replace("\r\n", "\n"))) for one in (SUBTITLES, text))
    assert [(one.index, one.start, one.end) for one in after] == [(one.index, one.start, one.end) for one in before]
    assert [one.content for one in after] == [
        "<i>GOOD MORNING</i>, DOCTOR.",
        "",
        "- {\\an8}THE TRAIN IS LATE.\n- YES, FOR MORE THAN TWO\nHOURS, AS IT IS EVERY DAY.",
    ]
    assert text.startswith("\ufeff0\r\n")


def test_a_cue_that_is_not_there_moves_no_other(tmp_path: Path) -> None:
    """A model that merges two cues gives one of them back: the other stays as it was, and all later ones in place."""
    path = tmp_path / "a.srt"
    path.write_text("\n\n".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},500\nwords {n}" for n in (3, 5, 9)))
    to = tmp_path / "b.srt"
    formats.merge(path, "srt", {1: "один", 3: "дев'ять\n\nрядків"}, to, language="uk")
    assert [(one.index, one.content) for one in srt.parse(to.read_text())] == [
        (3, "один"),
        (5, "words 5"),
        (9, "дев'ять рядків"),
    ]


@settings(max_examples=50)
@given(st.lists(st.text("аб", min_size=1, max_size=20), min_size=1, max_size=12))
def test_lines_of_a_cue_are_short_and_two_where_two_are_enough(words: list[str]) -> None:
    from translation.formats.subtitles import LINE
    from translation.formats.subtitles import _wrapped

    lines = _wrapped(" ".join(words)).split("\n")
    assert " ".join(lines) == " ".join(words)
    assert max(map(len, lines)) <= LINE
    assert len(lines) <= 2 or len(" ".join(words)) > 2 * LINE - 20


CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : 1);\\n"

#, python-format
msgid "Hello %(name)s, 100%% sure of {it}"
msgstr ""

#, fuzzy, c-format
msgid "%d file\\n"
msgid_plural "%d files\\n"
msgstr[0] "x"
msgstr[1] ""
msgstr[2] ""

msgid "Done"
msgstr "Fertig"

#~ msgid "Old"
#~ msgstr "Alt"
"""


def test_a_catalogue_gets_what_it_lacks(tmp_path: Path) -> None:
    found, _ = _run(tmp_path, "po", CATALOGUE, demo, note="A sample")
    assert texts(found) == ["Hello ⟦x1/⟧, 100⟦x2/⟧ sure of", "file", "files"]
    assert found.protected == len("%(name)s%% {it}") + len("%d \n%d \n") + len("Done")

    back = polib.pofile(str(tmp_path / "translated.po"))
    assert [one.msgstr or one.msgstr_plural for one in back] == [
        "⟪uk⟫ Hello %(name)s, 100%% sure of {it}",
        {0: "%d ⟪uk⟫ file\n", 1: "%d ⟪uk⟫ files\n", 2: "%d ⟪uk⟫ files\n"},
        "Fertig",
        "Alt",
    ]
    assert (back.metadata["Language"], back.header, back[1].fuzzy) == ("uk", "A sample", False)


XLIFF_12 = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="a" source-language="en" {}><body>
<trans-unit id="1"><source>Hello <g id="1">big</g> <x id="2"/>world &amp; <ph id="3">code</ph> all</source>{}
</trans-unit>
<trans-unit id="2"><source>Done</source><target>Fertig</target><alt-trans><source>no</source></alt-trans></trans-unit>
<trans-unit id="3" translate="no"><source>Not me</source></trans-unit>
<trans-unit id="4"><source>Me too</source>{}</trans-unit>
</body></file></xliff>"""
XLIFF_20 = """<xliff version="2.0" srcLang="en"{} xmlns="urn:oasis:names:tc:xliff:document:2.0">
<file id="f"><unit id="1">
<segment state="{}"><source>Hello <pc id="1">big</pc> <ph id="2"/>world</source>{}</segment>
<ignorable><source> </source></ignorable></unit></file></xliff>"""


def test_xliff_gets_targets_and_keeps_what_people_wrote(tmp_path: Path) -> None:
    found, text = _run(tmp_path, "xliff", XLIFF_12.format('target-language="de"', "", '<target state="new"/>'), demo)
    assert texts(found) == ["Hello ⟦1⟧big⟦/1⟧ ⟦x2/⟧world & ⟦x3/⟧ all", "Me too"]
    state = '<target state="needs-review-translation">'
    one = f'{state}⟪uk⟫ Hello <g id="1">big</g> <x id="2"/>world &amp; <ph id="3">code</ph> all</target>'
    expected = XLIFF_12.format("", one, f"{state}⟪uk⟫ Me too</target>")
    assert text == expected.replace('source-language="en" >', 'source-language="en" target-language="uk">')

    found, text = _run(tmp_path, "xliff", XLIFF_20.format("", "initial", ""), demo)
    assert texts(found) == ["Hello ⟦1⟧big⟦/1⟧ ⟦x2/⟧world"]
    assert '<segment state="translated">' in text
    assert '<target>⟪uk⟫ Hello <pc id="1">big</pc> <ph id="2"/>world</target></segment>' in text
    assert 'trgLang="uk">' in text


@pytest.mark.parametrize(
    ("kind", "source", "reason"),
    [
        ("srt", "no times here", "broken"),
        ("po", "no messages here", "broken"),
        ("xliff", "<xliff version='1.2'><file>", "broken"),
        ("xliff", "<html/>", "type"),
        ("xliff", '<!DOCTYPE x [<!ENTITY a "b">]><xliff version="1.2">&a;</xliff>', "entities"),
        ("txt", b"\x00\x01\x02\x03binary", "broken"),
        ("docx", "no archive", "broken"),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused(tmp_path: Path, kind: str, source: str | bytes, reason: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    with pytest.raises(formats.Unreadable) as refused:
        formats.extract(path, kind)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("brackets.md", "a " + "[" * 20_000),
        ("word.md", "a" * 30_000 + " *b*"),
        ("word.html", "<p>" + "a" * 30_000 + " <b>b</b> c"),
        ("space.html", "<p>a" + " " * 50_000 + "<b>b</b> c"),
        ("nested.html", "<p>" + "<b>a " * 10_000 + "</b>" * 10_000),
    ],
)
def test_a_hostile_page_takes_as_long_as_another(tmp_path: Path, name: str, content: str) -> None:
    """Each of these took minutes where a step looks at all that is left; the bound is of the processor."""
    path, kind = tmp_path / name, name.partition(".")[2]
    path.write_text(content)
    began = time.process_time()
    (segment,) = formats.extract(path, kind).segments
    broken = segment.text.replace("a ", "⟦ ")
    formats.merge(path, kind, {1: broken}, tmp_path / "out", language="uk")
    assert time.process_time() - began < 6

"""Books in place. ``make translation-corpus`` has epubcheck look at real ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from translation import formats
from translation.tests.formats_kit import demo
from translation.tests.formats_kit import texts
from translation.tests.formats_kit import translated

pytestmark = pytest.mark.any_stack

_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x</dc:identifier>
<dc:title>The Book</dc:title><dc:language>en</dc:language></metadata>
<manifest><item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20of.xhtml" media-type="application/xhtml+xml"/>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>
<spine toc="ncx"><itemref idref="one"/><itemref idref="two"/></spine></package>"""
_HEAD = '<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en"><head><title>{0}</title></head><body>'
_ONE = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN"'
    ' "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">\n'
    + _HEAD.format("One")
    + '<h1 id="h">One</h1><p>First&nbsp;<em>words</em><br/>&amp; more.<img src="a.png" alt=""/></p>'
    "<ul><li>In a list</li><li><p>And this</p></li></ul><script/><p><![CDATA[raw < text]]></p></body></html>"
)
_TWO = _HEAD.format("Two") + "<p>Not <b>well-formed<p>at all</body></html>"
_NAV = _HEAD.format("Nav") + '<nav><ol><li><a href="text/one%20of.xhtml#h">One</a></li></ol></nav></body></html>'
_NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><docTitle><text>The Book</text></docTitle>
<navMap><navPoint id="p"><navLabel><text>One</text></navLabel><content src="text/one%20of.xhtml"/></navPoint></navMap>
</ncx>"""
_PARTS = {
    "META-INF/container.xml": _CONTAINER,
    "EPUB/book.opf": _PACKAGE,
    "EPUB/text/one of.xhtml": _ONE,
    "EPUB/text/two.xhtml": _TWO,
    "EPUB/nav.xhtml": _NAV,
    "EPUB/toc.ncx": _NCX,
    "EPUB/style.css": "p { content: 'not words' }",
    "mimetype": "application/epub+zip",  # must be the first, and is not
}


def _book(folder: Path, **changed: str) -> Path:
    path = folder / "a.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (_PARTS | changed).items():
            archive.writestr(name, content)
    return path


def _parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_book_is_read_in_its_order_with_lists_and_contents(tmp_path: Path) -> None:
    """github.com/yihong0618/bilingual_book_maker/issues/440: lists were skipped."""
    found = formats.extract(_book(tmp_path), "epub")
    assert [(one.kind, one.text) for one in found.segments] == [
        ("title", "The Book"),
        ("title", "One"),
        ("heading", "One"),
        ("paragraph", "First\xa0⟦1⟧words⟦/1⟧⟦x2/⟧& more."),
        ("item", "In a list"),
        ("paragraph", "And this"),
        ("title", "Two"),
        ("paragraph", "Not ⟦x1/⟧well-formed"),
        ("paragraph", "at all"),
        ("title", "Nav"),
        ("item", "One"),
        ("item", "The Book"),
        ("item", "One"),
    ]
    assert found.warnings == ("chapter_not_well_formed",)


def test_a_book_has_other_words_and_nothing_else(tmp_path: Path) -> None:
    path = _book(tmp_path)
    to = translated(path, "epub", demo, note="A sample")
    parts = _parts(to)
    words = ">⟪uk⟫ {}<"
    one = _ONE.replace(">One<", words.format("One")).replace("First&nbsp;", "⟪uk⟫ First\xa0").replace('"en"', '"uk"')
    one = one.replace(">In a list<", words.format("In a list")).replace(">And this<", words.format("And this"))
    assert parts["EPUB/text/one of.xhtml"] == one.replace("<body>", "<body><p><em>A sample</em></p>")
    assert parts["EPUB/book.opf"] == _PACKAGE.replace("The Book", "⟪uk⟫ The Book").replace(">en<", ">uk<")
    assert '<a href="text/one%20of.xhtml#h">⟪uk⟫ One</a>' in parts["EPUB/nav.xhtml"]
    assert parts["EPUB/toc.ncx"].count("<text>⟪uk⟫ ") == 2
    assert parts["EPUB/style.css"] == _PARTS["EPUB/style.css"]
    with zipfile.ZipFile(to) as archive:
        first = archive.infolist()[0]
    # OCF 3.3, 4.3: first, unpacked, and with nothing before its content but its name.
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
    assert to.read_bytes()[30:58] == b"mimetypeapplication/epub+zip"


def test_a_book_in_both_languages_is_well_formed(tmp_path: Path) -> None:
    path = _book(tmp_path)
    parts = _parts(translated(path, "epub", demo, both=True))
    tree = etree.fromstring(parts["EPUB/nav.xhtml"])
    assert "".join(tree.itertext()) == "Nav / ⟪uk⟫ NavOne⟪uk⟫ One"
    assert '<li>In a list<br/><span lang="uk">⟪uk⟫ In a list</span></li>' in parts["EPUB/text/one of.xhtml"]
    assert len(texts(formats.extract(path, "epub"))) == 13


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("META-INF/container.xml", "<container/>", "broken"),
        ("EPUB/book.opf", "<package>", "broken"),
        ("EPUB/book.opf", '<!DOCTYPE p [<!ENTITY a "b">]><package>&a;</package>', "entities"),
        ("EPUB/text/one of.xhtml", '<!DOCTYPE html [<!ENTITY a "b">]><html>&a;</html>', "entities"),
        (
            "META-INF/encryption.xml",
            '<encryption><CipherReference URI="EPUB/text/two.xhtml"/></encryption>',
            "encrypted",
        ),
        ("mimetype", "application/zip", "type"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, content: str, reason: str) -> None:
    with pytest.raises(formats.Unreadable) as refused:
        formats.extract(_book(tmp_path, **{name: content}), "epub")
    assert refused.value.reason == reason

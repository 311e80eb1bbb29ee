"""The child that reads files: what it says, what it refuses, and what it cannot reach."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from core.errors import DomainError
from core.files import errors as file_errors
from core.files.children import Children
from translation import errors
from translation import reading

pytestmark = pytest.mark.any_stack

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SLIDE = (
    '<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p><a:r><a:t>Words</a:t></a:r></a:p></p:sld>'
)


def _letter(path: Path, body: str | bytes | None = None, **parts: str | bytes) -> Path:
    document = docx.Document()
    document.add_paragraph("Hello ").add_run("there").bold = True
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, body if body is not None and name == "word/document.xml" else old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def test_a_file_is_read_and_written_by_the_child(tmp_path: Path) -> None:
    path = _letter(tmp_path / "a.docx")
    found = reading.extract(path, "docx")
    assert [(one.number, one.place, one.kind, one.text) for one in found.segments] == [
        (1, "word/document.xml#p1", "paragraph", "Hello ⟦1⟧there⟦/1⟧")
    ]
    assert (found.characters, found.protected, found.warnings) == (11, 0, ())

    to = tmp_path / "b.docx"
    assert reading.merge(path, "docx", {1: "⟦1⟧Агов⟦/1⟧, світе"}, to, language="uk", note="A sample") == ()
    assert [one.text for one in docx.Document(str(to)).paragraphs] == ["A sample", "Агов, світе"]


def test_the_child_has_no_environment_and_no_django(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from inside: a reader put in the place of ours tells what it finds."""
    spy = tmp_path / "spy.py"
    worker = Path(reading.__file__).with_name("formats_worker.py")
    told = (
        "import sys, os, json, resource; sys.path.append({root!r})\n"
        "from translation import formats_worker as worker, formats\n"
        "worker.limit_resources(60)\n"
        "import translation.formats.ooxml, translation.formats.epub, translation.formats.xlsx\n"
        "print(json.dumps({{'environment': sorted(os.environ), 'nice': os.nice(0), 'django': 'django' in sys.modules,"
        " 'limits': [resource.getrlimit(one)[0] for one in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]}}))"
    )
    spy.write_text(told.format(root=str(worker.parent.parent)))
    seen = Children(str(spy), at_once=1, wait=1).ask(timeout=30)
    assert seen["django"] is False
    assert seen["limits"] == [1024**3, 60]
    assert seen["nice"] >= 10
    assert set(seen["environment"]) <= {"LC_CTYPE"}  # which Python sets itself


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda path: path.write_bytes(b"no archive"), errors.FileUnreadable),
        (lambda path: _letter(path, b"<w:document>" + b" " * (20 * 1024**2)), file_errors.ArchiveBomb),
        (
            lambda path: _letter(path, f'<!DOCTYPE x [<!ENTITY a "b">]><w:document {W}><w:t>a</w:t></w:document>'),
            errors.FileUnreadable,
        ),
        (lambda path: _letter(path, f"<w:document {W}>" + "<w:body>" * 50_000 + "<w:t>"), errors.FileUnreadable),
        (lambda path: _letter(path, **{"word/media/a.bin": b"PK\x03\x04" + b"0" * 30}), file_errors.ArchiveNested),
        (lambda path: _letter(path, **{"word/vbaProject.bin": b"x"}), file_errors.MacrosRefused),
        (lambda path: _letter(path, **{"../a.xml": b"x"}), file_errors.ArchiveUnsafe),
        (
            lambda path: _letter(path, **{f"ppt/slides/slide{n}.xml": SLIDE for n in range(10_000)}),
            file_errors.ArchiveBomb,
        ),
    ],
)
def test_a_hostile_file_ends_in_a_sentence(
    tmp_path: Path, make: Callable[[Path], object], refusal: type[DomainError]
) -> None:
    path = tmp_path / "a.docx"
    make(path)
    with pytest.raises(refusal) as refused:
        reading.extract(path, "docx")
    assert type(refused.value) is refusal


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    path, to = tmp_path / "a.docx", tmp_path / "b.docx"
    path.write_bytes(b"no archive")
    with pytest.raises(errors.FileUnreadable):
        reading.merge(path, "docx", {1: "x"}, to, language="uk")
    assert not to.exists()


def test_what_takes_too_long_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.html"
    path.write_text("<b>" * 150_000 + "word")
    monkeypatch.setitem(reading.TIMEOUT_SECONDS, "extract", 0.2)
    with pytest.raises(errors.FileTooComplex):
        reading.extract(path, "html")


def test_at_most_two_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _letter(tmp_path / "a.docx")
    monkeypatch.setattr(reading._children, "_wait", 0.01)
    places = reading._children._places
    assert places.acquire(timeout=1)
    assert reading.extract(path, "docx").characters == 11
    with pytest.raises(file_errors.ArchiveQueueFull):
        places.acquire(timeout=1)
        try:
            reading.extract(path, "docx")
        finally:
            places.release()
            places.release()


def test_a_format_that_is_none_of_ours(tmp_path: Path) -> None:
    with pytest.raises(errors.UnsupportedFormat) as refused:
        reading.extract(tmp_path / "a.odt", "odt")
    assert "docx" in json.dumps(refused.value.context)

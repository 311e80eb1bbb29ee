"""Runs alone, as a child of :mod:`core.files.documents`: looks into a ZIP archive without unpacking it.

``archive_worker.py <path> <max_chars>``; JSON on standard output, with so many characters of the text of a DOCX.
Imports no Django: it has no settings and no secrets.
"""

from __future__ import annotations

import io
import json
import logging
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pathlib import PurePosixPath
from typing import IO
from typing import Any
from xml.parsers import expat

MEMORY_BYTES = 1024**3
CPU_SECONDS = 20
MAX_ENTRIES = 10_000
MAX_UNPACKED = 1024**3
"""Bytes, of all entries together."""
MAX_RATIO = 200
"""Unpacked to packed bytes. Deflate reaches 1032 (https://zlib.net/zlib_tech.html); documents stay far below this."""
SMALL = 1024**2
"""Bytes. Below this no ratio is a bomb: a page of blanks packs very well."""
EMBEDDED_BYTES = 20 * 1024**2

_NESTED = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\x00asm", b"dex\n", b"#!")
_PROGRAM_WORDS = """
    exe dll com scr pif cpl msi msp bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta lnk url reg jar class apk dmg pkg deb
    rpm run sh so dylib sys chm app
"""
_PROGRAM_NAMES = frozenset(_PROGRAM_WORDS.split())
_ARCHIVE_NAMES = frozenset({"zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "cab", "iso", "img"})
_OFFICE = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_LOADED = frozenset({"attachedtemplate", "oleobject", "package", "frame", "subdocument", "control", "vbaproject"})
"""Kinds of relations whose target is opened together with the document."""
_OPEN = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/epub+zip": "epub",
}


class Refused(Exception):
    """Its text is the reason."""


def limit_resources() -> None:
    """Bound memory and processor time of this process, and step behind those who serve."""
    import os
    import resource

    with suppress(OSError):
        os.nice(10)
    for kind, value in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def judge(content: IO[bytes], max_chars: int = 0) -> dict[str, Any]:
    """``{"type": "docx" | … | "zip"}``, with ``text`` and ``truncated`` of a DOCX to read, or ``{"error": reason}``."""
    try:
        kind = _judge(content, nested=False)
        return {"type": kind} | (_docx_text(content, max_chars) if kind == "docx" and max_chars else {})
    except Refused as error:
        return {"error": str(error)}
    except (MemoryError, RecursionError):
        return {"error": "bomb"}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError):
        return {"error": "broken"}
    except expat.ExpatError:  # the text of a DOCX is none
        return {"error": "broken"}


def _judge(content: IO[bytes], *, nested: bool) -> str:
    with zipfile.ZipFile(content) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise Refused("bomb")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise Refused("bomb")
        for entry in entries:
            _check_entry(entry)
        kind = _kind(archive, entries)
        _check_macros(archive, entries, kind)
        _check_relations(archive, entries, kind)
        left = MAX_UNPACKED
        for entry in entries:
            left -= _check_content(archive, entry, kind, nested=nested, left=left)
        return kind


def _check_entry(entry: zipfile.ZipInfo) -> None:
    # Names are judged as they stand in the archive, before the library mends them.
    raw = entry.orig_filename.replace("\\", "/")
    parts = raw.split("/")
    if ".." in parts or raw.startswith("/") or ":" in parts[0] or any(ord(char) < 32 for char in raw):
        raise Refused("path")
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Refused("link")
    if entry.flag_bits & 0x1:
        raise Refused("encrypted")
    if entry.file_size > SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        raise Refused("bomb")
    suffix = PurePosixPath(raw).suffix[1:].lower()
    if suffix in _PROGRAM_NAMES:
        raise Refused("program")
    if suffix in _ARCHIVE_NAMES:
        raise Refused("nested")


def _kind(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" in names:
        found = {kind for name in names for prefix, kind in _OFFICE.items() if name.startswith(prefix)}
        return found.pop() if len(found) == 1 else "zip"
    if "mimetype" in names:
        with archive.open("mimetype") as handle:
            return _OPEN.get(handle.read(100).strip(), "zip")
    return "zip"


def _check_macros(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], kind: str) -> None:
    for entry in entries:
        name = entry.filename.lower()
        if name.endswith(("vbaproject.bin", "vbadata.xml")) or "activex" in name:
            raise Refused("macros")
        if kind in {"odt", "ods", "odp"} and name.startswith(("basic/", "scripts/")) and not name.endswith("/"):
            raise Refused("macros")
    if kind in {"docx", "xlsx", "pptx"}:
        with archive.open("[Content_Types].xml") as handle:
            types = handle.read(SMALL).lower()
        if b"macroenabled" in types or b"vbaproject" in types:
            raise Refused("macros")


def _check_relations(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], kind: str) -> None:
    """What a document would load from elsewhere when it is opened (ECMA-376, part 2, 9.3); links to press stay."""
    if kind not in _OFFICE.values():
        return

    def start(_name: str, attributes: dict[str, str]) -> None:
        is_outside = attributes.get("TargetMode", "").strip().lower() == "external"
        if is_outside and attributes.get("Type", "").rpartition("/")[2].lower() in _LOADED:
            raise Refused("remote")

    for entry in entries:
        if entry.filename.lower().endswith(".rels"):
            if entry.file_size > EMBEDDED_BYTES:
                raise Refused("bomb")
            with archive.open(entry) as part:
                _parse(part, start=start)


def _check_content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kind: str, *, nested: bool, left: int) -> int:
    """Unpack one entry into nothing, counting: what the directory says of sizes may be a lie."""
    if entry.is_dir():
        return 0
    taken = 0
    with archive.open(entry) as handle:
        head = handle.read(512)
        if head.startswith(_PROGRAMS):
            raise Refused("program")
        if head.startswith(_NESTED) or head[257:262] == b"ustar":
            _check_embedded(archive, entry, kind, nested=nested)
        chunk = head
        while chunk:
            taken += len(chunk)
            if taken > left:
                raise Refused("bomb")
            chunk = handle.read(256 * 1024)
    return taken


def _check_embedded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, kind: str, *, nested: bool) -> None:
    """The table behind a chart lies as a document inside the document: one level, and judged like any other."""
    name = entry.filename.lower()
    is_table = "/embeddings/" in name and name.endswith((".xlsx", ".docx", ".pptx"))
    if nested or kind not in {"docx", "xlsx", "pptx"} or not is_table or entry.file_size > EMBEDDED_BYTES:
        raise Refused("nested")
    with archive.open(entry) as handle:
        _judge(io.BytesIO(handle.read(EMBEDDED_BYTES + 1)), nested=True)


# The text of a DOCX ------------------------------------------------------------------------------------------------
# ECMA-376, part 1, 17: the body is paragraphs (w:p) of runs whose words stand in w:t; part 2: no part has a DTD.

_WORDS = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",  # "Strict"
    }
)
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_HIDDEN = frozenset({"moveFrom", "Fallback", "pPr"})
"""Where moved words were, what older programs show instead of a shape, and where the tabs of a line stand."""
_MAIN_PART = "/officeDocument"


class _Enough(Exception):
    """So much text was wanted."""


class _Words:
    """Gathers the words of a document while it is parsed."""

    def __init__(self, max_chars: int) -> None:
        self.found: list[str] = []
        self._left = max_chars
        self._hidden = 0
        self._is_text = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        self._hidden += local in _HIDDEN
        if namespace in _WORDS:
            self._is_text = local == "t"
            if local in _MARKS:
                self._add(_MARKS[local])

    def end(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        self._hidden -= local in _HIDDEN
        self._is_text = False
        if namespace in _WORDS and local == "p":
            self._add("\n")

    def text(self, data: str) -> None:
        if self._is_text:
            self._add(data)

    def _add(self, data: str) -> None:
        if self._hidden:
            return
        self.found.append(data[: self._left])
        self._left -= len(data)
        if self._left < 0:
            raise _Enough


def _docx_text(content: IO[bytes], max_chars: int) -> dict[str, Any]:
    words = _Words(max_chars)
    truncated = False
    with zipfile.ZipFile(content) as archive, archive.open(_main_part(archive)) as part:
        try:
            _parse(part, start=words.start, end=words.end, text=words.text)
        except _Enough:
            truncated = True
    return {"text": "".join(words.found).strip("\n"), "truncated": truncated}


def _main_part(archive: zipfile.ZipFile) -> str:
    """Where the body stands: the package says so; nearly always it is ``word/document.xml``."""
    targets: list[str] = []

    def start(_name: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith(_MAIN_PART):
            targets.append(attributes.get("Target", "").lstrip("/"))

    with archive.open("_rels/.rels") as part:
        _parse(part, start=start)
    return targets[0] if targets else "word/document.xml"


def _parse(
    part: IO[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Raises Refused for a DTD: entities, which could grow without end or name other files, can stand nowhere else."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    while chunk := part.read(64 * 1024):
        parser.Parse(chunk)
    parser.Parse(b"", True)  # noqa: FBT003 - it takes no keywords


def _refuse_dtd(*_args: object) -> None:
    raise Refused("broken")


def main() -> None:
    """The whole life of the child."""
    limit_resources()
    logging.disable(logging.CRITICAL)
    with Path(sys.argv[1]).open("rb") as content:
        sys.stdout.write(json.dumps(judge(content, int(sys.argv[2]))))


if __name__ == "__main__":
    main()

"""Runs alone, as a child of :mod:`core.files.documents`: looks into a ZIP archive without unpacking it.

``archive_worker.py <path>``; JSON on standard output. Imports no Django: it has no settings and no secrets.
"""

from __future__ import annotations

import io
import json
import logging
import stat
import sys
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from pathlib import PurePosixPath
from typing import IO

MEMORY_BYTES = 1024**3
CPU_SECONDS = 20
MAX_ENTRIES = 10_000
MAX_UNPACKED = 1024**3
MAX_RATIO = 200
SMALL = 1024**2
"""Below this no ratio is a bomb: a page of blanks packs very well."""
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


def judge(content: IO[bytes]) -> dict[str, str]:
    """``{"type": "docx" | … | "zip"}`` or ``{"error": reason}``."""
    try:
        return {"type": _judge(content, nested=False)}
    except Refused as error:
        return {"error": str(error)}
    except (MemoryError, RecursionError):
        return {"error": "bomb"}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError):
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


def main() -> None:
    """The whole life of the child."""
    limit_resources()
    logging.disable(logging.CRITICAL)
    with Path(sys.argv[1]).open("rb") as content:
        sys.stdout.write(json.dumps(judge(content)))


if __name__ == "__main__":
    main()

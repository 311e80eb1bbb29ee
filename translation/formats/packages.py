"""Formats that are ZIP archives inside: opened with care, and written with whatever was not touched as it was."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from core.files import archive_worker
from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.formats.base import Why

MAX_PART_BYTES = 100 * 1024**2
"""Of one part that is read as XML: its tree takes some five times as much."""
_REASONS: dict[str, Why] = {"bomb": "bomb", "encrypted": "encrypted", "macros": "macros", "nested": "nested"}
_UNSAFE = frozenset({"link", "path", "program", "remote"})
_BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError)
_DTD = re.compile(rb"<!(DOCTYPE|ENTITY)")

Element = etree._Element
Rewrite = Callable[[str, bytes], bytes]
"""Gets the name and the content of a part; gives the content that it shall have."""


@contextmanager
def opened(path: Path, kind: str) -> Iterator[zipfile.ZipFile]:
    """An archive that the upload door would take too. Raises Unreadable."""
    with path.open("rb") as content:
        answer = archive_worker.judge(content)
        error = answer.get("error", "")
        if error:
            raise Unreadable("unsafe" if error in _UNSAFE else _REASONS.get(error, "broken"), error)
        if answer["type"] != kind:
            raise Unreadable("type", answer["type"])
        content.seek(0)
        try:
            with zipfile.ZipFile(content) as archive:
                yield archive
        except _BROKEN as error_:
            raise Unreadable("broken") from error_


def read(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part. Raises Unreadable when it is too large for a tree, whatever the directory says."""
    with archive.open(name) as part:
        data = part.read(MAX_PART_BYTES + 1)
    if len(data) > MAX_PART_BYTES:
        raise Unreadable("complex", name)
    return data


def rewrite(
    archive: zipfile.ZipFile, wanted: list[str], change: Rewrite, walk: Walk, to: Path | None, *, first: str = ""
) -> None:
    """Lead ``change`` over the wanted parts in that order; write the archive in its own order, if it is to be written.

    What comes out as it was and everything else are copied. ``first`` is a part that must come first, and unpacked.
    """
    changed: dict[str, bytes] = {}
    for name in wanted:
        data = read(archive, name)
        new = change(name, data)
        if new is not data:
            changed[name] = new
    walk.finish()
    if to is None:
        return
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as target:
        target.comment = archive.comment
        for info in sorted(archive.infolist(), key=lambda info: info.filename != first):
            _copy(archive, info, changed.get(info.filename), target, packed=info.filename != first)


def _copy(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, data: bytes | None, target: zipfile.ZipFile, *, packed: bool
) -> None:
    new = zipfile.ZipInfo(info.filename, info.date_time)
    packed = packed and info.compress_type != zipfile.ZIP_STORED
    new.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    new.external_attr, new.create_system, new.comment = info.external_attr, info.create_system, info.comment
    if data is not None:
        target.writestr(new, data)
        return
    new.file_size = info.file_size
    with archive.open(info) as source, target.open(new, "w") as copy:
        while chunk := source.read(256 * 1024):
            copy.write(chunk)


def content_types(archive: zipfile.ZipFile) -> dict[str, str]:
    """What each part of an Office document is, by the last word of its type: ``worksheet``, ``sharedStrings``.

    Names of parts are free (ECMA-376, part 2, 10.1.2).
    """
    listed = tree(read(archive, "[Content_Types].xml"), "[Content_Types].xml").getroot()
    overrides = {str(one.get("PartName", "")).lstrip("/").lower(): str(one.get("ContentType")) for one in listed}
    types = {name: overrides.get(name.lower(), "") for name in archive.namelist()}
    return {name: found.removesuffix("+xml").rpartition(".")[2] for name, found in types.items() if found}


def tree(data: bytes, name: str) -> etree._ElementTree:
    """The tree of a part, which names no entity and no file elsewhere. Raises Unreadable."""
    # What is encoded otherwise than in ASCII's superset hides a DTD from this look; the parser sees it below.
    if _DTD.search(data):
        raise Unreadable("entities", name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False, collect_ids=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("broken", name) from error
    found = root.getroottree()
    if found.docinfo.doctype or found.docinfo.internalDTD is not None:
        raise Unreadable("entities", name)
    return found


def serialized(found: etree._ElementTree) -> bytes:
    """The bytes of a part again."""
    made: bytes = etree.tostring(found, xml_declaration=True, encoding="UTF-8", standalone=found.docinfo.standalone)
    return made

"""Files for the tests of the upload door, made when asked for."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject
from pypdf.generic import DictionaryObject
from pypdf.generic import NameObject


def image(fmt: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **options: Any) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, 0 if mode == "I;16" else None).save(output, format=fmt, **options)
    return output.getvalue()


def photo_with_gps(orientation: int = 6) -> bytes:
    """A JPEG, 8 by 6 as stored, that says where it was taken and that it stands on its side."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CANARY-CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (50.0, 27.0, 0.0)
    return image("JPEG", exif=exif, comment=b"CANARY-COMMENT")


def png_with_text(comment: str = "CANARY-COMMENT") -> bytes:
    info = PngInfo()
    info.add_text("Comment", comment)
    return image("PNG", pnginfo=info)


def animation() -> bytes:
    output = io.BytesIO()
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue")]
    frames[0].save(output, format="GIF", save_all=True, append_images=frames[1:])
    return output.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pixel_bomb(side: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that would be gigabytes of pixels."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side // 8 + 1) * 1000, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def archive() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as bundle:
        bundle.writestr("payload.txt", "hello")
    return output.getvalue()


def pdf(*pages: str, password: str = "", owner_password: str = "") -> bytes:
    """A PDF whose pages say the given lines."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(width=300, height=300)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
        )
    if password or owner_password:
        writer.encrypt(password, owner_password or None, algorithm="AES-256")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def slow_pdf() -> bytes:
    """A small PDF that takes minutes to read: 900 pages of the same very many operators."""
    packed = zlib.compress(b"BT /F1 1 Tf (x) Tj ET\n" * 400_000, 9)
    resources = b"/Resources << /Font << /F1 4 0 R >> >>"
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 905))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count 900 >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] " + resources + b" /Contents 3 0 R >>"] * 900,
    ]
    output = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(output))
        output += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start, size = len(output), len(objects) + 1
    output += b"xref\n0 %d\n0000000000 65535 f \n" % size
    output += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    output += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(output)


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MAIN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def docx(body: str, *, main: str = "word/document.xml", before: str = "", namespace: str = _WORD) -> bytes:
    """A DOCX with the given paragraphs (``w:p``…); ``before`` stands before its root."""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships><Relationship Type="{_MAIN}" Target="/{main}"/></Relationships>',
        main: f'{before}<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>',
    }
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in parts.items():
            bundle.writestr(name, text)
    return output.getvalue()

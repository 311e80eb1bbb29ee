"""Why a file was not taken, one class and one code a reason."""

from __future__ import annotations

from core import errors


class FileRefused(errors.DomainError):
    """Base of all reasons that lie in the file itself."""

    code, status, message = "file_refused", 400, "This file is not accepted."


class FileMissing(FileRefused):
    code, message = "file_missing", "Attach a file in the field “file”."


class FileEmpty(FileRefused):
    code, message = "file_empty", "This file is empty."


class FileTooLarge(errors.TooLarge):
    """``max_bytes`` in the context says how much is allowed."""

    code = "file_too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"This file is larger than {max_bytes // (1024 * 1024)} MB.", max_bytes=max_bytes)


class UnsafeName(FileRefused):
    code = "unsafe_name"
    message = "The name of this file has hidden characters in it. Rename the file and try again."


class DoubleExtension(FileRefused):
    code = "double_extension"
    message = "The name of this file has a second, hidden type in it. Rename the file and try again."


class ExecutableRefused(FileRefused):
    code, message = "executable_refused", "Programs are not accepted."


class ScriptDisguised(FileRefused):
    code, message = "script_disguised", "This file is a script under the name of another type."


class ArchiveRefused(FileRefused):
    code = "archive_refused"
    message = "Archives and Office documents are not accepted. Unpack the archive, or save the document as a PDF."


class SvgRefused(FileRefused):
    code, message = "svg_refused", "SVG images can carry scripts and are not accepted. Save the image as PNG."


class Polyglot(FileRefused):
    code, message = "polyglot", "This file is two types at once, which is how harmful content is hidden."


class TypeMismatch(FileRefused):
    code, message = "type_mismatch", "The content of this file is not what its name says."


class UnsupportedType(FileRefused):
    code, status = "unsupported_type", 415
    message = "This type of file is not accepted. Use PNG, JPEG, GIF, WebP, PDF or text."


class ImageTooLarge(FileRefused):
    code, message = "image_too_large", "This image has too many pixels. Make it smaller and try again."


class ImageBroken(FileRefused):
    code, message = "image_broken", "This image is damaged and cannot be opened."


class PdfEncrypted(FileRefused):
    code, message = "pdf_encrypted", "This PDF is protected by a password. Remove the password and try again."


class PdfBroken(FileRefused):
    code, message = "pdf_broken", "This PDF is damaged and cannot be opened."


class PdfTooComplex(FileRefused):
    code, message = "pdf_too_complex", "This PDF takes too long to read. Split it, or print it to a new PDF."


class PdfQueueFull(errors.Unavailable):
    code, message = "pdf_queue_full", "Too many PDFs are being read right now. Try again in a moment."


class StorageUnavailable(errors.Unavailable):
    code, message = "storage_unavailable", "The file could not be stored. Nothing was kept; try again in a moment."


class LinkExpired(errors.Forbidden):
    code, message = "link_expired", "This link is no longer valid. Open the file again from where it was shared."

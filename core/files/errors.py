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
    message = "This type of file is not accepted here."


class ImageTooLarge(FileRefused):
    code, message = "image_too_large", "This image has too many pixels. Make it smaller and try again."


class ImageBroken(FileRefused):
    code, message = "image_broken", "This image is damaged and cannot be opened."


class PictureRefused(UnsupportedType):
    """A picture that is known and cannot be shown; it is named, with the way out."""

    code = "picture_type"

    def __init__(self, name: str) -> None:
        super().__init__(f"This is a picture in the {name} format, which browsers do not show. Save it as JPEG or PNG.")


class ImageQueueFull(errors.Unavailable):
    code, message = "image_queue_full", "Too many pictures are being read right now. Try again in a moment."


class Busy(errors.RateLimited):
    """One file of a user is read at a time."""

    code, message = "busy", "Another file of yours is still being read. Try again in a moment."


class PdfEncrypted(FileRefused):
    code, message = "pdf_encrypted", "This PDF is protected by a password. Remove the password and try again."


class PdfBroken(FileRefused):
    code, message = "pdf_broken", "This PDF is damaged and cannot be opened."


class PdfTooComplex(FileRefused):
    code, message = "pdf_too_complex", "This PDF takes too long to read. Split it, or print it to a new PDF."


class PdfTooLong(FileRefused):
    """``max_pages`` in the context says how many are allowed."""

    code = "pdf_too_long"

    def __init__(self, max_pages: int) -> None:
        super().__init__(
            f"This PDF has too many pages: up to {max_pages:,} are accepted. Split it.", max_pages=max_pages
        )


class PdfQueueFull(errors.Unavailable):
    code, message = "pdf_queue_full", "Too many PDFs are being read right now. Try again in a moment."


class MediaBroken(FileRefused):
    code, message = "media_broken", "This recording is damaged and cannot be opened."


class MediaCodec(FileRefused):
    code, status = "media_codec", 415
    message = "This recording is in a form that browsers cannot play. Convert it to MP4 or MP3 and try again."


class MediaTooComplex(FileRefused):
    code, message = "media_too_complex", "This recording takes too long to read. Make it shorter or smaller."


class MediaQueueFull(errors.Unavailable):
    code = "media_queue_full"
    message = "Too many recordings are being read right now. Try again in a moment."


class ArchiveBroken(FileRefused):
    code, message = "archive_broken", "This document or archive is damaged and cannot be opened."


class ArchiveBomb(FileRefused):
    code, message = "archive_bomb", "This document or archive is too large when it is unpacked."


class ArchiveNested(FileRefused):
    code, message = "archive_nested", "This archive has another archive in it. Unpack that one first."


class ArchiveUnsafe(FileRefused):
    code, message = "archive_unsafe", "This archive holds links or names that lead out of it."


class ArchiveEncrypted(FileRefused):
    code = "archive_encrypted"
    message = "This archive is protected by a password, so nobody can look into it. Remove the password and try again."


class ArchiveWithProgram(FileRefused):
    code, message = "archive_with_program", "This archive has a program or a script in it, which is not accepted."


class ArchiveQueueFull(errors.Unavailable):
    code = "archive_queue_full"
    message = "Too many documents are being read right now. Try again in a moment."


class RemoteContent(FileRefused):
    code = "remote_content"
    message = "This document loads a part of itself from elsewhere when it is opened. Save it without, or as a PDF."


class MacrosRefused(FileRefused):
    code = "macros_refused"
    message = "This document has macros, which are programs. Save it without macros and try again."


class EncodingKnown(errors.Conflict):
    code, message = "encoding_known", "The encoding of this file was not guessed, so there is nothing to change."


class EncodingWrong(errors.InvalidInput):
    code, message = "encoding_wrong", "In this encoding the file is no text. Choose another one."


class StorageFull(errors.TooLarge):
    """``quota`` and ``used`` in the context are bytes."""

    code = "storage_full"

    def __init__(self, *, quota: int, used: int) -> None:
        size = f"{quota / 1024**3:.4g} GB" if quota >= 1024**3 else f"{quota / 1024**2:.4g} MB"
        super().__init__(f"Your storage of {size} is full. Delete files to make room.", quota=quota, used=used)


class UploadOffset(errors.Conflict):
    """``offset`` in the context is where to go on."""

    code, message = "wrong_offset", "The upload goes on elsewhere; ask where, and continue from there."


class UploadIncomplete(errors.Conflict):
    code, message = "upload_incomplete", "Not all of the file has arrived yet."


class UploadTooMany(errors.Conflict):
    code, message = "too_many_uploads", "Too many uploads are open. Finish or cancel one of them first."


class ChunkRefused(errors.InvalidInput):
    code = "chunk_refused"
    message = "A piece of an upload is empty, too small, too large, or beyond the end of the file."


class RangeInvalid(errors.DomainError):
    code, status, message = "range_invalid", 416, "This part of the file does not exist."


class StorageUnavailable(errors.Unavailable):
    code, message = "storage_unavailable", "The file could not be stored. Nothing was kept; try again in a moment."


class LinkExpired(errors.Forbidden):
    code, message = "link_expired", "This link is no longer valid. Open the file again from where it was shared."

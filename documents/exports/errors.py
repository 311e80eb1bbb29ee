"""What a person is told whose document does not become a file."""

from __future__ import annotations

from core import errors


class DocumentTooLarge(errors.DomainError):
    """Setting it took more time or memory than one document may have, and was ended."""

    code, status = "document_too_large", 422
    message = "This document is too large to be set as one file. Shorten it, or export its sections."


class NotPrintable(errors.DomainError):
    """The printer does not take it."""

    code, status = "not_printable", 422
    message = "This document could not be set as a file of this kind. Try the other one."


class PrinterBusy(errors.Unavailable):
    """As many documents as there may be are being set."""

    code, message = "printer_busy", "Other documents are being set right now. Try again in a moment."

"""Refusals of translation, and what services answer instead of one. On the row of what fails stand the same codes."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Conflict
from core.errors import DomainError


class UnsupportedLanguage(DomainError):
    """The service does not have the language; ``languages`` says which it has."""

    code, status, message = "unsupported_language", 400, "This language is not offered. Choose another one."


class SameLanguage(DomainError):
    """There is nothing to translate."""

    code, status, message = "same_language", 400, "The text is in this language already. Choose another one."

    def __init__(self, *, language: str) -> None:
        super().__init__(language=language)


class UnsupportedFormat(DomainError):
    """The file is of a kind that nobody here can translate."""

    code, status = "unsupported_format", 400
    message = "Files of this kind cannot be translated. Save it as DOCX, PDF or text first."

    def __init__(self, message: str | None = None, *, formats: Sequence[str] = ()) -> None:
        super().__init__(message, formats=list(formats))


class UnknownService(DomainError):
    """The service is not there, or off."""

    code, status, message = "unknown_service", 400, "This service is not offered here. Choose another one."


class GlossaryMismatch(DomainError):
    """The glossary is of other languages."""

    code, status, message = "glossary_mismatch", 400, "This glossary is for other languages."


class GlossaryNameTaken(Conflict):
    """One of the same name and languages is there."""

    code, message = "glossary_name_taken", "You have a glossary with this name for these languages already."


class FileUnreadable(DomainError):
    """The file is broken, or hostile."""

    code, status, message = "file_unreadable", 422, "This file cannot be read: it seems to be damaged."


class FileTooComplex(DomainError):
    """Reading it took more time or memory than one file may have."""

    code, status = "file_too_complex", 422
    message = "This file takes too long to read, or too much memory. Split it and translate the parts."


class NoTextLayer(DomainError):
    """Its pages are pictures."""

    code, status = "no_text_layer", 422
    message = "The pages are pictures of text. Choose a service that reads pictures, or run text recognition first."


class GarbledTextLayer(DomainError):
    """Its text is there, and means nothing."""

    code, status = "garbled_text_layer", 422
    message = "The text in this file cannot be read: its fonts do not say which letters they draw. Try another copy."


class PasswordProtected(DomainError):
    """It cannot be opened."""

    code, status, message = "password_protected", 422, "This file is protected by a password. Save it without one."


class NothingToTranslate(DomainError):
    """There is no text in it."""

    code, status, message = "nothing_to_translate", 422, "There is no text to translate in this file."


class TooManyPages(DomainError):
    """More than may be."""

    code, status, message = "too_many_pages", 422, "This file has too many pages. Split it and translate the parts."

    def __init__(self, *, pages: int, limit: int) -> None:
        super().__init__(pages=pages, limit=limit)


class TooManyCharacters(DomainError):
    """More than may be."""

    code, status, message = "too_many_characters", 422, "This is too long. Split it and translate the parts."

    def __init__(self, *, characters: int, limit: int) -> None:
        super().__init__(characters=characters, limit=limit)


class FileTooLargeForService(DomainError):
    """The service takes smaller files."""

    code, status, message = "file_too_large_for_service", 422, "This service takes smaller files. Choose another one."


class NotReady(Conflict):
    """What is asked for is not there yet."""

    code, message = "not_ready", "This is not ready yet. Look again in a moment."


class AlreadyRunning(Conflict):
    """It was started before."""

    code, message = "already_running", "This is being translated already."


class NothingToRetry(Conflict):
    """Nothing of it has failed."""

    code, message = "nothing_to_retry", "Nothing of this has failed."


class TooManyDocuments(Conflict):
    """As many as may be are at work."""

    code, message = "too_many_documents", "Other documents of yours are being translated. Wait until one is done."


class QuoteExceeded(Conflict):
    """It would cost more than its owner allowed."""

    code, message = "quote_exceeded", "This would cost more than you allowed. Look at the price and start it again."


class FileGone(DomainError):
    """Its time was over, or it was deleted."""

    code, status, message = "file_gone", 410, "This file was deleted, as was said beforehand. Translate it again."


class ServiceError(DomainError):
    """Base of what a service answers instead of a translation. None of them holds a text, an address or a key.

    :class:`Refused`, :class:`Paused` and :class:`OutOfCredit` are definite: the service did nothing, asking again
    cannot make it do something twice. After :class:`Doubtful` nobody knows.
    """

    code, status, message = "service_failed", 502, "The translation service did not answer properly."


class Refused(ServiceError):
    """The service said no to this very request; the same again gets the same answer."""

    code, message = "service_refused", "The translation service refused this text or file."


class KeyRejected(Refused):
    code, status = "service_rejected_key", 503
    message = "The translation service does not accept the key that is set up here."


class TooMuch(Refused):
    """More at once than the service takes: less may be asked for."""

    code, status, message = "service_too_much", 413, "That is more than the translation service takes at once."


class Gone(Refused):
    """The service has no such document, or has handed it out already."""

    code, message = "service_document_gone", "The translation service no longer has this document."


class Doubtful(ServiceError):
    """The request left, and no answer came that says what became of it: it may have been done and billed."""

    code, status = "service_doubtful", 504
    message = "The translation service did not say what became of the request."


class Paused(ServiceError):
    """Not now: too many requests, maintenance, or it cannot be reached. ``retry_after`` says in how many seconds."""

    code, status, message = "service_busy", 503, "The translation service is busy. Try again in a moment."

    def __init__(self, message: str | None = None, *, retry_after: int = 5) -> None:
        super().__init__(message, retry_after=retry_after)
        self.seconds = retry_after


class OutOfCredit(ServiceError):
    """What was paid for at the service is used up. Asking again is of no use until an operator pays there."""

    code, status = "service_quota", 503
    message = "The translation service has nothing left of what was paid for there. The operators have to add to it."

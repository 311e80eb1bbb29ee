"""Refusals of documents, and why a run failed. On the row of what fails stand the same codes."""

from __future__ import annotations

from core.errors import Conflict
from core.errors import DomainError


class RunRunning(Conflict):
    """Of one document one thing at a time is written."""

    code, message = "run_running", "This document is being written right now. Wait until that is done, or cancel it."


class TooManyRuns(Conflict):
    """As many as may be are at work."""

    code, message = "too_many_runs", "Other documents of yours are being written. Wait until one is done."


class OutlineChanged(Conflict):
    """Somebody, perhaps on another device, has changed it; ``version`` is what it is now."""

    code, message = "outline_changed", "The outline has changed since you looked. Look at it again first."

    def __init__(self, *, version: int) -> None:
        super().__init__(version=version)


class OutlineMissing(Conflict):
    """Sections are written of an outline."""

    code, message = "outline_missing", "There is no outline yet. Make one first."


class SectionWritten(Conflict):
    """What is written is not planned anew; ``section`` is its number."""

    code, message = "section_written", "This section is written already: its plan can no longer be changed."

    def __init__(self, *, section: int) -> None:
        super().__init__(section=section)


class SectionNotWritten(Conflict):
    """What is not written, or is being written, has no text to edit."""

    code, message = "section_not_written", "This section is not written yet."


class SectionChanged(Conflict):
    """Somebody, perhaps on another device, has changed it; ``version`` is what it is now."""

    code, message = "section_changed", "This section has changed since you looked. Look at it again first."

    def __init__(self, *, version: int) -> None:
        super().__init__(version=version)


class CitationWrong(Conflict):
    """A veto speaks against it, and reading does not make it green."""

    code = "citation_wrong"
    message = "What is cited does not carry this sentence. Change the sentence, or let it stand with a reason."


class CitationsUnverified(Conflict):
    """Nothing red becomes a file unless its author has said why; ``citations`` are their ids, the first ones."""

    code = "citations_unverified"
    message = "Some citations are wrong. Mend them, or say of each why it shall stand."

    def __init__(self, *, citations: list[str], count: int) -> None:
        super().__init__(citations=citations, count=count)


class NothingWritten(Conflict):
    """A file of a document without text would be empty."""

    code, message = "nothing_written", "Nothing of this document is written yet."


class ExportGone(DomainError):
    """Files are kept for a time, and made again whenever somebody wants."""

    code, status, message = "export_gone", 410, "There is no such file any more. Make it again."


class NothingToWrite(Conflict):
    """All sections are written."""

    code, message = "nothing_to_write", "Everything of this document is written."


class OutlineInvalid(DomainError):
    """The model was asked again and again, and what it wrote is no outline."""

    code, status = "outline_invalid", 422
    message = "The model did not manage to write an outline. Try again, or choose another model."


class SectionInvalid(DomainError):
    """The same of a section."""

    code, status = "section_invalid", 422
    message = "The model did not manage to write this section. Try again, or choose another model."


class NotEnoughSources(DomainError):
    """Nothing was found that could be cited."""

    code, status = "not_enough_sources", 422
    message = "Nothing was found that this section could cite. Change its goal, or let it be written without sources."


class SourcesSilent(DomainError):
    """No catalogue answered, so nobody knows what there is."""

    code, status = "sources_silent", 503
    message = "The catalogues of scholarly works do not answer right now. Go on a little later."


class ModelsUnavailable(DomainError):
    """None of the models that may write answered, however often it was asked."""

    code, status = "models_unavailable", 503
    message = "None of the models that may write this answers right now. Go on a little later."


class RunLost(DomainError):
    """The process that did it was lost, each time."""

    code, status = "run_lost", 503
    message = "The work was interrupted. What was written is kept; go on from there."


class RequirementsUnreadable(DomainError):
    """There is no text in the file."""

    code, status = "requirements_unreadable", 422
    message = "No text can be read in this file: its pages may be pictures. Save it as DOCX, PDF with text, or text."


class DoiInvalid(DomainError):
    """What was given is no DOI."""

    code, status = "doi_invalid", 422
    message = "This is not a DOI. One begins with 10., such as 10.1000/182."


class SourceInvalid(DomainError):
    """A description without a title describes nothing."""

    code, status = "source_invalid", 422
    message = "A source needs at least a title."


class SourceUnknown(DomainError):
    """All catalogues were asked, and none has it."""

    code, status = "source_unknown", 422
    message = "No catalogue has a work with this DOI. Is it written rightly? You can describe the work yourself."


class SourceUnreadable(DomainError):
    """There is no text in the file."""

    code, status = "source_unreadable", 422
    message = "No text can be read in this PDF: its pages may be pictures."


class TooManySources(Conflict):
    """As many as a document may have."""

    code, message = "too_many_sources", "This document has as many sources as it can have."

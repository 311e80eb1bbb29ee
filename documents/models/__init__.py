"""The tables of documents."""

from documents.models.documents import Document
from documents.models.documents import DocumentQuerySet
from documents.models.documents import DocumentSection
from documents.models.runs import DocumentRun
from documents.models.runs import DocumentRunQuerySet
from documents.models.runs import DocumentStep
from documents.models.sources import DocumentCitation
from documents.models.sources import DocumentExport
from documents.models.sources import DocumentSource
from documents.models.sources import ScholarlySearch
from documents.models.sources import ScholarlyWork

__all__ = [
    "Document",
    "DocumentCitation",
    "DocumentExport",
    "DocumentQuerySet",
    "DocumentRun",
    "DocumentRunQuerySet",
    "DocumentSection",
    "DocumentSource",
    "DocumentStep",
    "ScholarlySearch",
    "ScholarlyWork",
]

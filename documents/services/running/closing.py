"""The end of a section: what later ones are told of it, and how long it has become."""

from __future__ import annotations

from django.db.models import Sum
from django.utils import timezone

from documents import blocks
from documents import drafting
from documents import limits
from documents.models import Document
from documents.models import DocumentSection
from documents.services.running.asking import Clerk
from documents.services.running.desk import Desk

_ROOM = 400 + limits.SUMMARY_WORDS * 6


def summary(clerk: Clerk, section: DocumentSection, text: blocks.Blocks) -> str:
    """In a few words. Raises NotFit."""
    told = "\n".join(sentence.text for sentence in blocks.sentences(text))
    messages = clerk.prompt(drafting.SUMMARY_TASK, {"title": section.title, "text": told})
    return clerk.asked("close", messages, _ROOM, drafting.SUMMARY, drafting.read_summary)


def close(desk: Desk, section: DocumentSection, text: blocks.Blocks, summed_up: str) -> None:
    """It is written. In the caller's transaction."""
    section.styled, section.summary = blocks.stored(text), summed_up
    section.words, section.status = blocks.count_words(text), DocumentSection.Status.COMPLETED
    section.completed_at, section.version = timezone.now(), section.version + 1
    section.save(update_fields=["styled", "summary", "words", "status", "completed_at", "version"])
    total = DocumentSection.objects.filter(document=desk.document).aggregate(words=Sum("words"))
    Document.objects.filter(pk=desk.document.pk).update(words=total["words"] or 0, updated_at=timezone.now())

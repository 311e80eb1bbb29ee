"""A section in its owner's hands: its text, its citations, and what the style pass made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from core.errors import InvalidInput
from core.errors import NotFound
from documents import blocks
from documents.checks import style
from documents.errors import SectionChanged
from documents.errors import SectionNotWritten
from documents.models import Document
from documents.models import DocumentSection
from documents.services import changing
from documents.services import telling
from documents.services.sourcing import citations


def change(actor: User, document_id: UUID, number: int, content: Sequence[Any], *, version: int) -> DocumentSection:
    """The text as its owner wants it. Citations whose sentence is another one are to be judged anew.

    Raises NotFound, SectionNotWritten, SectionChanged when ``version`` is not the present one, and InvalidInput for
    what is no text of a document, or cites a source that this document does not have.
    """
    try:
        wanted = blocks.read(list(content))
    except blocks.NotBlocks as error:
        raise InvalidInput(details={"content": [str(error)]}) from None
    with transaction.atomic():
        section = _locked(actor, document_id, number)
        if section.version != version:
            raise SectionChanged(version=section.version)
        before = _written(section)
        _write(section, _other(blocks.read(section.content), before, wanted), wanted)
    return section


def judge_style(
    actor: User, document_id: UUID, number: int, *, accept: Sequence[int], revert: Sequence[int]
) -> DocumentSection:
    """Of sentences by their index, from 0: those to ``accept`` are shown as changed no more, those to ``revert`` get
    the words back that they had before the style pass.

    Raises NotFound, SectionNotWritten, and InvalidInput for a sentence that there is not.
    """
    with transaction.atomic():
        section = _locked(actor, document_id, number)
        old, new = blocks.read(section.content), _written(section)
        before, after = list(blocks.sentences(old)), list(blocks.sentences(new))
        if len(before) != len(after) or not set(accept) | set(revert) <= set(range(len(after))):
            raise InvalidInput(details={"revert": ["The style pass has not changed this sentence."]})
        content = style.replaced(old, {index: after[index] for index in accept})
        styled = style.replaced(new, {index: before[index] for index in revert})
        _write(section, content, styled)
    return section


def _locked(actor: User, document_id: UUID, number: int) -> DocumentSection:
    document = changing.locked(actor, document_id)
    section = DocumentSection.objects.filter(document=document, number=number).first()
    if section is None:
        raise NotFound
    if section.status != DocumentSection.Status.COMPLETED:
        raise SectionNotWritten
    section.document = document
    return section


def _written(section: DocumentSection) -> blocks.Blocks:
    return blocks.read(section.content if section.styled is None else section.styled)


def _other(content: blocks.Blocks, before: blocks.Blocks, after: blocks.Blocks) -> blocks.Blocks:
    """What the style pass is compared with: an edit is no change of that pass.

    Where a sentence came or went, nothing can be compared sentence by sentence any more.
    """
    old, new = list(blocks.sentences(before)), list(blocks.sentences(after))
    if len(old) != len(new) or len(list(blocks.sentences(content))) != len(new):
        return after
    unedited = {index: sentence for index, sentence in enumerate(blocks.sentences(content)) if old[index] == new[index]}
    return style.replaced(after, unedited)


def _write(section: DocumentSection, content: blocks.Blocks, styled: blocks.Blocks) -> None:
    citations.follow(section, styled)
    section.content, section.styled = blocks.stored(content), blocks.stored(styled)
    section.words, section.version = blocks.count_words(styled), section.version + 1
    section.save(update_fields=["content", "styled", "words", "version"])
    document = section.document
    total = DocumentSection.objects.filter(document=document).aggregate(words=Sum("words"))
    document.words = total["words"] or 0
    Document.objects.filter(pk=document.pk).update(words=document.words)
    telling.updated(document)

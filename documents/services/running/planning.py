"""The outline of a document, as a step."""

from __future__ import annotations

from core.llm import json_answers
from documents import outlining
from documents.errors import OutlineInvalid
from documents.services import outlines
from documents.services.running.asking import Clerk
from documents.services.running.desk import Desk
from documents.services.running.steps import Steps

_TOKENS_A_SECTION = 220
"""Of an answer: title, goal in any language, and what is around them."""


def outline(desk: Desk, steps: Steps) -> None:
    """Plan the sections. Raises OutlineInvalid when no answer was an outline."""
    desk.at("outline", progress=5)
    clerk, pages = Clerk(desk, steps), desk.document.target_pages
    messages = clerk.prompt(outlining.TASK, outlining.data(pages))
    room = 400 + _TOKENS_A_SECTION * min(outlining.most(pages), max(8, pages * 2))
    try:
        # Whoever asks for another outline is not given the one of the run before.
        ask = clerk.by("outline", room, outlining.SCHEMA, salt=str(desk.row.pk))
        entries = json_answers.asked(messages, ask, lambda answer: outlining.read(answer, pages))
    except json_answers.NotFit as error:
        steps.discard_last()
        raise OutlineInvalid from error
    with desk.writing():
        outlines.refuse_written(desk.document)
        outlines.make(desk.document, entries)

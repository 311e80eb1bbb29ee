"""The outline of a document, as a step."""

from __future__ import annotations

from collections.abc import Sequence

from core import llm
from core.llm import json_answers
from documents import limits
from documents import outlining
from documents.errors import OutlineInvalid
from documents.prompting import Prompt
from documents.services import outlines
from documents.services.running.desk import Desk
from documents.services.running.steps import Question
from documents.services.running.steps import Steps

_TOKENS_A_SECTION = 220
"""Of an answer: title, goal in any language, and what is around them."""


def outline(desk: Desk, steps: Steps) -> None:
    """Plan the sections. Raises OutlineInvalid when no answer was an outline."""
    desk.at("outline", progress=5)
    pages = desk.document.target_pages
    prompt = Prompt(
        desk.document,
        model=llm.catalogue.get(desk.models[0]),
        task=outlining.TASK,
        data=outlining.data(pages),
    )
    room = 400 + _TOKENS_A_SECTION * min(outlining.most(pages), max(8, pages * 2))

    def ask(messages: Sequence[llm.Message]) -> str:
        return steps.ask(Question("outline", None, messages, room, outlining.SCHEMA))

    try:
        entries = json_answers.asked(prompt.messages, ask, lambda document: outlining.read(document, pages))
    except json_answers.NotFit as error:
        raise OutlineInvalid from error
    with desk.writing():
        outlines.make(desk.document, entries)

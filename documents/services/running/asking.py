"""Asking for JSON: a prompt of the document, a step for each answer, and its faults given back."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from core import llm
from core.llm import json_answers
from documents.models import DocumentSection
from documents.prompting import Prompt
from documents.services.running.desk import Desk
from documents.services.running.steps import Question
from documents.services.running.steps import Steps

T = TypeVar("T")
Ask = Callable[[Sequence[llm.Message]], str]


@dataclass(frozen=True, slots=True)
class Clerk:
    """Asks for one section, or for the document where that is None."""

    desk: Desk
    steps: Steps
    section: DocumentSection | None = None

    def prompt(self, task: str, data: Mapping[str, Any], *, sources: str = "") -> Sequence[llm.Message]:
        """What a model is told."""
        model = llm.catalogue.get(self.desk.models[0])
        return Prompt(self.desk.document, model=model, task=task, data=data, sources=sources).messages

    def by(self, kind: str, room: int, schema: llm.Schema | None, *, models: Sequence[str] = (), **more: Any) -> Ask:
        """Asks, each time as a step of this kind; ``models`` in place of those that write."""

        def ask(messages: Sequence[llm.Message]) -> str:
            question = Question(kind, self.section, tuple(messages), room, schema, models=tuple(models), **more)
            return self.steps.ask(question)

        return ask

    def asked(
        self, kind: str, messages: Sequence[llm.Message], room: int, schema: llm.Schema, fit: Callable[[Any], T]
    ) -> T:
        """What ``fit`` makes of the answer. Raises NotFit when nothing fits after two repairs."""
        return json_answers.asked(messages, self.by(kind, room, schema), fit)

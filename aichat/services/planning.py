"""What must be right before a question is written: model, plan, files, place in the tree, length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from aichat import branches
from aichat import prompting
from aichat.errors import AnswerRunning
from aichat.errors import NotAQuestion
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.prompting import Prompt
from aichat.services import answers
from aichat.services import choosing
from aichat.services import preferences
from aichat.services.choosing import usable_model
from core import llm
from core.errors import NotFound
from core.llm import efforts
from core.models import StoredFile

Role = ChatMessage.Role


class Active:
    """The default of ``parent_id``: below the active leaf."""


ACTIVE = Active()


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to ask, as it came in."""

    content: str
    model: str
    attachments: Sequence[UUID]
    parent_id: UUID | Active | None
    effort: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """A question that may be written: by which model, where in the tree, with what prompt.

    ``cost`` is what the question adds to later prompts, in tokens.
    """

    model: llm.Model
    effort: str
    parent_id: UUID | None
    is_branch: bool
    files: list[StoredFile]
    prompt: Prompt
    cost: int
    succeeded: str
    """The model that was asked for, when its maker has switched it off and its heir answers."""


def plan_question(actor: User, chat: Chat, asked: Question, *, dry: bool = False) -> AnswerPlan:
    """Check a question and compose its prompt; ``dry`` lets a plan that is too low and a running answer pass."""
    model = usable_model(actor, asked.model or chat.model, check_tier=not dry)
    files = _own_files(actor, asked.attachments)
    prompting.check_vision(files, model)
    below = chat.active_leaf_id if isinstance(asked.parent_id, Active) else asked.parent_id
    branch = branches.walk_up(actor.pk, chat_id=chat.pk, start=below) if below else []
    if below and not branch:
        raise NotFound
    if branch and not dry:
        _check_parent(branch[0])
    effort = efforts.asked(model, efforts.checked(model, asked.effort), chat.effort)
    turn = prompting.question(asked.content, files, model)
    prompt = prompting.compose(
        model,
        prompting.Room.of(chat, efforts.ceiling(model, effort)),
        system_prompt=preferences.before(actor, chat.system_prompt),
        history=branch,
        files_of=branches.attachments([row.pk for row in branch]) if branch else {},
        required=[turn],
    )
    return AnswerPlan(
        model=model,
        effort=effort,
        parent_id=below,
        is_branch=not isinstance(asked.parent_id, Active),
        files=files,
        prompt=prompt,
        cost=prompting.count(turn, model),
        succeeded=choosing.succeeded(asked.model or chat.model, model),
    )


def _own_files(actor: User, file_ids: Sequence[UUID]) -> list[StoredFile]:
    if not file_ids:
        return []
    found = StoredFile.objects.visible_to(actor).in_bulk(list(file_ids))
    if len(found) != len(set(file_ids)):
        raise NotFound("One of the attached files does not exist any more.")
    return [found[file_id] for file_id in dict.fromkeys(file_ids)]


def _check_parent(parent: ChatMessage) -> None:
    if parent.is_running and not (answers.is_stale(parent) and answers.abandon(parent.pk, parent.attempt)):
        raise AnswerRunning(message_id=str(parent.pk))
    if parent.role == Role.USER:
        raise NotAQuestion


def plan_continuation(actor: User, chat: Chat, row: ChatMessage, model: llm.Model, most: int) -> Prompt:
    """What the model reads to go on where an answer stopped; ``most`` tokens may be written."""
    branch = branches.walk_up(actor.pk, chat_id=chat.pk, start=row.pk)[1:]
    files_of = branches.attachments([turn.pk for turn in branch])
    required = [prompting.question(branch[0].content, files_of.get(branch[0].pk, ()), model)] if branch else []
    if row.content:
        required += [llm.Message("assistant", row.content), llm.Message("user", prompting.CONTINUE)]
    return prompting.compose(
        model,
        prompting.Room.of(chat, most),
        system_prompt=preferences.before(actor, chat.system_prompt),
        history=branch[1:],
        files_of=files_of,
        required=required,
    )

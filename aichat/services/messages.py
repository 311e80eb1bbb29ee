"""Asking, asking again, continuing, stopping.

Before anything is written the request is checked whole: chat, model, plan, files, length. Then one transaction locks
the chat's row, writes the question and the empty answer, and sets the tokens aside; so a process that dies at any point
leaves either nothing, or an answer with its hold that the sweepers end (`aichat.services.answers.abandon_stale`, and
billing's own). Nothing here talks to a provider: the :class:`AnswerAttempt` that comes back is for the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db import connection
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from aichat import branches
from aichat import prompting
from aichat.attempts import AnswerAttempt
from aichat.errors import AnswerRunning
from aichat.errors import ChatMoved
from aichat.errors import NotAnAnswer
from aichat.errors import NothingToContinue
from aichat.errors import TooManyAnswers
from aichat.events import AnswerStarted
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import MessageAttachment
from aichat.models import searchable
from aichat.prompting import Prompt
from aichat.services import affording
from aichat.services import answers
from aichat.services import choosing
from aichat.services import noticing
from aichat.services import preferences
from aichat.services import telling
from aichat.services import titles
from aichat.services.chats import own_chat
from aichat.services.choosing import usable_model
from aichat.services.planning import ACTIVE
from aichat.services.planning import Active
from aichat.services.planning import AnswerPlan
from aichat.services.planning import Question
from aichat.services.planning import plan_continuation
from aichat.services.planning import plan_question
from core import llm
from core import sql
from core.errors import IdempotencyMismatch
from core.errors import NotFound
from core.ids import uuid7
from core.llm import efforts
from core.llm.base import person_id
from core.models import StoredFile
from core.observability.context import current_request_id
from core.sql import identity
from core.sql import moment
from core.text import folded
from core.text import is_visible

FEATURE = "aichat"
MAX_CHARS = 200_000
MAX_ATTACHMENTS = 10

Status = ChatMessage.Status
Role = ChatMessage.Role
_CONTINUABLE = (Status.INCOMPLETE, Status.STOPPED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer to follow. ``attempt`` is there when it is yet to be begun, and None when it is only attached to."""

    message: ChatMessage
    user_message: ChatMessage | None = None
    attempt: AnswerAttempt | None = None
    left_out: int = 0
    files: Sequence[StoredFile] = ()
    siblings: Mapping[UUID | None, list[UUID]] = field(default_factory=dict)
    succeeded: str = ""
    """The model that was asked for, when its maker has switched it off and its heir answers."""


def post_message(
    actor: User,
    *,
    chat_id: UUID,
    content: str,
    client_id: str | None = None,
    model: str = "",
    attachments: Sequence[UUID] = (),
    parent_id: UUID | Active | None = ACTIVE,
    effort: str | None = None,
    leaf_id: UUID | None = None,
) -> Exchange:
    """Ask: below the active leaf, or as a new branch below ``parent_id`` (None: at the root).

    ``leaf_id`` is the last message that the asker sees; when another is the active leaf by now, ChatMoved is raised.
    A repeated ``client_id`` returns the first exchange; with other content it raises IdempotencyMismatch. Raises
    NotFound, UnknownModel, UnknownEffort, NoProvider, UpgradeRequired, VisionRequired, QuestionTooLong, AnswerRunning,
    ChatMoved, NotAQuestion, EffortTooDear and what ``metering.hold`` raises; then nothing was written, nothing charged.
    """
    chat = own_chat(actor, chat_id)
    if client_id and (first := _repeated(chat, client_id, content, attachments)):
        return first
    if leaf_id is not None and isinstance(parent_id, Active) and leaf_id != chat.active_leaf_id:
        raise ChatMoved
    plan = plan_question(actor, chat, Question(content, model, attachments, parent_id, effort))
    user_message, answer = _draft(chat, plan, content, client_id)
    asked = affording.Asked.of(plan.model, plan.effort, plan.prompt)
    try:
        with affording.explained(actor.pk, asked), transaction.atomic():
            _lock(chat, leaf_must_stand=isinstance(parent_id, Active))
            ChatMessage.objects.bulk_create([user_message, answer])
            MessageAttachment.objects.bulk_create(
                MessageAttachment(message=user_message, file=file, position=position)
                for position, file in enumerate(plan.files)
            )
            _move_to(chat, answer, question=content)
            attempt = _hold(actor, chat, answer, asked, plan.prompt)
    except (IntegrityError, AnswerRunning) as error:
        # The same request was faster on another connection.
        if client_id and (first := _repeated(chat, client_id, content, attachments)):
            return first
        if isinstance(error, AnswerRunning):
            raise
        raise NotFound from None  # the parent or a file went away meanwhile
    _remember_counts(plan.prompt, plan.model)
    siblings = branches.siblings(chat.pk, [plan.parent_id]) if plan.is_branch else {}
    return Exchange(answer, user_message, attempt, plan.prompt.left_out, plan.files, siblings, plan.succeeded)


def regenerate(actor: User, *, chat_id: UUID, message_id: UUID, model: str = "", effort: str | None = None) -> Exchange:
    """Answer the same question again, beside the answer ``message_id``. Raises as :func:`post_message`."""
    chat = own_chat(actor, chat_id)
    old = _answer(actor, chat, message_id)
    if old.parent_id is None:
        raise NotAnAnswer
    chosen = usable_model(actor, model or chat.model)
    thinking = efforts.asked(chosen, efforts.checked(chosen, effort), chat.effort)
    branch = branches.walk_up(actor.pk, chat_id=chat.pk, start=old.parent_id)
    files_of = branches.attachments([row.pk for row in branch])
    asked = branch[0]
    prompt = prompting.compose(
        chosen,
        prompting.Room.of(chat, efforts.ceiling(chosen, thinking)),
        system_prompt=preferences.before(actor, chat.system_prompt),
        history=branch[1:],
        files_of=files_of,
        required=[prompting.question(asked.content, files_of.get(asked.pk, ()), chosen)],
    )
    answer = _new_answer(chat, chosen, thinking, parent_id=old.parent_id)
    wanted = affording.Asked.of(chosen, thinking, prompt)
    with affording.explained(actor.pk, wanted), transaction.atomic():
        _lock(chat)
        if asked.withheld:  # it is asked anew; whether it is refused anew the end will tell
            ChatMessage.objects.filter(pk=asked.pk).update(withheld=False)
        ChatMessage.objects.bulk_create([answer])
        _move_to(chat, answer)
        attempt = _hold(actor, chat, answer, wanted, prompt)
    _remember_counts(prompt, chosen)
    siblings = branches.siblings(chat.pk, [answer.parent_id])
    succeeded = choosing.succeeded(model or chat.model, chosen)
    return Exchange(answer, None, attempt, prompt.left_out, siblings=siblings, succeeded=succeeded)


def continue_message(
    actor: User, *, chat_id: UUID, message_id: UUID, effort: str | None = None, room: int = 1
) -> Exchange:
    """Let an answer grow from where it stopped; a running one is only attached to.

    ``room`` is how many times as long as usual it may become. Raises NothingToContinue for an answer that
    ended by itself, and as :func:`post_message`.
    """
    chat = own_chat(actor, chat_id)
    row = _answer(actor, chat, message_id)
    siblings = branches.siblings(chat.pk, [row.parent_id])
    if row.is_running and not (answers.is_stale(row) and answers.abandon(row.pk, row.attempt)):
        return Exchange(row, siblings=siblings)
    row.refresh_from_db()
    if row.status not in _CONTINUABLE and row.finish_reason != "length":
        raise NothingToContinue
    # Two models do not write one answer.
    model = usable_model(actor, row.model, may_succeed=False)
    thinking = efforts.asked(model, efforts.checked(model, effort), row.effort, chat.effort)
    prompt = plan_continuation(actor, chat, row, model, efforts.ceiling(model, thinking, times=room))
    asked = affording.Asked.of(model, thinking, prompt)
    with affording.explained(actor.pk, asked), transaction.atomic():
        _lock(chat)
        if not _begin_attempt(row, thinking):
            return Exchange(_answer(actor, chat, message_id), siblings=siblings)
        attempt = _hold(actor, chat, row, asked, prompt)
    return Exchange(row, None, attempt, prompt.left_out, siblings=siblings)


def request_stop(actor: User, *, chat_id: UUID, message_id: UUID) -> ChatMessage:
    """Ask the process that writes an answer, whichever it is, to stop; an ended answer is returned as it is."""
    row = _answer(actor, own_chat(actor, chat_id), message_id)
    if row.is_running:
        ChatMessage.objects.running().filter(pk=row.pk, attempt=row.attempt).update(stop_requested=True)
    return row


def mark_seen(actor: User, *, chat_id: UUID, message_id: UUID) -> None:
    """An answer is shown to its owner: no device needs to tell of it any more. Raises NotFound, NotAnAnswer."""
    row = _answer(actor, own_chat(actor, chat_id), message_id)
    with transaction.atomic():
        if ChatMessage.objects.filter(pk=row.pk, unseen=True).update(unseen=False):
            noticing.forget(actor.pk, chat_id)


def _answer(actor: User, chat: Chat, message_id: UUID) -> ChatMessage:
    row = ChatMessage.objects.visible_to(actor).filter(pk=message_id, chat_id=chat.pk).first()
    if row is None:
        raise NotFound
    if row.role != Role.ASSISTANT:
        raise NotAnAnswer
    return row


_ASKED = "SELECT id FROM chat_messages WHERE chat_id = %s AND client_id = %s"


def _repeated(chat: Chat, client_id: str, content: str, attachments: Sequence[UUID]) -> Exchange | None:
    """The exchange that ``client_id`` began, or None; raises IdempotencyMismatch when it asked something else."""
    known = sql.rows(ChatMessage, ("id",), _ASKED, [identity(chat.pk), client_id])
    if not known:
        return None
    asked = ChatMessage.objects.get(pk=known[0][0])
    files = branches.attachments([asked.pk]).get(asked.pk, [])
    if asked.content != content or {file.pk for file in files} != set(attachments):
        raise IdempotencyMismatch
    first = asked.children.filter(role=Role.ASSISTANT).order_by("id").first()
    if first is None:
        raise NotFound
    return Exchange(first, asked, files=files, siblings=branches.siblings(chat.pk, [asked.parent_id, asked.pk]))


# Inside the transaction -----------------------------------------------------------------------------------------------


_LEAF = "SELECT active_leaf_id FROM chats WHERE id = %s"
_RUNNING = "SELECT id FROM chat_messages WHERE chat_id = %s AND status IN ('pending', 'streaming') LIMIT 1"
_AT_ONCE = """
SELECT COUNT(*) FROM chat_messages m JOIN chats c ON c.id = m.chat_id
 WHERE c.owner_id = %s AND m.status IN ('pending', 'streaming') AND m.heartbeat_at >= %s
"""
_MOVE = "UPDATE chats SET active_leaf_id = %s, updated_at = %s WHERE id = %s"


def _lock(chat: Chat, *, leaf_must_stand: bool = False) -> None:
    """Lock the chat's row until the end of the transaction; one answer at a time is written in a chat.

    Raises AnswerRunning when one is, or, with ``leaf_must_stand``, when the active leaf is not what was read before.
    """
    lock = connection.ops.for_update_sql(no_key=True) if connection.features.has_select_for_update else ""
    found = sql.rows(Chat, ("active_leaf_id",), f"{_LEAF} {lock}", [identity(chat.pk)])
    if not found:
        raise NotFound
    # A statement of its own: what it sees must be younger than the lock.
    running = sql.rows(ChatMessage, ("id",), _RUNNING, [identity(chat.pk)])
    if running:
        raise AnswerRunning(message_id=str(running[0][0]))
    if leaf_must_stand and found[0][0] != chat.active_leaf_id:
        raise AnswerRunning(message_id=str(found[0][0]))


def _draft(chat: Chat, plan: AnswerPlan, content: str, client_id: str | None) -> tuple[ChatMessage, ChatMessage]:
    asked = ChatMessage(
        chat=chat,
        parent_id=plan.parent_id,
        role=Role.USER,
        content=content,
        search_text=folded(content),
        client_id=client_id or None,
        counted_tokens=None if any(file.kind == StoredFile.Kind.IMAGE for file in plan.files) else plan.cost,
        counted_with=plan.model.encoding,
    )
    return asked, _new_answer(chat, plan.model, plan.effort, parent_id=asked.pk)


def _new_answer(chat: Chat, model: llm.Model, effort: str, *, parent_id: UUID) -> ChatMessage:
    answer_id = uuid7()
    return ChatMessage(
        pk=answer_id,
        chat=chat,
        parent_id=parent_id,
        role=Role.ASSISTANT,
        status=Status.PENDING,
        model=model.id,
        provider=model.provider,
        effort=effort or None,
        attempt=1,
        hold_key=_key(answer_id, 1),
    )


def _key(message_id: UUID, attempt: int) -> str:
    return f"{FEATURE}:{message_id}:{attempt}"


def _move_to(chat: Chat, answer: ChatMessage, *, question: str = "") -> None:
    """Show the new branch; the first question also gives the chat its first title."""
    chat.active_leaf_id, chat.updated_at = answer.pk, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [identity(answer.pk), moment(chat.updated_at), identity(chat.pk)])
    if is_visible(question) and chat.title_source == Chat.TitleSource.NONE:
        title = titles.from_question(question)
        Chat.objects.filter(pk=chat.pk).update(
            title=title, search_title=searchable(title), title_source=Chat.TitleSource.QUESTION
        )


def _begin_attempt(row: ChatMessage, effort: str) -> bool:
    """Take an ended answer for the next attempt; False when somebody else was faster."""
    ended_attempt = row.attempt
    row.attempt += 1
    row.hold_key = _key(row.pk, row.attempt)
    row.status, row.error, row.finish_reason = Status.PENDING, None, ""
    row.progress_prompt = row.progress_completion = 0
    row.effort, row.withheld, row.unseen = effort or None, False, False
    row.stop_requested, row.heartbeat_at = False, timezone.now()
    fields = [
        "attempt", "hold_key", "status", "error", "finish_reason", "progress_prompt", "progress_completion",
        "stop_requested", "heartbeat_at", "effort", "withheld", "unseen",
    ]  # fmt: skip
    ended = ChatMessage.objects.filter(pk=row.pk, attempt=ended_attempt).exclude(status__in=ChatMessage.RUNNING)
    return bool(ended.update(**{name: getattr(row, name) for name in fields}))


def _require_room(actor: User) -> None:
    """A user has so many answers at once, whatever the process. Called once the hold has locked the user's quota, so
    those who begin at the same moment see each other. What a dead process left does not count."""
    living = timezone.now() - answers.LEASE
    [(running,)] = sql.ask(_AT_ONCE, [identity(actor.pk), moment(living)])()
    if running > settings.ANSWERS_AT_ONCE:
        raise TooManyAnswers


def _hold(actor: User, chat: Chat, answer: ChatMessage, asked: affording.Asked, prompt: Prompt) -> AnswerAttempt:
    """Set the tokens aside. Raises TooManyAnswers, and what :func:`metering.hold` raises."""
    hold = affording.hold(actor.pk, asked, key=answer.hold_key, feature=FEATURE, reference=str(answer.pk))
    _require_room(actor)
    telling.tell(actor.pk, AnswerStarted(chat_id=chat.pk, message_id=answer.pk))
    return AnswerAttempt(
        answer_id=answer.pk,
        number=answer.attempt,
        chat_id=chat.pk,
        owner_id=actor.pk,
        began_at=timezone.now(),
        hold_key=answer.hold_key,
        held_tokens=hold.amount,
        model=asked.model,
        prompt=prompt.messages,
        prompt_tokens=prompt.tokens,
        max_tokens=hold.max_tokens,
        temperature=chat.temperature,
        effort=asked.effort or None,
        person=person_id(actor.pk),
        thread=str(chat.pk),
        base=answer.content,
        thought_base=answer.reasoning,
        thinking_base_ms=answer.thinking_ms or 0,
        asked_on=llm.catalogue.today(),
        tokens_a_second=asked.habit.tokens_a_second,
        cost_base=answer.cost,
        reasoning_base=answer.reasoning_tokens,
        may_name=chat.title_source in titles.OPEN and not chat.temporary,
        request_id=current_request_id(),
    )


def _remember_counts(prompt: Prompt, model: llm.Model) -> None:
    """Keep the counts that had to be made, so that the next question need not make them again."""
    if not prompt.counts:
        return
    rows = [
        ChatMessage(pk=message_id, counted_tokens=tokens, counted_with=model.encoding)
        for message_id, tokens in prompt.counts.items()
    ]
    ChatMessage.objects.bulk_update(rows, ["counted_tokens", "counted_with"], batch_size=200)

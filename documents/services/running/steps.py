"""Steps: calls of models and look-ups, each stored in the transaction that pays for it, and never made twice."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from typing import NoReturn

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from billing import metering
from core import jobs
from core import llm
from core.errors import DomainError
from core.llm import efforts
from core.llm import errors
from core.llm import prices
from core.llm import tokens
from core.llm.base import Options
from documents import prompting
from documents.errors import ModelsUnavailable
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentStep
from documents.services import paying
from documents.services.running.desk import Desk

FEATURE = "documents"
WAITS = (2, 4, 8, 16, 32)
"""Seconds before a model is asked again; then the next one is."""
_KEEP_EVERY_SECONDS = 30.0
_PASSING = (
    errors.ProviderUnavailable,
    errors.ProviderSilent,
    errors.ProviderRateLimited,
    errors.StreamCut,
    errors.EmptyAnswer,
    errors.OnlyThought,
    errors.ThoughtTooLong,
    errors.MalformedCall,
)
"""It may answer when it is asked again."""
_OF_ONE_MODEL = (
    errors.ProviderRejectedKey,
    errors.ProviderQuotaExceeded,
    errors.ProviderRefused,
    errors.UnknownModel,
    errors.ModelEnded,
    errors.NoProvider,
)
"""It will not, and another one may."""
State = DocumentStep.State


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a model. ``room`` are the tokens that its answer may have, without its thinking; ``models`` are
    asked in place of those that write. The same question with another ``salt`` is another one."""

    kind: str
    section: DocumentSection | None
    messages: Sequence[llm.Message]
    room: int
    schema: llm.Schema | None = None
    temperature: float = 0.4
    models: tuple[str, ...] = ()
    salt: str = ""

    def input_hash(self, model: str) -> str:
        """Of all that the answer depends on."""
        told = [[message.role, message.content] for message in self.messages]
        schema = self.schema.name if self.schema else ""
        return _hash([prompting.VERSION, self.kind, model, self.room, schema, told, self.salt])


@dataclass(slots=True)
class _Tries:
    """How often a question was asked already: of which model, in the checkpoint of the job."""

    key: str
    model: int = 0
    tries: int = 0

    @classmethod
    def of(cls, run: jobs.Run, key: str) -> _Tries:
        kept = run.checkpoint if isinstance(run.checkpoint, dict) else {}
        return cls(key, kept["model"], kept["tries"]) if kept.get("at") == key else cls(key)

    def stored(self) -> dict[str, Any]:
        return {"at": self.key, "model": self.model, "tries": self.tries}


@dataclass(slots=True)
class Steps:
    """The steps of one run."""

    desk: Desk
    _kept_at: float = field(default=0.0)
    _last: tuple[str, DocumentSection | None] = ("", None)

    def ask(self, question: Question) -> str:
        """The text of the answer, perhaps one that was given before.

        Ends the run for a while where models do not answer. Raises ModelsUnavailable, ContextTooLong, ContentFiltered,
        what metering refuses with, and what the job's claim raises.
        """
        self._last = (question.kind, question.section)
        models = question.models or tuple(self.desk.models)
        hashes = {question.input_hash(model): model for model in models}
        done = self._find(question.kind, question.section).filter(input_hash__in=hashes, state=State.DONE).first()
        if done is not None:
            return str(done.output["answer"])
        self.desk.rest()
        tries = _Tries.of(self.desk.run, next(iter(hashes)))
        while tries.model < len(models):
            try:
                return self._asked(question, models[tries.model])
            except _OF_ONE_MODEL:
                tries.model, tries.tries = tries.model + 1, 0
            except _PASSING as error:
                self._again(tries, error, is_last=tries.model + 1 == len(models))
        raise ModelsUnavailable

    def discard_last(self) -> None:
        """The last question had no answer that fits: when it is asked again, it is asked anew."""
        kind, section = self._last
        with self.desk.writing():
            self._find(kind, section).filter(state=State.DONE).update(state=State.FAILED, error_code="not_fit")

    def look_up(self, kind: str, section: DocumentSection | None, inputs: Any, do: Callable[[], Any]) -> Any:
        """The JSON that ``do`` gives, or gave before for the same ``inputs``. What it raises leaves nothing behind."""
        input_hash = _hash([kind, inputs])
        done = self._find(kind, section).filter(input_hash=input_hash, state=State.DONE).first()
        if done is not None:
            return done.output
        step = self._opened(kind, section, input_hash)
        began = time.monotonic()
        try:
            output = do()
        except DomainError as error:
            self._failed(step, error.code)
            raise
        with self.desk.writing():
            self._done(step, output, seconds=time.monotonic() - began)
            self.desk.run.save(checkpoint={"done": str(step.pk)})
        return output

    def _find(self, kind: str, section: DocumentSection | None) -> Any:
        return DocumentStep.objects.filter(document=self.desk.document, section=section, kind=kind)

    def tries(self, kind: str, section: DocumentSection | None) -> int:
        """How often the last look-up of this kind was begun."""
        last = self._find(kind, section).order_by("-id").first()
        return last.attempt if last else 0

    def _again(self, tries: _Tries, error: DomainError, *, is_last: bool) -> None:
        """The same model later, or the next one now. A circuit that is open says itself that waiting is of no use."""
        if tries.tries >= len(WAITS) or (isinstance(error, errors.ProviderPaused) and not is_last):
            tries.model, tries.tries = tries.model + 1, 0
            return
        wait = max(WAITS[tries.tries], error.retry_after or 0)
        tries.tries += 1
        self.desk.run.later(wait, checkpoint=tries.stored())

    def _asked(self, question: Question, model: str) -> str:
        entry = llm.catalogue.require(model)
        step = self._opened(question.kind, question.section, question.input_hash(model), model=model)
        prompt_tokens, room = tokens.count_messages(question.messages, entry), _room(question, entry)
        try:
            hold = metering.hold(
                self.desk.user.pk,
                key=step.hold_key,
                prompt_tokens=prompt_tokens,
                max_tokens=room,
                feature=FEATURE,
                reference=str(self.desk.document.pk),
                model=model,
                cost=prices.cost(llm.Usage(prompt_tokens, room), entry, llm.catalogue.today()),
                funded_by=paying.funded_by(self.desk.row, question.section),
            )
        except DomainError as error:
            self._failed(step, error.code)
            raise
        self.desk.go_on()
        began = time.monotonic()
        try:
            answer = self._completed(question, entry, step, hold.max_tokens)
        except DomainError as error:
            self._failed(step, error.code)
            raise
        except (jobs.Cancelled, jobs.Paused):
            self._failed(step, "ended")
            raise
        usage = answer.usage or llm.Usage(prompt_tokens, tokens.count_text(answer.text, entry))
        with self.desk.writing():
            self._paid(step, entry, answer, usage, seconds=time.monotonic() - began)
        return answer.text

    def _completed(self, question: Question, entry: llm.Model, step: DocumentStep, room: int) -> llm.Answer:
        answer = llm.complete(
            question.messages,
            model=entry.id,
            max_tokens=room,
            check=lambda: self._look(step.hold_key),
            **_options(question, entry, thread=str(self.desk.document.pk)),
        )
        if answer.finish_reason in {"content_filter", "refusal"}:
            raise errors.ContentFiltered
        if not answer.text.strip():
            raise errors.EmptyAnswer
        return answer

    def _look(self, hold_key: str) -> None:
        """Called every second while a model writes."""
        self.desk.run.check()
        now = time.monotonic()
        if now - self._kept_at > _KEEP_EVERY_SECONDS:
            self._kept_at = now
            metering.keep(hold_key, timedelta(seconds=settings.HOLD_TTL_SECONDS))

    def _opened(self, kind: str, section: DocumentSection | None, input_hash: str, *, model: str = "") -> DocumentStep:
        """The row of this try, before anything is asked. What a process that died was asked for costs nothing."""
        with self.desk.writing():
            rows = self._find(kind, section).select_for_update(of=("self",))
            step: DocumentStep | None = rows.filter(input_hash=input_hash).first()
            if step is None:
                step = DocumentStep(document=self.desk.document, section=section, kind=kind, input_hash=input_hash)
            else:
                self._released(step)
                step.attempt += 1
            step.state, step.model, step.error_code = State.RUNNING, model, ""
            step.prompt_version = prompting.VERSION if model else ""
            step.hold_key = f"documents:{step.pk}:{step.attempt}" if model else ""
            step.save()
        return step

    def _released(self, step: DocumentStep) -> None:
        if step.state != State.RUNNING:
            return
        if step.hold_key:
            metering.settle(step.hold_key, source="local")
            self.desk.spent(lost_calls=F("lost_calls") + 1)

    def _failed(self, step: DocumentStep, code: str) -> None:
        """Nothing came of this try, and nothing is charged."""
        with self.desk.writing():
            if step.hold_key:
                metering.settle(step.hold_key, source="local")
            step.state, step.error_code = State.FAILED, code[:40]
            step.save(update_fields=["state", "error_code"])

    def _paid(
        self, step: DocumentStep, entry: llm.Model, answer: llm.Answer, usage: llm.Usage, *, seconds: float
    ) -> None:
        """The answer is stored and charged, both or neither. In the caller's transaction."""
        charge = prices.charge(usage, entry, llm.catalogue.today())
        metering.settle(step.hold_key, source="provider" if answer.usage else "local", usage=usage, charge=charge)
        step.prompt_tokens, step.completion_tokens = usage.prompt_tokens, usage.completion_tokens
        self._done(step, {"answer": answer.text.replace("\x00", "")}, seconds=seconds)
        spent = usage.prompt_tokens + usage.completion_tokens
        self.desk.spent(tokens=F("tokens") + spent, cost=F("cost") + (charge.cost or Decimal(0)))
        changes: dict[str, Any] = {"tokens_used": F("tokens_used") + spent, "updated_at": timezone.now()}
        if entry.is_demo:
            changes["is_demo"] = True
        Document.objects.filter(pk=self.desk.document.pk).update(**changes)
        self.desk.run.save(checkpoint={"done": str(step.pk)})

    @staticmethod
    def _done(step: DocumentStep, output: Any, *, seconds: float) -> None:
        step.state, step.output, step.seconds, step.done_at = State.DONE, output, seconds, timezone.now()
        step.save()


def pause_for(error: DomainError) -> tuple[DocumentRun.Pause, float]:
    """Why a run waits that was refused tokens, and for how long."""
    return DocumentRun.Pause.TOKENS, float(error.context.get("retry_after") or error.retry_after or 60)


def _room(question: Question, model: llm.Model) -> int:
    """Tokens of an answer, with the little thinking that the model cannot leave."""
    return min(model.max_output_tokens, question.room + efforts.thought(efforts.least(model) or "none"))


def _options(question: Question, model: llm.Model, *, thread: str) -> Options:
    return Options(
        temperature=question.temperature,
        effort=efforts.least(model),
        thread=thread,
        # The demo is asked by a schema too: that is how it knows what to answer.
        schema=question.schema if model.schema or model.is_demo else None,
    )


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def give_up(error: DomainError) -> NoReturn:
    """The job ends with the sentence that its run has."""
    raise jobs.GiveUp(error.sentence) from error

"""Reading a file before anything is charged: facts, language, quote. A job, which may run twice."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

from core import jobs
from core.errors import DomainError
from core.models import Job
from translation import detecting
from translation import errors
from translation import languages
from translation.models import Translation
from translation.providers import registry
from translation.services import choosing
from translation.services import telling
from translation.services.documents import quoting
from translation.services.documents import spooling
from translation.services.documents import starting
from translation.services.documents.facts import Facts
from translation.services.documents.facts import read


def work(run: jobs.Run) -> None:
    """Read, quote, and start by itself where its owner said up to which price."""
    found = Translation.objects.select_related("source_file", "user").filter(pk=run.payload["translation"]).first()
    if found is None or found.stage != Translation.Stage.INSPECTING or found.source_file is None:
        return
    try:
        with spooling.folder() as folder:
            path = spooling.fetch(found.source_file.key, folder / f"source.{found.format}")
            facts, warnings = read(path, found.format)
        run.check()
        found.facts, found.warnings = facts.stored(), warnings
        _detect(found, facts)
        _choose_model(found)
        quoting.write(found)
    except DomainError as error:
        if error.status >= 500:
            raise
        with run.fenced():
            fail(found, error.code, error.sentence)
        return
    with run.fenced():
        row = _lock(found)
        if row is None:
            return
        found.stage = Translation.Stage.READY
        found.save()
        telling.updated(found)
    if found.max_cost is not None and found.cost <= Decimal(found.max_cost):
        starting.start_agreed(found)


def ended(job: Job) -> None:
    """The reading failed for good, or was cancelled."""
    found = Translation.objects.filter(pk=job.payload["translation"], stage=Translation.Stage.INSPECTING).first()
    if found is not None:
        unread = errors.FileUnreadable()
        fail(found, unread.code, job.error or unread.sentence)


def fail(found: Translation, code: str, sentence: str) -> None:
    """It cannot be translated, for a reason that its owner can read. In the caller's transaction."""
    failed = Translation.Status.FAILED
    row = _lock(found)
    if row is None:
        return
    row.status, row.stage = failed, Translation.Stage.FAILED
    row.error_code, row.error_message = code, sentence[:500]
    row.facts, row.warnings = found.facts, found.warnings
    row.save()
    telling.updated(row)


def _lock(found: Translation) -> Translation | None:
    """The row, where nobody has cancelled or deleted it meanwhile."""
    waiting = Translation.objects.select_for_update(of=("self",)).filter(stage=Translation.Stage.INSPECTING)
    return waiting.filter(pk=found.pk, user__isnull=False).first()


def _choose_model(found: Translation) -> None:
    """The one that translates where nobody chose; without one, models are not among the offers."""
    if found.user is None or not registry.is_on("llm"):
        return
    with suppress(DomainError):
        found.model = choosing.service(found.user, asked="llm", model=found.model).model


def _detect(found: Translation, facts: Facts) -> None:
    if found.source_lang or not facts.sample:
        return
    seen = detecting.detect(facts.sample)
    found.detected_lang, found.detected_sure = seen.code, seen.is_sure
    if seen.is_sure and languages.is_same(seen.code, found.target_lang):
        raise errors.SameLanguage(language=found.target_lang)

"""The free sample: the beginning of a document by the text endpoint of its service. Nobody is charged for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from accounts.models import User
from core import jobs
from core.models import Job
from translation import errors
from translation import limits
from translation import markers
from translation import metrics
from translation import passages
from translation import reading
from translation import translating
from translation.models import Translation
from translation.providers import registry
from translation.segments import Segment
from translation.services import telling
from translation.services.documents import own_path
from translation.services.documents import spooling

PREVIEW = "translation.preview"
_STAGES = (Translation.Stage.READY, Translation.Stage.PAYING)


def is_wanted(found: Translation) -> bool:
    """Whether there is none of this offer yet. Raises NotReady before it is quoted, or once it was started."""
    if found.stage not in _STAGES:
        raise errors.NotReady
    return not (found.preview and found.preview["service"] == found.service)


def begin(user: User, found: Translation) -> None:
    """Have it made; once for each offer."""
    payload = {"translation": str(found.pk), "service": found.service}
    jobs.enqueue(PREVIEW, payload=payload, owner=user, key=f"{found.pk}:{found.quote_digest}")


def work(run: jobs.Run) -> None:
    """Translate as much of the beginning as is free."""
    rows = Translation.objects.select_related("source_file", "glossary", "user")
    found = rows.filter(pk=run.payload["translation"], stage__in=_STAGES, service=run.payload["service"]).first()
    if found is None or found.source_file is None or not registry.is_on(found.service):
        return
    with spooling.folder() as folder:
        path = spooling.fetch(found.source_file.key, folder / f"source.{found.format}")
        wanted = _beginning(found, path)
    told = replace(own_path.context(found, check=run.check), callback="")
    provider = registry.get(found.service)
    answer = translating.run(provider, wanted, told)
    targets = {outcome.number: outcome.text for outcome in answer.outcomes}
    metrics.PREVIEWS.labels(found.service).inc()
    with run.fenced():
        row = Translation.objects.select_for_update(of=("self",)).filter(pk=found.pk, stage__in=_STAGES).first()
        if row is None or row.user_id is None:
            return
        row.preview = {
            "service": found.service,
            "is_demo": found.is_demo,
            "segments": [
                {"source": markers.plain(one.text), "target": markers.plain(targets.get(one.number, ""))}
                for one in wanted
            ],
        }
        row.save(update_fields=["preview"])
        telling.updated(row)


def ended(job: Job) -> None:
    """There is none, and nothing else changes."""
    telling_of = Translation.objects.filter(pk=job.payload["translation"], stage__in=_STAGES).first()
    if telling_of is not None:
        telling.updated(telling_of)


def _beginning(found: Translation, path: Path) -> list[Segment]:
    if found.format in reading.FORMATS:
        return _cut(reading.extract(path, found.format).segments)
    sample = str(found.facts.get("sample", ""))[: limits.PREVIEW_CHARS]
    return _cut(passages.split(sample).segments)


def _cut(segments: Sequence[Segment]) -> list[Segment]:
    room = limits.PREVIEW_CHARS
    taken: list[Segment] = []
    for segment in segments:
        room -= len(markers.plain(segment.text))
        if room < 0 and taken:
            break
        taken.append(segment)
    return taken

"""What catalogues say of sources, written on their rows; catalogues are asked outside of any transaction."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from documents.checks import lamps
from documents.checks.records import Fault
from documents.checks.support import Lamp
from documents.models import DocumentSource
from documents.services import telling
from documents.services.sourcing import citations
from documents.services.sourcing import rows
from documents.sources import catalogues
from documents.sources.examining import Examined
from documents.sources.examining import examine

AGAIN = timedelta(days=30)
"""After which it is asked again what became of a work, as long as its document lives."""
MOST_AT_ONCE = 200
"""Of one round; the next one takes the others."""


def look_at(source: DocumentSource, check: Callable[[], object] = lambda: None) -> bool:
    """Ask the catalogues about one source and write down what they say; whether it is taken back since.

    Not in a transaction. Nobody's silence is raised: it is a grey lamp.
    """
    where = catalogues.demo() if source.is_demo else catalogues.there_are()
    found = examine(rows.work_of(source), where, check)
    with transaction.atomic():
        row = DocumentSource.objects.select_for_update(of=("self",)).filter(pk=source.pk).first()
        if row is None:
            return False
        was_standing = not lamps.is_taken_back(row.retraction)
        write(row, found)
        citations.refresh(row)
        is_new = was_standing and lamps.is_taken_back(row.retraction)
        if is_new:
            telling.updated(row.document)
    source.refresh_from_db()
    return is_new


def write(row: DocumentSource, found: Examined) -> None:
    """The lamps of the record. What was known of a notice is not forgotten while nobody answers."""
    now = timezone.now()
    row.lamps = lamps.of_record(rows.work_of(row), found, now=now)
    if any(one.is_answered for one in found.asked):
        row.retraction = lamps.gravest(found)
    elif lamps.is_taken_back(row.retraction):
        row.lamps[lamps.RETRACTION] |= {"lamp": Lamp.RED.value, "reasons": [Fault.TAKEN_BACK.value]}
    row.checked_at = now
    row.save(update_fields=["lamps", "retraction", "checked_at"])


def due(*, most: int = MOST_AT_ONCE) -> list[UUID]:
    """Sources of living documents that nobody was asked about for a month, the longest ago first."""
    long_ago = timezone.now() - AGAIN
    found = DocumentSource.objects.filter(
        Q(checked_at__lt=long_ago) | Q(checked_at=None, created_at__lt=long_ago),
        document__archived_at=None,
        is_demo=False,
        is_excluded=False,
    )
    return list(found.order_by(F("checked_at").asc(nulls_first=True)).values_list("pk", flat=True)[:most])


def ask_again(check: Callable[[], object] = lambda: None, *, most: int = MOST_AT_ONCE) -> list[UUID]:
    """For the scheduler: ask about the sources that are due; those that were taken back since are told and given back.

    What is done is done: it may be ended by ``check`` and begun again at any place.
    """
    return look_at_all(DocumentSource.objects.filter(pk__in=due(most=most)), check)


def look_at_all(sources: Iterable[DocumentSource], check: Callable[[], object] = lambda: None) -> list[UUID]:
    """One after the other; the ids of those that were taken back since."""
    taken_back = []
    for source in sources:
        check()
        if look_at(source, check):
            taken_back.append(source.pk)
    return taken_back

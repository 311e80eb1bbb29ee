"""Asking for a text to be translated: the row, once for each client id, and what it will cost."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from billing import metering
from core.errors import IdempotencyMismatch
from translation import limits
from translation import pricing
from translation.errors import AlreadyRunning
from translation.models import Glossary
from translation.models import Translation
from translation.models import TranslationText
from translation.providers.base import Formality
from translation.services import choosing
from translation.services import glossaries
from translation.services.choosing import Choice
from translation.services.metered import FEATURE

LOST_AFTER = timedelta(minutes=10)
"""No text takes as long; whoever worked at it is gone."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person wants translated; empty means that the house or the service chooses."""

    text: str
    target_lang: str
    source_lang: str = ""
    service: str = ""
    model: str = ""
    formality: Formality = ""
    glossary: UUID | None = None
    instructions: str = ""


@dataclass(slots=True)
class Begun:
    """A translation that is to be done now; ``is_new`` is False for one that was done before."""

    translation: Translation
    choice: Choice
    glossary: Glossary | None
    text: str
    is_new: bool = True


def known(actor: User, ask: Ask, client_id: str | None) -> Translation | None:
    """What was asked under this client id, when it is over or somebody is at it.

    One that failed, was cancelled, or whose process is gone, is None: it may be done again. Raises
    IdempotencyMismatch, and AlreadyRunning while it is being done.
    """
    found = _by_client_id(actor, client_id)
    if found is None:
        return None
    if found.fingerprint != _fingerprint(ask):
        raise IdempotencyMismatch
    if found.status == Translation.Status.COMPLETED:
        return found
    if found.status == Translation.Status.PENDING:
        return found  # a job will do it
    if found.status == Translation.Status.PROCESSING and not _is_lost(found):
        raise AlreadyRunning
    return None


def begin(actor: User, ask: Ask, *, client_id: str | None = None, is_later: bool = False) -> Begun:
    """Write the row, and hold the tokens of the source where the service is not metered by use.

    Raises what :mod:`translation.services.choosing` does, NotFound and GlossaryMismatch, and what metering raises; then
    nothing is written. ``is_later`` leaves it to a job.
    """
    choice = choosing.service(actor, asked=ask.service, model=ask.model)
    pair = choosing.pair(ask.text, source=ask.source_lang, target=ask.target_lang, able=choice.capabilities)
    glossary = None
    if ask.glossary:
        glossary = glossaries.fitting(actor, ask.glossary, source=pair.source or pair.detected, target=pair.target)
    characters = len(ask.text)
    tokens = pricing.source_tokens(ask.text)
    row = Translation(
        user=actor,
        kind=Translation.Kind.TEXT,
        status=Translation.Status.PENDING if is_later else Translation.Status.PROCESSING,
        source_lang=choosing.language(ask.source_lang) if ask.source_lang else "",
        detected_lang=pair.detected,
        detected_sure=pair.is_sure,
        target_lang=pair.target,
        service=choice.name,
        plan=choice.terms.plan,
        model=choice.model,
        is_demo=choice.provider.is_demo,
        formality=ask.formality,
        glossary=glossary,
        glossary_digest=glossary.digest if glossary else "",
        instructions=ask.instructions,
        char_count=characters,
        billed_chars=characters,
        chunk_count=pricing.units(characters),
        price_per_1800=choice.terms.price,
        cost=pricing.cost(characters, choice.terms.price),
        currency=pricing.CURRENCY,
        tokens_estimated=tokens,
        started_at=timezone.now(),
        client_id=client_id,
        fingerprint=_fingerprint(ask) if client_id else "",
    )
    try:
        return Begun(_written(actor, row, ask.text, choice), choice, glossary, ask.text)
    except IntegrityError:
        if client_id is None:
            raise
        # Somebody else was faster with the same id.
        first = known(actor, ask, client_id)
        if first is None:
            raise AlreadyRunning from None
        return Begun(first, choice, glossary, ask.text, is_new=False)


def _written(actor: User, row: Translation, text: str, choice: Choice) -> Translation:
    with transaction.atomic():
        again = _taken_over(actor, row)
        if again is None:
            row.save(force_insert=True)
            TranslationText.objects.create(translation=row, source=text)
        written = again or row
        if not choice.capabilities.is_metered_by_use:
            metering.hold_exact(
                actor.pk,
                key=hold_key(written),
                tokens=max(1, row.tokens_estimated),
                feature=FEATURE,
                reference=str(written.pk),
                ttl=LOST_AFTER,
            )
    return written


def _taken_over(actor: User, row: Translation) -> Translation | None:
    """The row of an earlier try under the same client id that came to nothing, for another one."""
    found = _by_client_id(actor, row.client_id)
    if found is None:
        return None
    values = {
        field: getattr(row, field)
        for field in (
            "status", "source_lang", "detected_lang", "detected_sure", "target_lang", "service", "plan", "model",
            "is_demo", "price_per_1800", "cost", "started_at",
        )
    }  # fmt: skip
    # Conditional on what it was: of two that try at once, one is the later, and finds it being done.
    if _is_live(found) or found.status == Translation.Status.COMPLETED:
        raise AlreadyRunning
    same = Translation.objects.filter(pk=found.pk, round=found.round, status=found.status)
    if not same.update(**values, round=F("round") + 1, error_code="", error_message=""):
        raise AlreadyRunning
    found.refresh_from_db()
    return found


def hold_key(translation: Translation) -> str:
    """Of the source's tokens in this try."""
    return f"translation:{translation.pk}:{translation.round}"


def _by_client_id(actor: User, client_id: str | None) -> Translation | None:
    return Translation.objects.visible_to(actor).filter(client_id=client_id).first() if client_id else None


def _is_live(translation: Translation) -> bool:
    """A job will do it, or somebody is at it."""
    if translation.status == Translation.Status.PENDING:
        return True
    return translation.status == Translation.Status.PROCESSING and not _is_lost(translation)


def _is_lost(translation: Translation) -> bool:
    return translation.started_at is None or translation.started_at < timezone.now() - LOST_AFTER


def _fingerprint(ask: Ask) -> str:
    return hashlib.sha256(json.dumps(asdict(ask), sort_keys=True, default=str).encode()).hexdigest()


def is_long(ask: Ask) -> bool:
    """Whether it may be done in the background."""
    return len(ask.text) > limits.ASYNC_CHARS

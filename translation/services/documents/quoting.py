"""What a document would cost, by every service and on both paths, side by side.

An offer's digest binds the file, the service, the path, the options and the price: what somebody agrees to is that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from typing import Any
from typing import cast

from django.utils import timezone

from translation import errors
from translation import languages
from translation import limits
from translation import pricing
from translation.books.parts import even
from translation.models import Translation
from translation.providers import registry
from translation.providers.base import Capabilities
from translation.providers.base import FileLimit
from translation.providers.base import Name
from translation.providers.base import Provider
from translation.services.documents import in_place
from translation.services.documents.facts import Facts

READ_PICTURES = frozenset({"otranslator"})
"""Services that read scans."""
USE_PER_HUNDRED = 400
"""What a model may use of tokens for a hundred of the source, with prompts and tries: a bound of ours."""
_IN_PLACE_BELOW = 50_000
"""Characters up to which files of the office are cheaper by their texts than whole: the minimum of who takes them."""
_OFFICE = frozenset({"docx", "pptx", "xlsx"})


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to have a document translated. ``cost`` in dollars; ``minimum`` is why more is billed than there is."""

    service: str
    label: str
    plan: str
    path: str
    is_demo: bool
    characters: int
    billed_chars: int
    minimum: int
    units: int
    price: Decimal
    cost: Decimal
    tokens: int
    parts: int
    keeps_data: str
    digest: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON, decimals as text."""
        return {
            "service": self.service,
            "label": self.label,
            "plan": self.plan,
            "path": self.path,
            "is_demo": self.is_demo,
            "characters": self.characters,
            "billed_chars": self.billed_chars,
            "minimum_chars": self.minimum,
            "chunk_count": self.units,
            "price_per_1800_chars": str(self.price),
            "cost": str(self.cost.quantize(Decimal("0.0001"))),
            "currency": pricing.CURRENCY,
            "tokens": self.tokens,
            "parts": self.parts,
            "keeps_data": self.keeps_data,
            "digest": self.digest,
        }


def page_characters(facts: Facts) -> list[int]:
    """Of each part of a book, in their order."""
    sizes, at, found = even(facts.pages), 0, []
    for size in sizes:
        found.append(sum(facts.by_page[at : at + size]))
        at += size
    return found


def offers(translation: Translation) -> list[Offer]:
    """All of them, the one we would take first. Raises what stands in the way when there is none."""
    facts = Facts.of(translation.facts)
    found = [offer for provider in registry.offered() for offer in _of(provider, translation, facts)]
    if not found:
        raise _why_none(translation, facts)
    return sorted(found, key=lambda offer: _rank(offer, translation, facts))


def write(translation: Translation) -> list[Offer]:
    """Put a fresh quote on the row, which the caller saves; the first offer is the one it is about."""
    found = offers(translation)
    translation.quoted_at = timezone.now()
    translation.quote = {"offers": [offer.stored() for offer in found]}
    take(translation, found[0])
    return found


def take(translation: Translation, offer: Offer) -> None:
    """Let the row be about this offer."""
    translation.service, translation.plan, translation.path = offer.service, offer.plan, offer.path
    translation.is_demo = offer.is_demo
    translation.char_count, translation.billed_chars = offer.characters, offer.billed_chars
    translation.chunk_count, translation.part_count = offer.units, offer.parts
    translation.price_per_1800, translation.cost = offer.price, offer.cost
    translation.currency, translation.tokens_estimated = pricing.CURRENCY, offer.tokens
    translation.quote_digest = offer.digest


def _of(provider: Provider, translation: Translation, facts: Facts) -> Iterator[Offer]:
    wanted = translation.options.get("service")
    if wanted and provider.name != wanted:
        return
    can = provider.capabilities()
    if not _speaks(can, translation) or (can.is_metered_by_use and not translation.model):
        return
    limit = can.formats.get(translation.format)
    if limit is not None and _is_taken(provider, limit, translation, facts):
        yield _native(provider, can, limit, translation, facts)
    has_words = facts.segments or (translation.format == in_place.PDF and facts.characters)
    if facts.has_text and not facts.is_garbled and has_words and translation.format in in_place.FORMATS:
        parts = len(even(facts.pages)) if translation.format == in_place.PDF else facts.parts
        yield _made(provider, can, translation, facts, path="in_place", billed=facts.characters, parts=parts)


def _is_taken(provider: Provider, limit: FileLimit, translation: Translation, facts: Facts) -> bool:
    if not facts.has_text and provider.name not in READ_PICTURES:
        return False
    is_book = translation.format == "pdf" and facts.pages > limits.CHUNK_PAGES
    most = max(page_characters(facts)) if is_book else facts.characters
    return (is_book or facts.size <= limit.max_bytes) and most <= limit.max_characters


def _native(provider: Provider, can: Capabilities, limit: FileLimit, translation: Translation, facts: Facts) -> Offer:
    each = page_characters(facts) if translation.format == "pdf" and facts.pages else [facts.characters]
    billed = sum(max(limit.minimum, characters) for characters in each)
    return _made(
        provider, can, translation, facts, path="native", billed=billed, parts=len(each), minimum=limit.minimum
    )


def _made(
    provider: Provider,
    can: Capabilities,
    translation: Translation,
    facts: Facts,
    *,
    path: str,
    billed: int,
    parts: int,
    minimum: int = 0,
) -> Offer:
    sold = pricing.terms(provider.name)
    offer = Offer(
        service=provider.name,
        label=sold.label,
        plan=sold.plan,
        path=path,
        is_demo=provider.is_demo,
        characters=facts.characters,
        billed_chars=billed,
        minimum=minimum,
        units=pricing.units(billed),
        price=sold.price,
        cost=pricing.cost(billed, sold.price),
        tokens=facts.tokens * USE_PER_HUNDRED // 100 if can.is_metered_by_use else facts.tokens,
        parts=parts,
        keeps_data=can.keeps_data,
    )
    return _signed(offer, translation)


def _signed(offer: Offer, translation: Translation) -> Offer:
    basis = {
        "offer": offer.stored(),
        "file": translation.source_sha256,
        "languages": [translation.source_lang, translation.target_lang],
        "formality": translation.formality,
        "glossary": translation.glossary_digest,
        "instructions": translation.instructions,
        "model": translation.model,
    }
    digest = hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest()
    return replace(offer, digest=digest)


def _speaks(can: Capabilities, translation: Translation) -> bool:
    source = translation.source_lang or translation.detected_lang
    speaks_target = not can.targets or bool(languages.closest(translation.target_lang, can.targets))
    speaks_source = not can.sources or not source or bool(languages.closest(source, can.sources))
    return speaks_target and speaks_source


def _rank(offer: Offer, translation: Translation, facts: Facts) -> tuple[bool, bool, int]:
    """A real service before the demo; the path that keeps most for the least; the order in which services stand."""
    wanted = translation.options.get("path")
    best = "native" if translation.format == "pdf" else "in_place"
    if translation.format in _OFFICE and facts.characters >= _IN_PLACE_BELOW:
        best = "native"
    return offer.is_demo, offer.path != (wanted or best), registry.NAMES.index(cast("Name", offer.service))


def _why_none(translation: Translation, facts: Facts) -> Exception:
    wanted = translation.options.get("service")
    if wanted and not registry.is_on(wanted):
        return errors.UnknownService()
    if facts.is_garbled:
        return errors.GarbledTextLayer()
    if translation.format == "pdf" and not facts.has_text:
        return errors.NoTextLayer()
    if not any(_speaks(provider.capabilities(), translation) for provider in registry.offered()):
        return errors.UnsupportedLanguage()
    if any(translation.format in provider.capabilities().formats for provider in registry.offered()):
        return errors.FileTooLargeForService()
    return errors.UnsupportedFormat(formats=sorted(in_place.FORMATS))

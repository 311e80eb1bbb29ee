"""What is on offer: prices, services, languages; and glossaries."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext

from translation import languages
from translation import limits
from translation import pricing
from translation.models import Glossary
from translation.providers import registry
from translation.providers.base import Capabilities
from translation.providers.base import Name
from translation.text_shapes import EntryShape
from translation.text_shapes import FormatLimitShape
from translation.text_shapes import GlossaryBriefShape
from translation.text_shapes import GlossaryShape
from translation.text_shapes import LanguageShape
from translation.text_shapes import LanguagesShape
from translation.text_shapes import PricingShape
from translation.text_shapes import ServiceShape

MINIMUMS: dict[str, tuple[int, frozenset[str]]] = {
    "deepl": (50_000, frozenset({"pdf", "docx", "doc", "pptx", "xlsx"})),
}
"""Characters billed at least for each file of a format, on or off.

https://support.deepl.com/hc/en-us/articles/360020582359 (2026-11)."""

_NO_SERVICE: Name = "demo"


def money(amount: Decimal) -> str:
    """As a string, with two places at least and no more zeros behind them than it takes."""
    plain = amount.quantize(Decimal("0.0001")).normalize()
    return f"{plain:.2f}" if -int(plain.as_tuple().exponent) < 2 else f"{plain:f}"


def price(service: str | None, characters: int, *, file_format: str | None, pages: int | None) -> PricingShape:
    """For every service, on or off; without a name of the one that is taken where nobody chose."""
    name = service or _usual()
    terms = pricing.terms(name)
    minimum, formats = MINIMUMS.get(name, (0, frozenset[str]()))
    billed = characters
    if file_format and file_format.lower().lstrip(".") in formats:
        parts = -(-pages // limits.CHUNK_PAGES) if pages else 1
        billed = max(characters, parts * minimum)
    shape = {
        "service": name,
        "plan": terms.plan,
        "price_per_1800_chars": money(terms.price),
        "estimated_chunks": pricing.units(characters),
        "estimated_cost": money(pricing.cost(characters, terms.price)),
        "currency": pricing.CURRENCY,
        "minimum_chars": minimum,
        "billed_chars": billed,
        "billed_chunks": pricing.units(billed),
        "billed_cost": money(pricing.cost(billed, terms.price)),
        "is_on": registry.is_on(name),
    }
    if minimum:
        shape["note"] = (
            f"{terms.label} bills each pdf, docx, pptx or xlsx that it takes whole as at least {minimum:,} characters "
            f"(${money(pricing.cost(minimum, terms.price))}). Texts, and files whose texts are put back in place here, "
            "are billed as they are."
        )
    return PricingShape(**shape)


def in_their_language(sentence: str) -> str:
    """A sentence of a provider, in the language of who reads it."""
    # Of nothing, gettext says what it knows of the whole catalogue.
    return gettext(sentence) if sentence else ""


def _usual() -> Name:
    provider = registry.choose()
    return provider.name if provider else _NO_SERVICE


def services() -> list[ServiceShape]:
    """All there are, in the order in which they are taken."""
    return [_service(name) for name in registry.ADAPTERS]


def _service(name: Name) -> ServiceShape:
    terms = pricing.terms(name)
    missing = registry.missing(name)
    able = Capabilities() if missing else registry.get(name).capabilities()
    return ServiceShape(
        id=name,
        label=terms.label,
        plan=terms.plan,
        real=name != "demo",
        is_on=not missing,
        reason=in_their_language(missing),
        price_per_1800_chars=money(terms.price),
        currency=pricing.CURRENCY,
        formats={
            kind: FormatLimitShape(
                max_bytes=limit.max_bytes, max_characters=limit.max_characters, minimum_chars=limit.minimum
            )
            for kind, limit in able.formats.items()
        },
        max_chars=limits.TEXT_CHARS,
        glossary=able.has_glossary,
        formality=bool(able.formal),
        instructions=able.has_instructions,
        keeps_data=in_their_language(able.keeps_data),
    )


def languages_of(service: str, able: Capabilities) -> LanguagesShape:
    """Those we know that the service has."""
    results = []
    for one in languages.ALL.values():
        is_source = not able.sources or bool(languages.closest(one.code, able.sources))
        is_target = not able.targets or bool(languages.closest(one.code, able.targets))
        if is_source or is_target:
            results.append(
                LanguageShape(
                    code=one.code,
                    name=one.name,
                    native_name=one.native_name,
                    source=is_source,
                    target=is_target,
                    formality=one.code in able.formal or one.base in able.formal,
                    glossary=able.has_glossary,
                )
            )
    pairs = able.targets_by_source
    return LanguagesShape(
        service=service,
        results=results,
        pairs=None if pairs is None else {source: sorted(targets) for source, targets in sorted(pairs.items())},
    )


def glossary_brief(row: Glossary) -> GlossaryBriefShape:
    """Without its entries."""
    return GlossaryBriefShape(
        id=row.pk,
        name=row.name,
        source_lang=row.source_lang,
        target_lang=row.target_lang,
        entry_count=len(row.entries),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def glossary(row: Glossary) -> GlossaryShape:
    """With them."""
    entries = [EntryShape(source=source, target=target) for source, target in row.entries]
    return GlossaryShape(**glossary_brief(row).model_dump(), entries=entries)

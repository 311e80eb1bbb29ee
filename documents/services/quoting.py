"""What writing costs: pages at the operator's price, counted of what is not written yet, and tokens.

A document is sold by the page and delivered by the section: each has whole pages of those that were paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from django.conf import settings

from accounts.models import User
from billing import orders
from billing.models import Quote
from documents import limits
from documents.errors import NothingToWrite
from documents.errors import OutlineMissing
from documents.models import Document
from documents.models import DocumentSection

FEATURE = "documents"

_TOKENS_A_WORD = 2
"""Of an answer with its marks and quotes; ours, by the tokenizer of OpenAI's models on English and Ukrainian text."""
_PROMPT_TOKENS = 4_000
"""Of a call, beside the requirements: sources, outline and summaries. Ours, measured on the demo's sources."""
_CALLS_OF_A_SECTION = 4
"""Queries, plan, style and summary, beside one for each part that is written."""


def is_sold() -> bool:
    """Whether pages cost money here."""
    return settings.DOCUMENTS.price_per_page > 0


def current(actor: User, document: Document) -> Quote:
    """The quote of the outline as it is. Raises OutlineMissing, NothingToWrite."""
    sections = unwritten(document)
    pages = pages_of(sections)
    return orders.quote(
        actor,
        feature=FEATURE,
        reference=str(document.pk),
        title=document.title,
        lines=[orders.Line("page", pages, pages, settings.DOCUMENTS.price_per_page)],
        units=pages,
        currency=settings.DOCUMENTS.currency,
        tokens=_tokens(document, sections),
    )


def unwritten(document: Document) -> list[DocumentSection]:
    """Raises OutlineMissing and NothingToWrite."""
    rows = DocumentSection.objects.filter(document=document).order_by("number").only("target_words", "status")
    sections = list(rows)
    if not sections:
        raise OutlineMissing
    left = [row for row in sections if row.status != DocumentSection.Status.COMPLETED]
    if not left:
        raise NothingToWrite
    return left


def pages_of(sections: Sequence[DocumentSection]) -> int:
    """Of their words; a begun page is one, as each is paid whole."""
    return max(1, -(-sum(row.target_words for row in sections) // limits.WORDS_A_PAGE))


def shares(words: Mapping[str, int], pages: int) -> dict[str, int]:
    """``pages`` given out by words, all of them: who has the largest rest after whole pages gets one more.

    The last one has a page in any case: an order is done with its last page, and pays for nothing after it.
    """
    total = sum(words.values()) or 1
    exact = {key: pages * count / total for key, count in words.items()}
    given = {key: int(value) for key, value in exact.items()}
    by_rest = sorted(exact, key=lambda key: given[key] - exact[key])
    for key in by_rest[: pages - sum(given.values())]:
        given[key] += 1
    last = list(words)[-1]
    if not given[last]:
        given[max(given, key=lambda key: given[key])] -= 1
        given[last] = 1
    return given


def _tokens(document: Document, sections: Sequence[DocumentSection]) -> int:
    """Of all calls: each prompt has the requirements, each word is written and styled."""
    words = sum(row.target_words for row in sections)
    parts = sum(-(-row.target_words // limits.PART_WORDS) for row in sections)
    told = min(len(document.requirements_text) // 4, limits.REQUIREMENTS_TOKENS)
    calls = parts + _CALLS_OF_A_SECTION * len(sections)
    return calls * (_PROMPT_TOKENS + told) + 2 * words * _TOKENS_A_WORD

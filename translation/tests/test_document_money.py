"""Quotes against what is charged, and against the services' own bills."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.models import TokenQuota
from billing.models import UsageEntry
from conftest import JsonClient
from translation import limits
from translation import pricing
from translation.books.parts import even
from translation.models import Translation
from translation.models import TranslationChunk
from translation.providers.base import Capabilities
from translation.providers.base import FileLimit
from translation.providers.base import Provider
from translation.segments import Segment
from translation.services.documents import quoting
from translation.services.documents.facts import Facts
from translation.services.documents.facts import cut
from translation.services.documents.facts import tokens_of
from translation.tests.document_kit import quoted
from translation.tests.document_kit import start
from translation.tests.document_kit import work
from translation.tests.otranslator_fake import KEY
from translation.tests.otranslator_fake import FakeOTranslator
from translation.tests.test_documents import long_letter

books = st.lists(st.integers(min_value=0, max_value=9_000), min_size=1, max_size=420)


@pytest.mark.any_stack
@given(by_page=books)
def test_a_book_is_quoted_as_the_service_bills_its_parts(by_page: list[int]) -> None:
    """Even parts of fifty pages at most, each at the service's minimum at least: vendors.md, C5."""
    facts = Facts(characters=sum(by_page), tokens=1, pages=len(by_page), by_page=by_page, segments=0)
    sizes = even(len(by_page))
    assert sum(sizes) == len(by_page)
    assert max(sizes) <= limits.CHUNK_PAGES
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == -(-len(by_page) // limits.CHUNK_PAGES), "no more parts than there must be"
    row = Translation(format="pdf", target_lang="uk", service="deepl")
    limit = FileLimit(1, 1_000_000, 50_000)
    offer = quoting._native(cast("Provider", _Billing()), Capabilities(formats={"pdf": limit}), limit, row, facts)
    bill = sum(max(50_000, characters) for characters in quoting.page_characters(facts))
    assert offer.billed_chars == bill
    assert offer.cost == -(-bill // 1800) * Decimal("0.05")
    assert offer.parts == len(sizes)


class _Billing:
    name = "deepl"
    is_demo = False


texts = st.lists(st.text(alphabet="abcdefgh еїґ.", min_size=1, max_size=3_000), min_size=1, max_size=40)


@pytest.mark.any_stack
@given(said=texts)
def test_parts_add_up_to_the_whole(said: list[str]) -> None:
    segments = [Segment(number, "", "paragraph", text) for number, text in enumerate(said, start=1)]
    parts = cut(segments)
    assert [one for part in parts for one in part] == segments
    assert sum(tokens_of(one.text) for part in parts for one in part) == sum(tokens_of(text) for text in said)


@pytest.mark.any_stack
@pytest.mark.parametrize(("characters", "units"), [(0, 0), (1, 1), (1800, 1), (1801, 2), (50_000, 28)])
def test_units_are_begun_ones(characters: int, units: int) -> None:
    assert pricing.units(characters) == units
    assert pricing.cost(characters, Decimal("0.10")) == units * Decimal("0.10")


@pytest.fixture
def otranslator(settings: Settings) -> Iterator[FakeOTranslator]:
    made = FakeOTranslator()
    settings.TRANSLATION = replace(settings.TRANSLATION, otranslator_api_key=KEY, otranslator_api_base=made.url)
    yield made
    made.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("documents")
def test_quote_ledger_and_the_services_bill_are_one(alice_client: JsonClient, otranslator: FakeOTranslator) -> None:
    tokens = billed = 0
    for number in range(1, 4):
        content = ("Слово за словом, рядок за рядком. " * 60 * number).encode()
        found = quoted(alice_client, content, service="otranslator", path="native", source_lang="uk", target_lang="en")
        start(alice_client, found)
        work(ahead=timedelta(minutes=2))
        tokens += found["quote"]["tokens"]
        billed += found["billed_chars"]
    assert UsageEntry.objects.aggregate(sum=Sum("total_tokens"))["sum"] == tokens
    assert Translation.objects.aggregate(sum=Sum("tokens_charged"))["sum"] == tokens
    assert billed == sum(len(content.decode().strip()) for content in otranslator.uploads)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("documents")
def test_many_parts_at_once_on_a_small_balance_never_take_more(alice: User, alice_client: JsonClient) -> None:
    """Twenty parts, tokens for ten: ten are done, ten wait, and not one token more is held or charged."""
    from core.jobs import worker
    from core.models import Job

    found = quoted(alice_client, long_letter(20))
    start(alice_client, found)
    work(at_most=1)
    each = TranslationChunk.objects.order_by("number").values_list("tokens", flat=True)
    enough = sum(sorted(each)[:10]) + min(each) // 2
    limit = TokenQuota.objects.get(pk=alice.pk).tokens_limit
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=limit - enough)
    jobs = list(Job.objects.filter(kind="translation.chunk").values_list("pk", flat=True))
    assert len(jobs) == 20
    begin = threading.Barrier(10, timeout=60)

    def run(mine: list[object]) -> None:
        begin.wait()
        for pk in mine:
            worker.run_job(pk)  # type: ignore[arg-type] # ids
        connection.close()

    threads = [threading.Thread(target=run, args=[jobs[start::10]]) for start in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    quota = TokenQuota.objects.get(pk=alice.pk)
    assert quota.tokens_used + quota.tokens_held <= limit
    assert UsageEntry.objects.aggregate(sum=Sum("total_tokens"))["sum"] == quota.tokens_used - (limit - enough)
    states = list(TranslationChunk.objects.values_list("state", flat=True))
    assert states.count("done") == UsageEntry.objects.filter(total_tokens__gt=0).count() >= 9
    assert Translation.objects.get().stage == "waiting_tokens"

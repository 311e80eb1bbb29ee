"""What the tests of documents share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from core.jobs import services as job_services
from core.llm import discovery
from documents import blocks
from documents import limits
from documents import printing
from documents.exports.manuscript import Manuscript
from documents.printing import Length
from documents.sources import catalogues
from documents.tests.model_fake import FakeModel


def counted(made: Manuscript) -> Length:
    """Pages by words, as the plan has them."""
    words = sum(blocks.count_words(section.content) for section in made.sections)
    return Length(words // limits.WORDS_A_PAGE + 2, words // limits.WORDS_A_PAGE + 1)


@pytest.fixture
def desk(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs wait until they are done by hand, and the demo writes without its pauses."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.LLM_DEMO_WORD_SECONDS = 0
    # Pages cost tokens alone, except in the tests of their sale.
    settings.DOCUMENTS = replace(settings.DOCUMENTS, price_per_page=Decimal(0))
    monkeypatch.setattr(job_services, "poke", lambda *_args, **_options: True)
    # A printer is a process, and takes a second; the tests of lengths and files have the real one.
    monkeypatch.setattr(printing, "measure", counted)
    cache.clear()  # breakers, and whose turn it is
    yield
    cache.clear()


@pytest.fixture
def models(settings: Settings, desk: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModel]:
    """A server with two models, "a" and "b", that write documents as the demo would until a test says otherwise.

    Sources are the demo's: no catalogue outside is asked.
    """
    monkeypatch.setattr(catalogues, "there_are", catalogues.demo)
    made = FakeModel()
    settings.OPENAI_API_KEY = "sk-canary-7f3a"
    settings.OPENAI_BASE_URL = made.base_url
    settings.LLM_RETRIES = 0
    settings.DEFAULT_MODEL = ""
    settings.DOCUMENTS = replace(settings.DOCUMENTS, models=("a", "b"))
    discovery.forget()
    discovery.search()
    yield made
    made.close()
    discovery.forget()

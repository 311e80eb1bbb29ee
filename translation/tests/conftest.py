"""What the tests of translation share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from core.llm import discovery
from translation.tests.deepl_fake import FakeDeepL
from translation.tests.model_fake import FakeModel
from translation.tests.model_fake import say


@pytest.fixture(autouse=True)
def _closed_circuits() -> Iterator[None]:
    """Breakers, and what a vendor said of itself, are of one test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def vendor(settings: Settings) -> Iterator[FakeDeepL]:
    """A DeepL that this site has a key for."""
    made = FakeDeepL()
    settings.TRANSLATION = replace(settings.TRANSLATION, deepl_api_key=made.key, deepl_api_base=made.url)
    yield made
    made.close()


@pytest.fixture
def model(settings: Settings) -> Iterator[FakeModel]:
    """A language model that this site is connected to; it says each text in capitals until it is told otherwise."""
    made = FakeModel(lambda asked: say({key: text.upper() for key, text in asked.segments.items()}))
    settings.OPENAI_API_KEY = "sk-canary-7f3a"
    settings.OPENAI_BASE_URL = made.base_url
    settings.DEFAULT_MODEL = ""
    discovery.forget()
    discovery.search()
    yield made
    made.close()
    discovery.forget()

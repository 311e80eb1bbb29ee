"""What the tests of translation share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from translation.tests.deepl_fake import FakeDeepL


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

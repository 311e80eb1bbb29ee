"""What the tests of translation share."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from core.jobs import services as job_services
from core.llm import discovery
from translation import formats
from translation import reading
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


@pytest.fixture
def documents(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs wait until they are done by hand, and files are read in this process: tests of reading have the children."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(job_services, "poke", lambda *_args, **_options: True)
    monkeypatch.setattr(reading, "extract", formats.extract)
    monkeypatch.setattr(reading, "merge", _merge)


def _merge(original: Path, kind: str, targets: Mapping[int, str], to: Path, **options: Any) -> tuple[str, ...]:
    return tuple(formats.merge(original, kind, targets, to, **options).warnings)

"""The variables of documents."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kintsugi.config import load_config
from kintsugi.config_sources import ConfigError

pytestmark = pytest.mark.any_stack


def test_without_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCUMENT_MODELS", "DOCUMENT_PRICE_PER_PAGE", "DOCUMENT_RETENTION", "OPENALEX_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    found = load_config().documents
    assert (found.models, found.price_per_page, found.currency) == ((), Decimal("0.50"), "EUR")
    assert (found.retention, found.openalex_api_key) == (timedelta(days=90), "")


def test_models_stand_in_their_order_and_keys_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCUMENT_MODELS", "b, a")
    monkeypatch.setenv("SEMANTIC_SCHOLAR_API_KEY", "canary-key")
    found = load_config().documents
    assert (found.models, found.semantic_scholar_api_key) == (("b", "a"), "canary-key")
    assert "canary-key" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DOCUMENT_PRICE_PER_PAGE", "0.20", "0 or at least 0.50"),
        ("DOCUMENT_RETENTION", "1h", "at least 1d"),
        ("CROSSREF_MAILTO", "nobody", "must be a mail address"),
        ("DOCUMENT_CURRENCY", "euro", "DOCUMENT_CURRENCY"),
    ],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says):
        load_config()

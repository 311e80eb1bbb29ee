from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kintsugi.config import load_config
from kintsugi.config_sources import ConfigError

pytestmark = pytest.mark.any_stack


def test_prices_are_those_of_the_product() -> None:
    settings = load_config().translation
    assert (settings.deepl_price_per_1800, settings.otranslator_price_per_1800) == (Decimal("0.05"), Decimal("0.10"))
    assert (settings.payment, settings.retention) == ("recorded", timedelta(days=30))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEEPL_API_BASE", "deepl.example", "DEEPL_API_BASE must begin with https:// or http://"),
        ("LIBRETRANSLATE_URL", "ftp://x", "LIBRETRANSLATE_URL must begin with"),
        ("TRANSLATION_RETENTION", "1h", "TRANSLATION_RETENTION must be at least 1d"),
        ("TRANSLATION_PAYMENT", "later", "TRANSLATION_PAYMENT"),
        ("DEEPL_PRICE_PER_1800", "-1", "DEEPL_PRICE_PER_1800"),
        ("DEEPL_PRICE_PER_1800", "0.00001", "DEEPL_PRICE_PER_1800"),
    ],
)
def test_nonsense_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        load_config()
    assert sentence in str(refused.value)


def test_keys_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPL_API_KEY", "zqx-key")
    settings = load_config().translation
    assert settings.deepl_api_key == "zqx-key"
    assert "zqx-key" not in repr(settings)

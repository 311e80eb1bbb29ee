"""The variables of translation: services, prices, how it is paid, and how long files are kept."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kintsugi.config_values import Duration

Payment = Literal["recorded", "required"]
Price = Annotated[Decimal, Field(ge=0, le=1000, max_digits=10, decimal_places=4)]

_SHORTEST_RETENTION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TranslationSettings:
    """As the app reads them. An empty key or address: that service is off."""

    deepl_api_key: str = field(repr=False)
    deepl_api_base: str
    """Empty: the vendor's, by the kind of key."""
    deepl_at_once: int
    """Documents that lie there at one time."""
    deepl_max_file_bytes: int
    deepl_price_per_1800: Decimal
    otranslator_api_key: str = field(repr=False)
    otranslator_api_base: str
    otranslator_price_per_1800: Decimal
    libretranslate_url: str
    libretranslate_api_key: str = field(repr=False)
    model: str
    """Of the language models; empty: the site's default."""
    payment: Payment
    """``required``: an order is paid before a document is translated; ``recorded``: what it costs stands on its row."""
    retention: timedelta
    """Files are deleted so long after they were made."""


class TranslationConfig(BaseSettings):
    """One attribute per environment variable, under its lower-case name."""

    deepl_api_key: SecretStr = SecretStr("")
    deepl_api_base: str = ""
    deepl_at_once: int = Field(default=4, ge=1, le=100)
    deepl_max_file_mb: int = Field(default=30, ge=1, le=100)
    deepl_price_per_1800: Price = Decimal("0.05")
    otranslator_api_key: SecretStr = SecretStr("")
    otranslator_api_base: str = ""
    otranslator_price_per_1800: Price = Decimal("0.10")
    libretranslate_url: str = ""
    libretranslate_api_key: SecretStr = SecretStr("")
    translation_model: str = ""
    translation_payment: Payment = "recorded"
    translation_retention: Duration = timedelta(days=30)

    @property
    def translation(self) -> TranslationSettings:
        """As the app reads them."""
        return TranslationSettings(
            deepl_api_key=self.deepl_api_key.get_secret_value(),
            deepl_api_base=self.deepl_api_base,
            deepl_at_once=self.deepl_at_once,
            deepl_max_file_bytes=self.deepl_max_file_mb * 1024 * 1024,
            deepl_price_per_1800=self.deepl_price_per_1800,
            otranslator_api_key=self.otranslator_api_key.get_secret_value(),
            otranslator_api_base=self.otranslator_api_base,
            otranslator_price_per_1800=self.otranslator_price_per_1800,
            libretranslate_url=self.libretranslate_url,
            libretranslate_api_key=self.libretranslate_api_key.get_secret_value(),
            model=self.translation_model,
            payment=self.translation_payment,
            retention=self.translation_retention,
        )


def translation_problems(config: TranslationConfig) -> list[str]:
    """What of it makes no sense."""
    problems = []
    for name in ("deepl_api_base", "otranslator_api_base", "libretranslate_url"):
        given = getattr(config, name)
        if given and not _is_server(given):
            problems.append(f"{name.upper()} must begin with https:// or http://")
    if config.translation_retention < _SHORTEST_RETENTION:
        problems.append("TRANSLATION_RETENTION must be at least 1d: people need time to fetch their files")
    return problems


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False

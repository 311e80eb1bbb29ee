"""The variables of documents: models, prices, catalogues of scholarly works, and how long files are kept."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kintsugi.config_values import CommaList
from kintsugi.config_values import Duration

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]

_LEAST_PRICE = Decimal("0.50")
"""A card is charged no less, in euros (https://docs.stripe.com/currencies, read 2026-11)."""
_SHORTEST_RETENTION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """As the app reads them. An empty key: the catalogue is asked without one."""

    models: tuple[str, ...]
    """Who writes, in the order in which they are tried; empty: the site's default."""
    price_per_page: Decimal
    """0: documents are paid by tokens alone."""
    currency: str
    retention: timedelta
    """Exports are deleted so long after they were made."""
    openalex_api_key: str = field(repr=False)
    semantic_scholar_api_key: str = field(repr=False)
    crossref_mailto: str


class DocumentConfig(BaseSettings):
    """One attribute per environment variable, under its lower-case name."""

    document_models: CommaList = []
    document_price_per_page: Annotated[Decimal, Field(ge=0, le=1000, max_digits=10, decimal_places=2)] = Decimal("0.50")
    document_currency: Currency = "EUR"
    document_retention: Duration = timedelta(days=90)
    openalex_api_key: SecretStr = SecretStr("")
    semantic_scholar_api_key: SecretStr = SecretStr("")
    crossref_mailto: str = ""

    @property
    def documents(self) -> DocumentSettings:
        """As the app reads them."""
        return DocumentSettings(
            models=tuple(self.document_models),
            price_per_page=self.document_price_per_page,
            currency=self.document_currency,
            retention=self.document_retention,
            openalex_api_key=self.openalex_api_key.get_secret_value(),
            semantic_scholar_api_key=self.semantic_scholar_api_key.get_secret_value(),
            crossref_mailto=self.crossref_mailto.strip(),
        )


def document_problems(config: DocumentConfig) -> list[str]:
    """What of it makes no sense."""
    problems = []
    if 0 < config.document_price_per_page < _LEAST_PRICE:
        problems.append(f"DOCUMENT_PRICE_PER_PAGE must be 0 or at least {_LEAST_PRICE}: no card is charged less")
    if config.document_retention < _SHORTEST_RETENTION:
        problems.append("DOCUMENT_RETENTION must be at least 1d: people need time to fetch their files")
    if config.crossref_mailto.strip() and "@" not in config.crossref_mailto:
        problems.append("CROSSREF_MAILTO must be a mail address: Crossref writes to it when something is wrong")
    return problems

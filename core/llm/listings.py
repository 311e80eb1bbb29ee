"""What the providers have said they have, as this process remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from core.llm.base import ProviderConfig
from core.llm.lists import Listed
from core.llm.lists import Reading


@dataclass(frozen=True, slots=True)
class Listing:
    """The last answer of a provider. ``reading`` is None when it never gave a list; ``problem`` says what went wrong.

    ``base_url`` is the address that answered, where that is not the configured one. ``cut`` counts models beyond the
    limit, ``at`` is the time of :func:`time.monotonic`.
    """

    config: ProviderConfig
    reading: Reading | None = None
    problem: str = ""
    at: float = 0.0
    base_url: str = ""
    cut: int = 0
    by_id: dict[str, Listed] = field(default_factory=dict, compare=False)


_known: dict[str, Listing] = {}
_version = 0


def of(config: ProviderConfig) -> Listing | None:
    """What this very configuration was told; None when it was never asked (another key is another configuration)."""
    found = _known.get(config.name)
    return found if found and found.config == config else None


def everything() -> list[Listing]:
    """All that is remembered."""
    return list(_known.values())


def version() -> int:
    """Another number after each change."""
    return _version


def replace(listings: list[Listing]) -> None:
    """Remember these and nothing else."""
    global _known, _version  # noqa: PLW0603 - one memory of the process, replaced as a whole
    _known = {listing.config.name: listing for listing in listings}
    _version += 1


def remember(listing: Listing) -> None:
    """Remember one more."""
    replace([*(known for known in everything() if known.config.name != listing.config.name), listing])

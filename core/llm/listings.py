"""What the providers have said they have, as this process remembers it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace as changed

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


HIDDEN_SECONDS = 3600.0
"""How long a model is not offered after its provider said, in place of an answer, that there is none."""

_known: dict[str, Listing] = {}
_gone: dict[tuple[str, str], float] = {}
"""Provider and its own id → until when, by :func:`time.monotonic`."""
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
    global _version  # noqa: PLW0603 - see replace
    now = time.monotonic()
    for lost in [lost for lost, until in _gone.items() if until <= now]:
        del _gone[lost]
        _version += 1
    return _version


def lose(config: ProviderConfig, upstream: str) -> None:
    """The provider has no such model, whatever its list says: it is hidden for a while, and the list is due."""
    _gone[config.name, upstream] = time.monotonic() + HIDDEN_SECONDS
    replace([changed(known, at=-math.inf) if known.config.name == config.name else known for known in everything()])


def is_gone(provider: str, upstream: str) -> bool:
    """Whether a call has shown that there is no such model."""
    return (provider, upstream) in _gone


def forget() -> None:
    """Remember nothing."""
    _gone.clear()
    replace([])


def replace(listings: list[Listing]) -> None:
    """Remember these and nothing else."""
    global _known, _version  # noqa: PLW0603 - one memory of the process, replaced as a whole
    _known = {listing.config.name: listing for listing in listings}
    _version += 1


def remember(listing: Listing) -> None:
    """Remember one more."""
    replace([*(known for known in everything() if known.config.name != listing.config.name), listing])

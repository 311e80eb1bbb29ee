"""Whether a DOI leads somewhere: asked of the proxy of doi.org, which knows those of all agencies.

https://www.doi.org/the-identifier/resources/factsheets/doi-resolution-documentation, 2026-11.
"""

from __future__ import annotations

from documents.sources.base import Door
from documents.sources.base import of_doi

BASE_URL = "https://doi.org"
PER_SECOND = 5.0
_FOUND = 1
"""``responseCode`` of a handle that there is."""


class Resolver:
    """The proxy of doi.org."""

    name = "doi"

    def __init__(self, *, base_url: str = BASE_URL, trusted: bool = False) -> None:
        self._door = Door(self.name, base_url, PER_SECOND, {}, trusted)

    def leads_somewhere(self, doi: str) -> bool:
        """Raises Unanswered."""
        answer = self._door.get(f"/api/handles/{of_doi(doi)}")
        return answer is not None and self._door.json(answer).get("responseCode") == _FOUND

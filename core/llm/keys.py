"""The keys that staff have pasted in, as this process knows them.

They are read by threads and used in event loops, so they are kept in memory: :func:`refresh` reads them anew, which
every process does several times a minute.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from dataclasses import field

from django.db import DatabaseError
from django.db.models import TextField
from django.db.models.functions import Cast

from core.crypto import DecryptionFailed
from core.crypto import decrypt
from core.llm.models import ProviderKey

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PastedKey:
    """A key as it is used; ``problem`` says why it cannot be."""

    provider: str
    base_url: str
    api_key: str = field(repr=False)
    problem: str = ""


_known: dict[str, PastedKey] = {}


def pasted(provider: str) -> PastedKey | None:
    """The key that was pasted in for a provider, if there is one and it is switched on."""
    return _known.get(provider)


def refresh() -> bool:
    """Read them from the database; tell whether anything changed. A database that cannot be asked changes nothing."""
    global _known  # noqa: PLW0603 - one memory of the process, replaced as a whole
    try:
        found = {key.provider: key for key in _stored()}
    except DatabaseError as error:
        # Before the migration, or while the database is away: what was known goes on.
        logger.warning("The providers' keys could not be read: %s", type(error).__name__)
        return False
    changed = found != _known
    _known = found
    return changed


def forget() -> None:
    """Back to what is known before :func:`refresh`."""
    global _known  # noqa: PLW0603 - see refresh
    _known = {}


def _stored() -> list[PastedKey]:
    # As it is stored: a value that cannot be decrypted must not keep the others from being read.
    rows = ProviderKey.objects.filter(enabled=True).annotate(sealed=Cast("api_key", TextField()))
    context = ProviderKey._meta.get_field("api_key").context
    found = []
    for provider, base_url, sealed in rows.values_list("provider", "base_url", "sealed"):
        try:
            found.append(PastedKey(provider, base_url, decrypt(sealed, context=context) if sealed else ""))
        except DecryptionFailed as error:
            logger.error("The key of %s cannot be used: %s", provider, error)
            found.append(PastedKey(provider, base_url, "", problem="Its key cannot be decrypted; paste it in again."))
    return found

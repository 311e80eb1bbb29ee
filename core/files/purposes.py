"""What files are for: each purpose says what it takes, how large, and what the door does with it.

Those of the product's ground floor stand here. An app names a module of its own in ``ModuleConfig.file_purposes``; that
module has ``PURPOSES``, a list of :class:`Purpose`. A removed app takes its purposes along: its files stay until they
are deleted, but no new ones come in.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from django.conf import settings

from core import modules
from core.files.models import StoredFile

Kind = StoredFile.Kind


def parsed_limit() -> int:
    """Bytes of what the door reads into memory: pictures, text, and PDF whose text it reads."""
    limit: int = settings.MAX_UPLOAD_BYTES
    return limit


def pieces_limit() -> int:
    """Bytes of what may come in pieces, and is never in memory whole."""
    limit: int = settings.MAX_MESSAGE_FILE_BYTES
    return limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose, and its limits."""

    name: str
    """At most 30 characters; it stands in the rows, so it never changes."""
    kinds: frozenset[Kind]
    """What may come in."""
    formats: frozenset[str] = frozenset()
    """MIME types of what is sent, where the kinds alone allow too much; empty: all of them."""
    max_bytes: Callable[[], int] = parsed_limit
    """Of a file at all. Pictures, text, and PDF whose text is read stay below ``MAX_UPLOAD_BYTES`` in any case."""
    max_pages: int | None = None
    """Of a PDF."""
    text_of: frozenset[Kind] = frozenset({Kind.PDF, Kind.TEXT})
    """Kinds whose text is read at the door and kept for models: a PDF takes up to 20 seconds. Of ``OTHER`` it is read
    from DOCX."""
    is_uploaded: bool = True
    """People bring it to ``/api/files``; otherwise only the code of an app stores it."""
    is_counted: bool = True
    """Counts towards the storage quota of its owner."""
    is_shrunk: bool = False
    """A picture is made as small as it is ever shown."""
    receipt: str = ""
    """What the receipt calls a deleted file of this purpose (``DeletionReceipt.what``); empty: there is none."""


_TEXTS = frozenset({Kind.IMAGE, Kind.PDF, Kind.TEXT})

PURPOSES = [
    Purpose(name=StoredFile.Purpose.ATTACHMENT, kinds=_TEXTS),
    Purpose(name=StoredFile.Purpose.MESSAGE, kinds=frozenset(Kind), max_bytes=pieces_limit),
    Purpose(name=StoredFile.Purpose.STORY, kinds=frozenset({Kind.IMAGE, Kind.VIDEO})),
    Purpose(name=StoredFile.Purpose.AVATAR, kinds=frozenset({Kind.IMAGE}), is_shrunk=True),
    # Archives of everything must not cost the room for it.
    Purpose(name=StoredFile.Purpose.EXPORT, kinds=frozenset(), is_uploaded=False, is_counted=False),
]


def get(name: str) -> Purpose:
    """Raises KeyError for a purpose that no installed app knows."""
    return known()[name]


@cache
def known() -> Mapping[str, Purpose]:
    """All purposes of the installed apps, by name. Raises ValueError when two have the same."""
    found: dict[str, Purpose] = {}
    for purpose in _declared():
        if purpose.name in found:
            raise ValueError(f"Two apps have files of the purpose {str(purpose.name)!r}.")
        found[purpose.name] = purpose
    return MappingProxyType(found)


def uploaded() -> list[str]:
    """Names of what people bring."""
    return [str(purpose.name) for purpose in known().values() if purpose.is_uploaded]


def uncounted() -> list[str]:
    """Names of what is outside the quota."""
    return [str(purpose.name) for purpose in known().values() if not purpose.is_counted]


def choices() -> Sequence[tuple[str, str]]:
    """For filters of the admin."""
    return [(str(name), str(name)) for name in known()]


def _declared() -> Iterator[Purpose]:
    for module in modules.installed():
        if module.file_purposes:
            yield from importlib.import_module(module.file_purposes).PURPOSES

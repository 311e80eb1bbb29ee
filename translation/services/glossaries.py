"""People's glossaries: made, changed, imported, deleted, and copied to services that keep a copy."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol
from typing import cast
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import InvalidInput
from core.errors import NotFound
from core.files import texts
from translation import languages
from translation import limits
from translation.errors import GlossaryMismatch
from translation.errors import GlossaryNameTaken
from translation.errors import SameLanguage
from translation.errors import ServiceError
from translation.models import Glossary
from translation.models import GlossaryCopy
from translation.providers import registry
from translation.providers.base import Provider
from translation.services.choosing import language

logger = logging.getLogger(__name__)

Entries = Sequence[tuple[str, str]]


class _Copying(Protocol):
    """A service that keeps a copy of a glossary under a name of its own."""

    def copy_glossary(self, name: str, source: str, target: str, entries: Mapping[str, str]) -> str: ...

    def drop_glossary(self, vendor_id: str) -> None: ...


def listed(actor: User) -> QuerySet[Glossary]:
    """The actor's, newest first."""
    return Glossary.objects.visible_to(actor).order_by("-id")


def own(actor: User, glossary_id: UUID) -> Glossary:
    """One of the actor's. Raises NotFound."""
    found = Glossary.objects.visible_to(actor).filter(pk=glossary_id).first()
    if found is None:
        raise NotFound
    return found


def create(actor: User, *, name: str, source: str, target: str, entries: Entries) -> Glossary:
    """Raises InvalidInput, UnsupportedLanguage, SameLanguage and GlossaryNameTaken."""
    source, target = language(source), language(target)
    if languages.is_same(source, target):
        raise SameLanguage(language=target)
    if Glossary.objects.visible_to(actor).count() >= limits.GLOSSARIES:
        raise InvalidInput(_("You have as many glossaries as there may be. Delete one first."))
    cleaned = checked(entries)
    made = Glossary(
        user=actor, name=name, source_lang=source, target_lang=target, entries=cleaned, digest=_digest(cleaned)
    )
    return _saved(made)


def change(actor: User, *, glossary_id: UUID, values: Mapping[str, Any]) -> Glossary:
    """``name`` and ``entries``, each where it is given. Raises as :func:`create` does, and NotFound."""
    with transaction.atomic():
        found = Glossary.objects.visible_to(actor).select_for_update().filter(pk=glossary_id).first()
        if found is None:
            raise NotFound
        found.name = values.get("name", found.name)
        if "entries" in values:
            cleaned = checked(values["entries"])
            found.entries, found.digest = cleaned, _digest(cleaned)
        return _saved(found)


def delete(actor: User, *, glossary_id: UUID) -> None:
    """With the copies that services have of it, as far as they let us. Raises NotFound."""
    found = own(actor, glossary_id)
    copies = list(found.copies.values_list("service", "vendor_id"))
    found.delete()
    for service, vendor_id in copies:
        _drop(service, vendor_id)


def _saved(glossary: Glossary) -> Glossary:
    try:
        with transaction.atomic():
            glossary.save()
    except IntegrityError:
        raise GlossaryNameTaken from None
    return glossary


def checked(entries: Entries) -> list[list[str]]:
    """The entries as they are kept: blanks trimmed, a word once, the last rendering. Raises InvalidInput."""
    kept: dict[str, str] = {}
    for number, (source, target) in enumerate(entries):
        word, rendering = " ".join(source.split()), " ".join(target.split())
        if not word or not rendering or max(len(word), len(rendering)) > limits.TERM_LENGTH:
            raise InvalidInput(details={f"entries.{number}": [_("Both words are needed, of at most 200 characters.")]})
        kept[word] = rendering
    if not kept:
        raise InvalidInput(details={"entries": [_("There are no entries in it.")]})
    if len(kept) > limits.GLOSSARY_ENTRIES:
        raise InvalidInput(details={"entries": [_("A glossary has at most 5,000 entries.")]})
    return [[word, rendering] for word, rendering in kept.items()]


def _digest(entries: Sequence[Sequence[str]]) -> str:
    return hashlib.sha256(json.dumps(sorted(entries), ensure_ascii=False).encode()).hexdigest()


def read_table(content: bytes) -> list[tuple[str, str]]:
    """The entries of a CSV or TSV file: two columns, tabs, semicolons or commas between. Raises InvalidInput."""
    if len(content) > limits.GLOSSARY_BYTES:
        raise InvalidInput(details={"file": [_("A glossary has at most 1 MB.")]})
    text = texts.read(content, "glossary.csv").text.lstrip("\ufeff")
    lines = text.splitlines()
    mark = next((mark for mark in "\t;," if lines and mark in lines[0]), ",")
    try:
        read = list(csv.reader(io.StringIO(text), delimiter=mark, strict=True))
    except csv.Error as error:
        raise InvalidInput(details={"file": [_("This is no table of two columns.")]}) from error
    rows = [row for row in read if any(cell.strip() for cell in row)]
    if any(len(row) < 2 for row in rows):
        raise InvalidInput(details={"file": [_("This is no table of two columns.")]})
    return [(row[0], row[1]) for row in rows]


def fitting(actor: User, glossary_id: UUID, *, source: str, target: str) -> Glossary:
    """One of the actor's for these languages; any source fits where it is not known. Raises GlossaryMismatch."""
    found = own(actor, glossary_id)
    is_source = not source or languages.is_same(found.source_lang, source)
    if not is_source or not languages.is_same(found.target_lang, target):
        raise GlossaryMismatch
    return found


def entries_of(glossary: Glossary | None) -> dict[str, str]:
    """By source word; empty for none."""
    return dict(glossary.entries) if glossary else {}


def vendor_copy(glossary: Glossary | None, provider: Provider) -> str:
    """The service's name of its copy, made when there is none of these entries; empty where it keeps none.

    Two who need it at once may make two; the second row wins nothing and its copy is dropped. Must not be called inside
    a transaction. Raises children of ServiceError.
    """
    if glossary is None or not hasattr(provider, "copy_glossary"):
        return ""
    copies = GlossaryCopy.objects.filter(glossary=glossary, service=provider.name)
    known = copies.filter(digest=glossary.digest).values_list("vendor_id", flat=True).first()
    if known:
        return known
    keeper = cast("_Copying", provider)
    made = keeper.copy_glossary(str(glossary.pk), glossary.source_lang, glossary.target_lang, entries_of(glossary))
    stale = list(copies.values_list("pk", "vendor_id"))
    row, is_new = GlossaryCopy.objects.get_or_create(
        glossary=glossary, service=provider.name, digest=glossary.digest, defaults={"vendor_id": made}
    )
    if not is_new:
        _drop(provider.name, made)
    for copy_id, vendor_id in stale:
        if copies.filter(pk=copy_id).exclude(digest=glossary.digest).delete()[0]:
            _drop(provider.name, vendor_id)
    return row.vendor_id


def _drop(service: str, vendor_id: str) -> None:
    """A copy that cannot be deleted now is left at the service."""
    try:
        provider = registry.get(service)
        if hasattr(provider, "drop_glossary"):
            cast("_Copying", provider).drop_glossary(vendor_id)
    except (KeyError, ServiceError):
        logger.warning("translation.glossary_copy_left", extra={"service": service})

"""Asking for a document to be translated: the row, and its reading as a job. Nothing is charged before it starts."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import IO
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.errors import IdempotencyMismatch
from core.errors import NotFound
from core.files import services as files
from core.files.errors import FileMissing
from core.models import StoredFile
from translation import errors
from translation import languages
from translation import limits
from translation import reading
from translation.files import SOURCE
from translation.models import Glossary
from translation.models import Translation
from translation.providers import registry
from translation.services import telling
from translation.services.documents.facts import format_of

INSPECT = "translation.inspect"


def own(user: User, translation_id: UUID) -> Translation:
    """A document of the user's. Raises NotFound for any other."""
    found = Translation.objects.visible_to(user).documents().filter(pk=translation_id).first()
    if found is None:
        raise NotFound
    return found


def known(user: User, client_id: str | None, values: dict[str, Any]) -> Translation | None:
    """What was asked for before under this client id. Raises IdempotencyMismatch when that was something else."""
    if not client_id:
        return None
    found = Translation.objects.visible_to(user).filter(client_id=client_id).first()
    if found and found.fingerprint != _fingerprint(values):
        raise IdempotencyMismatch
    return found


def file_of(user: User, file_id: UUID) -> StoredFile:
    """A file that its owner brought to be translated. Raises NotFound."""
    found = StoredFile.objects.visible_to(user).filter(pk=file_id, purpose=SOURCE).first()
    if found is None:
        raise NotFound
    return found


def check(values: dict[str, Any], *, user: User, name: str) -> dict[str, Any]:
    """Fields of the row, from what was asked. Raises what cannot be, before a file is stored."""
    target, source = languages.find(values["target_lang"]), languages.find(values.get("source_lang") or "en")
    if target is None or source is None:
        raise errors.UnsupportedLanguage
    source_code = source.code if values.get("source_lang") else ""
    if source_code and languages.is_same(source_code, target.code):
        raise errors.SameLanguage(language=target.code)
    if (service := values.get("service")) and not registry.is_on(service):
        raise errors.UnknownService
    kind = format_of(name)
    if kind != "pdf" and kind not in reading.FORMATS and not _is_taken_whole(kind):
        raise errors.UnsupportedFormat(formats=sorted(reading.FORMATS | {"pdf"}))
    options = {"layout": values.get("layout") or "translated"}
    options |= {key: values[key] for key in ("service", "path") if values.get(key)}
    return {
        "name": name,
        "format": kind,
        "target_lang": target.code,
        "source_lang": source_code,
        "formality": values.get("formality") or "",
        "instructions": values.get("instructions") or "",
        "model": values.get("model") or "",
        "max_cost": values.get("max_cost"),
        "options": options,
        **_glossary(user, values, source_code, target.code),
    }


def ask(user: User, values: dict[str, Any], *, upload: IO[bytes] | None = None, name: str = "") -> Translation:
    """A document that comes along, or one of a file that is there. The same ``client_id`` stores nothing twice.

    Raises FileMissing for neither of them, what the door of files refuses, and what :func:`begin` does.
    """
    if found := known(user, values.get("client_id"), values):
        return found
    if upload is None:
        if "file_id" not in values:
            raise FileMissing
        return begin(user, file_of(user, values["file_id"]), values)
    check(values, user=user, name=name)
    file = files.store(user, upload=upload, name=name, purpose=SOURCE, expires_at=timezone.now() + limits.QUOTED_TIME)
    made = begin(user, file, values)
    if made.source_file_id != file.pk:  # another request was first
        files.delete(user, file=file)
    return made


def begin(user: User, file: StoredFile, values: dict[str, Any]) -> Translation:
    """The row and its reading. The same ``client_id`` gives the same one; a second file for it is the caller's to drop.

    Raises IdempotencyMismatch and TooManyDocuments, and what :func:`check` does.
    """
    client_id = values.get("client_id") or None
    if found := known(user, client_id, values):
        return found
    fields = check(values, user=user, name=file.name)
    try:
        with transaction.atomic():
            made = Translation.objects.create(
                user=user,
                kind=Translation.Kind.DOCUMENT,
                stage=Translation.Stage.INSPECTING,
                source_file=file,
                source_sha256=file.sha256,
                client_id=client_id,
                fingerprint=_fingerprint(values) if client_id else "",
                **fields,
            )
            jobs.enqueue(INSPECT, payload={"translation": str(made.pk)}, owner=user, key=str(made.pk))
            telling.updated(made)
    except IntegrityError:
        found = known(user, client_id, values)
        if found is None:
            raise
        return found
    return made


def _is_taken_whole(kind: str) -> bool:
    return any(kind in provider.capabilities().formats for provider in registry.offered())


def _glossary(user: User, values: dict[str, Any], source: str, target: str) -> dict[str, Any]:
    if not values.get("glossary"):
        return {}
    found = Glossary.objects.visible_to(user).filter(pk=values["glossary"]).first()
    if found is None:
        raise NotFound
    wrong_source = bool(source) and not languages.is_same(source, found.source_lang)
    if wrong_source or not languages.is_same(target, found.target_lang):
        raise errors.GlossaryMismatch
    return {"glossary": found, "glossary_digest": found.digest}


def _fingerprint(values: dict[str, Any]) -> str:
    asked = {key: _plain(value) for key, value in sorted(values.items()) if key not in {"client_id", "file_id"}}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | UUID) else value

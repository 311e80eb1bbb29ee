"""Every stored value: can it be read, and has it the newest key?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models.functions import Cast

from core.crypto.cipher import DecryptionFailed
from core.crypto.cipher import Secret
from core.crypto.cipher import decrypt
from core.crypto.cipher import newest_prefix
from core.crypto.fields import EncryptedTextField
from core.crypto.fields import encrypted_fields
from core.crypto.fields import encrypted_models


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of it: values encrypted anew, values that cannot be read, and why the first of those cannot."""

    done: int = 0
    unreadable: int = 0
    problem: str = ""

    def __add__(self, other: Rotation) -> Rotation:
        return Rotation(self.done + other.done, self.unreadable + other.unreadable, self.problem or other.problem)


def rotate(model: type[models.Model], *, batch: int = 500) -> Rotation:
    """Encrypt anew, with the first key, what another key encrypted.

    May run beside the application, be killed, and run again: each value is changed by one statement that names what it
    was, so one that changes meanwhile is left as it is, and one that is done is not done again. A value that cannot be
    read is left as well, and told.
    """
    total = Rotation()
    for field in encrypted_fields(model):
        total += _rotate_field(model, field, batch)
    return total


def _rotate_field(model: type[models.Model], field: EncryptedTextField, batch: int) -> Rotation:
    old, total, last = _waiting(model, field), Rotation(), None
    while True:
        remaining = old if last is None else old.filter(pk__gt=last)
        rows = list(remaining.order_by("pk").values_list("pk", "_stored")[:batch])
        for pk, value in rows:
            total += _rotate_value(old, field, pk, value)
        if len(rows) < batch:
            return total
        last = rows[-1][0]


def _rotate_value(old: Any, field: EncryptedTextField, pk: Any, value: str) -> Rotation:
    try:
        plain = Secret(decrypt(value, context=field.context))
    except DecryptionFailed as error:
        return Rotation(unreadable=1, problem=str(error))
    return Rotation(done=old.filter(pk=pk, _stored=value).update(**{field.attname: plain}))


def waiting_all() -> dict[str, int]:
    """How many values another key than the first has encrypted, by model label."""
    return {
        model._meta.label: sum(_waiting(model, field).count() for field in encrypted_fields(model))
        for model in encrypted_models()
    }


def _waiting(model: type[models.Model], field: EncryptedTextField) -> Any:
    """Rows whose value of a field is encrypted with another key than the first; the value as it is stored beside."""
    stored = model._default_manager.annotate(_stored=Cast(field.attname, models.TextField()))
    return stored.filter(_stored__isnull=False).exclude(_stored__startswith=newest_prefix())


def examine_all() -> dict[str, tuple[int, str]]:
    """Whether every stored value can be read: model label to the number of values and the first problem, if any."""
    return {model._meta.label: _examine(model) for model in encrypted_models()}


def _examine(model: type[models.Model]) -> tuple[int, str]:
    count, problem = 0, ""
    for field in encrypted_fields(model):
        stored = model._default_manager.annotate(_stored=Cast(field.attname, models.TextField()))
        values = stored.filter(_stored__isnull=False).values_list("_stored", flat=True)
        for value in values.iterator(chunk_size=500):
            count += 1
            try:
                decrypt(value, context=field.context)
            except DecryptionFailed as error:
                problem = problem or str(error)
    return count, problem


def rotate_all(*, batch: int = 500) -> dict[str, Rotation]:
    """Rotate every model that has encrypted fields, by its label."""
    return {model._meta.label: rotate(model, batch=batch) for model in encrypted_models()}

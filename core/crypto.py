"""Encrypted model fields, with keys that can be changed.

AES-256-GCM. Every key of ``settings.ENCRYPTION_KEYS`` is stretched with HKDF; the first one encrypts, all of them
decrypt. A stored value is ``enc1:<key id>:<base64 of nonce and ciphertext>``, bound to its model and field: copied into
another column it does not decrypt. To change the key: put the new one first, restart, run ``manage.py rotate_keys``,
then take the old one away.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Cast

_VERSION = "enc1"
_NONCE_BYTES = 12


class DecryptionFailed(Exception):
    """A stored value cannot be read: its key is gone, or it was changed or moved."""


class Secret:
    """A text that shows itself only to who asks with :meth:`reveal`; logs, reprs and templates see a mask."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def last4(self) -> str:
        """The last four characters, to tell two keys apart; masked when that would show a third or more of it."""
        return f"…{self._text[-4:]}" if len(self._text) >= 12 else "…"

    def __repr__(self) -> str:
        return "[redacted]"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled: it would lie in a cache or a queue in plain text.")


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    cipher: AESGCM


def _derive(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"kintsugi.crypto." + purpose).derive(
        secret.encode()
    )


@lru_cache(maxsize=8)
def _ring_of(secrets: tuple[str, ...]) -> tuple[_Key, ...]:
    return tuple(_Key(_derive(secret, b"id", 4).hex(), AESGCM(_derive(secret, b"key", 32))) for secret in secrets)


def _ring() -> tuple[_Key, ...]:
    return _ring_of(tuple(settings.ENCRYPTION_KEYS))


def key_ids() -> list[str]:
    """What the keys are called in stored values, newest first; says nothing about them."""
    return [key.id for key in _ring()]


def _prefix() -> str:
    return f"{_VERSION}:{_ring()[0].id}:"


def encrypt(text: str, *, context: str) -> str:
    """The stored form of a text; only the same ``context`` decrypts it."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _ring()[0].cipher.encrypt(nonce, text.encode(), context.encode())
    return _prefix() + urlsafe_b64encode(nonce + sealed).decode()


def decrypt(stored: str, *, context: str) -> str:
    """The text of a stored form. Raises DecryptionFailed, which names the key but never the value."""
    version, _, rest = stored.partition(":")
    key_id, _, payload = rest.partition(":")
    if version != _VERSION:
        raise DecryptionFailed(f"A value of {context} is not encrypted.")
    key = next((key for key in _ring() if key.id == key_id), None)
    if key is None:
        raise DecryptionFailed(
            f"A value of {context} was encrypted with key {key_id!r}, which is not in ENCRYPTION_KEYS."
        )
    try:
        raw = urlsafe_b64decode(payload)
        return key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
    except (InvalidTag, ValueError):
        raise DecryptionFailed(f"A value of {context} was changed or belongs elsewhere.") from None


if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """A text that is encrypted in the database and a :class:`Secret` in Python.

    It can be tested for null, not searched. Takes a ``str`` or a Secret.
    """

    description = "Encrypted text"
    _lookups: ClassVar[frozenset[str]] = frozenset({"isnull"})

    @property
    def context(self) -> str:
        """What a value is bound to; renaming the model or the field needs a data migration."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return encrypt(value.reveal() if isinstance(value, Secret) else str(value), context=self.context)

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Secret | None:
        return None if value is None else Secret(decrypt(value, context=self.context))

    def to_python(self, value: Any) -> Secret | None:
        return value if value is None or isinstance(value, Secret) else Secret(str(value))

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name in self._lookups else None

    def value_to_string(self, obj: models.Model) -> str:  # noqa: ARG002 - Django's signature
        """For ``dumpdata``."""
        raise TypeError(f"{self.context} is encrypted and is not exported; back the database up instead.")


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
    return stored.filter(_stored__isnull=False).exclude(_stored__startswith=_prefix())


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


def encrypted_models() -> list[type[models.Model]]:
    """The models that have encrypted fields."""
    return [model for model in apps.get_models() if encrypted_fields(model)]


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """The encrypted fields of a model."""
    return [field for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]

"""Model fields whose values are encrypted in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar

from django.apps import apps
from django.db import models

from core.crypto.cipher import Secret
from core.crypto.cipher import decrypt
from core.crypto.cipher import encrypt

if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """A text that is encrypted in the database and a :class:`Secret` in Python.

    It can be tested for null, not searched. Takes a ``str`` or a Secret.
    """

    description = "Encrypted text"
    is_encrypted: ClassVar[bool] = True
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


def encrypted_models() -> list[type[models.Model]]:
    """The models that have encrypted fields."""
    return [model for model in apps.get_models() if encrypted_fields(model)]


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """The encrypted fields of a model."""
    return [field for field in model._meta.local_fields if isinstance(field, EncryptedTextField)]

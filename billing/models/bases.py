"""What the tables of this app share: owners, ledgers that only grow, and holds."""

from __future__ import annotations

from typing import Any
from typing import NoReturn
from typing import Self

from django.conf import settings
from django.db import models

from accounts.models import User
from core.ids import uuid7


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows with a ``user``."""

    def visible_to(self, user: User) -> Self:
        """The user's own rows."""
        return self.filter(user_id=user.pk)


class LedgerQuerySet(OwnedQuerySet):
    """Reads, and refuses to rewrite."""

    def update(self, **_kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("The ledger is append-only.")


class Ledger(models.Model):
    """Rows that are written once and never changed; a trigger of the table sees to it too where there is one."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The ledger is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only.")


class Hold(models.Model):
    """So much of something set aside for one action, until it is settled exactly once.

    How it moves is in :mod:`billing.metering.engine`. ``user`` has no constraint in the database: the
    money rows of a deleted user stay, under an id that names nobody.
    """

    class State(models.TextChoices):
        HELD = "held"
        SETTLED = "settled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    charged = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.state}"

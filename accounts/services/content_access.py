"""What staff may read of other people's private text: with a permission, for a reason, and on the record."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction
from django.db.models import Model
from django.db.models import QuerySet

from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from core.errors import Forbidden
from core.errors import InvalidInput

M = TypeVar("M", bound=Model)


def read(actor: User, rows: QuerySet[M], *, permission: str, reason: str, client: ClientInfo) -> list[M]:
    """The rows, each reading of which is in the audit log (``<model>.read``) before it is shown.

    Raises Forbidden without the permission, InvalidInput without a reason.
    """
    if not (actor.is_staff and actor.has_perm(permission)):
        raise Forbidden
    if not reason.strip():
        raise InvalidInput(details={"reason": ["Say why."]})
    with transaction.atomic():
        found = list(rows)
        for row in found:
            audit.record(f"{row._meta.model_name}.read", actor=actor, client=client, on=row, reason=reason)
    return found

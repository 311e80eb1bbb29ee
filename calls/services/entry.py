"""How services come to a call: under the stream of its conversation, with what was due done before.

What a deadline did to the call stays done even when the service then refuses. So a refusal of that kind is returned,
not raised, inside :func:`transition`, which raises it once everything is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction

from accounts.models import User
from calls import access
from calls import errors
from calls.models import Call
from calls.presentation import calls as presentation
from calls.services import deadlines
from core import sql
from core.errors import Conflict
from core.errors import DomainError
from messenger.models import Participant

P = ParamSpec("P")
R = TypeVar("R")


def transition(body: Callable[P, R | DomainError]) -> Callable[P, R]:
    """Run the function in a transaction; a refusal that it returns is raised after the commit, one it raises undoes."""

    @wraps(body)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic():
                found = body(*args, **kwargs)
        except IntegrityError as error:  # the second belt held where the first one did not
            raise Conflict from error
        if isinstance(found, DomainError):
            raise found
        return found

    return run


def taken(actor: User, call_id: UUID) -> tuple[Call, Participant]:
    """The call and the actor's membership; nobody else changes either before the transaction ends. Raises NotFound."""
    call, member = access.lock_of(actor, call_id)
    deadlines.judge(call, sql.now())
    return call, member


def refusal(error: type[DomainError], call: Call) -> DomainError:
    """An error that shows the call as it is."""
    return error(call=presentation.shape(call).model_dump(mode="json"))


def over(call: Call) -> DomainError:
    """Nothing can be done with it any more."""
    return refusal(errors.CallOver, call)

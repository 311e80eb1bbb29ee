"""Who may find an agent, and who may bring it into a conversation: asked of the app that makes agents.

That app stands above, so it registers its :class:`ContactPolicy` here, in its ``ready()``. Without one nobody finds or
adds any agent. People are everybody's to find; what stands between two of them (a block) is the messenger's to know.

The answers are conditions and not decisions about one agent, so a list asks once, in the query it makes anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from accounts.models import User


class ContactPolicy(Protocol):
    """Conditions on users of kind agent, as they concern one person. ``Exists`` and ``pk__in`` of a query are cheap;
    joins are not, as they multiply rows."""

    def may_find(self, actor_id: UUID) -> Q:
        """The agents this person sees in search and among their contacts."""
        ...

    def may_add(self, actor_id: UUID) -> Q:
        """The agents this person may write to, and bring into a group of theirs."""
        ...


_NOBODY = Q(pk__in=())
_PERSON = Q(kind=User.Kind.HUMAN)
_policies: list[ContactPolicy] = []


def register(policy: ContactPolicy) -> None:
    """Let an app decide. Raises RuntimeError for a second one: two would each open what the other keeps shut."""
    if _policies:
        raise RuntimeError(f"The contact policy of agents is {_policies[0]!r} already.")
    _policies.append(policy)


@contextmanager
def registered(policy: ContactPolicy) -> Iterator[None]:
    """For tests: instead of whatever is registered, for a while."""
    before, _policies[:] = _policies[:], [policy]
    try:
        yield
    finally:
        _policies[:] = before


def findable(actor_id: UUID) -> Q:
    """Of users: people, and the agents this one may find."""
    return _PERSON | (~_PERSON & (_policies[0].may_find(actor_id) if _policies else _NOBODY))


def addable(actor_id: UUID) -> Q:
    """Of users: people, and the agents this one may add."""
    return _PERSON | (~_PERSON & (_policies[0].may_add(actor_id) if _policies else _NOBODY))

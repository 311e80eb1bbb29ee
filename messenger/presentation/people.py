"""Users as everybody may see them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal
from typing import NamedTuple
from typing import cast
from uuid import UUID

from accounts.models import User
from accounts.models import display_name
from messenger.shapes import Person


class UserBrief(NamedTuple):
    """The columns of a user that a :class:`Person` needs; its fields are their names."""

    id: UUID
    username: str | None
    display_name: str
    avatar_url: str
    kind: str


COLUMNS = UserBrief._fields
"""For ``sql.columns(User, alias, COLUMNS)``: what :func:`brief` reads."""


def person(user: User | UserBrief) -> Person:
    """What everybody may know of a user."""
    return Person(
        id=user.id,
        username=user.username,
        name=display_name(user.display_name, user.username, user.id),
        avatar_url=user.avatar_url,
        kind=cast("Literal['human', 'agent']", user.kind),
    )


def people(user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """By id, in one query (none for nobody); users who are gone are left out."""
    if not user_ids:
        return {}
    rows = User.objects.filter(pk__in=set(user_ids)).values_list(*COLUMNS)
    return {row[0]: person(UserBrief(*row)) for row in rows}

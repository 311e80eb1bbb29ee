"""Whom one knows, and whom one may find."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists
from django.db.models import F
from django.db.models import Max
from django.db.models import OuterRef
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Contains
from django.db.models.lookups import StartsWith

from accounts import contact_policy
from accounts.models import User
from core.errors import InvalidInput
from core.text import folded
from messenger import limits
from messenger.access import unblocked
from messenger.models import Conversation
from messenger.models import Participant


def contacts(actor: User) -> QuerySet[User]:
    """Whom the actor shares a conversation with, but agents they may not find; ``met_at``: when something was said in
    one of these last."""
    mine = Conversation.objects.visible_to(actor).values("pk")
    return (
        User.objects.filter(contact_policy.findable(actor.pk), is_active=True, participations__conversation__in=mine)
        .exclude(pk=actor.pk)
        .annotate(met_at=Max("participations__conversation__updated_at"))
    )


def search(actor: User, *, words: str, limit: int) -> list[User]:
    """Active users by user name or by what they call themselves: those that begin with the words, then those that
    contain them; nobody who is blocked, and no agent the actor may not find.

    Raises InvalidInput for fewer than ``limits.SHORTEST_SEARCH`` characters.
    """
    wanted = words.strip().lower()
    if len(wanted) < limits.SHORTEST_SEARCH:
        raise InvalidInput(details={"search": [f"Type at least {limits.SHORTEST_SEARCH} characters."]})
    name = Lower("username")
    called = folded(wanted)
    seen = User.objects.filter(contact_policy.findable(actor.pk), unblocked(actor.pk), is_active=True)
    found = seen.exclude(pk=actor.pk).alias(folded=name)
    beginning = StartsWith(F("folded"), Value(wanted)) | StartsWith(F("search_name"), Value(called))
    begins = found.filter(beginning).order_by("folded")[:limit]
    rows: list[User] = list(begins)
    if len(rows) < limit:
        inside = Contains(F("folded"), Value(wanted)) | Contains(F("search_name"), Value(called))
        containing = found.filter(inside).exclude(pk__in=[row.pk for row in rows])
        rows += containing.order_by("folded")[: limit - len(rows)]
    return rows


def called(words: str, of: str = "") -> Q:
    """Of users, or of what leads to them by ``of``: those who have the words in one of their two names."""
    return Q(**{f"{of}username__icontains": words.strip()}) | Q(**{f"{of}search_name__contains": folded(words.strip())})


def known(actor: User, user_ids: Collection[UUID]) -> list[UUID]:
    """Of these, the people whose presence the actor may see: a shared conversation, and no block. Agents have none."""
    mine = Conversation.objects.visible_to(actor).values("pk")
    shared = Participant.objects.filter(user=OuterRef("pk"), conversation__in=mine)
    found = User.objects.filter(Exists(shared), unblocked(actor.pk), pk__in=user_ids, kind=User.Kind.HUMAN)
    found = found.exclude(pk=actor.pk)
    return list(found.values_list("pk", flat=True))

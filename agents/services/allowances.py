"""What an owner gives for others in a day, where the owner pays: for all of them, and for each."""

from __future__ import annotations

from django.db.models import F
from django.db.models import Q
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents import limits
from agents.models import AgentRun
from core.ids import first_at


def left_of_owner(row: AgentRun) -> int | None:
    """Where the owner pays for others: what is left of what they give for a day, for all and for who asks.

    None where nobody else pays. Counted is what was settled, so runs at the same moment may each use the rest.
    """
    if row.payer_id in (row.asker_id, None) or row.agent is None:
        return None
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    # By their ids, which tell when they were made: what the agent did before today is not looked at.
    runs = AgentRun.objects.filter(agent=row.agent, pk__gte=first_at(today), payer_id=row.payer_id)
    tokens = F("prompt_tokens") + F("completion_tokens")
    used = runs.exclude(asker_id=row.payer_id).aggregate(
        all=Coalesce(Sum(tokens), 0), own=Coalesce(Sum(tokens, filter=Q(asker_id=row.asker_id)), 0)
    )
    for_all = row.agent.owner_daily_tokens or limits.OWNER_DAILY_TOKENS
    for_one = row.agent.asker_daily_tokens or limits.ASKER_DAILY_TOKENS
    return int(min(for_all - used["all"], for_one - used["own"]))

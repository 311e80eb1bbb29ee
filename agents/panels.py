"""What agents show on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.db.models import Count
from django.db.models import F
from django.db.models import Q
from django.db.models import Sum
from django.db.models.functions import TruncDate

from agents.models import Agent
from agents.models import AgentRun
from agents.models import AgentStep
from core import dashboard
from core.dashboard import Card
from core.dashboard import Chart
from core.dashboard import Series

_State = AgentRun.State


class Agents(dashboard.Panel):
    """How many agents there are, what they do this moment, and how their runs ended."""

    key = "agents"
    permission = "agents.view_agentrun"

    def cards(self) -> Iterable[Card]:
        yield Card("agents", "Agents", Agent.objects.current().filter(is_active=True).count())
        yield Card("agent_runs_live", "Runs now", AgentRun.objects.live().count())
        waiting = AgentRun.objects.filter(state=_State.WAITING).count()
        yield Card("agent_runs_waiting", "Runs that wait for a person", waiting)

    def charts(self, days: list[date]) -> Iterable[Chart]:
        first = dashboard.first_id(days[0])
        runs = AgentRun.objects.filter(pk__gte=first).annotate(day=TruncDate("created_at", tzinfo=UTC))
        ends = (_State.COMPLETE, _State.LIMITED, _State.STOPPED, _State.FAILED)
        counted = {f"ended_{state}": Count("pk", filter=Q(state=state)) for state in ends}
        tokens = Sum(F("prompt_tokens") + F("completion_tokens"))
        grouped = list(runs.values_list("day").annotate(**counted, tokens=tokens).order_by("day"))
        names = ("Complete", "Met a bound", "Stopped", "Failed")
        series = [
            Series(name, dashboard.by_day(days, [(row[0], row[place]) for row in grouped]))
            for place, name in enumerate(names, start=1)
        ]
        yield Chart("agent_runs", "Runs of agents", days, series)
        used = [(row[0], row[len(names) + 1] or 0) for row in grouped]
        yield Chart("agent_tokens", "Tokens of agents", days, [Series("Tokens", dashboard.by_day(days, used))])
        yield Chart("agent_calls", "Calls of functions", days, self._calls(days, first))

    def _calls(self, days: list[date], first: object) -> list[Series]:
        steps = AgentStep.objects.filter(pk__gte=first, kind=AgentStep.Kind.TOOL)
        shown = {"Done": "done", "Failed": "failed", "Denied": "denied", "Nobody knows": "unknown"}
        counted = {f"ended_{state}": Count("pk", filter=Q(state=state)) for state in shown.values()}
        days_of = steps.annotate(day=TruncDate("started_at", tzinfo=UTC)).values_list("day")
        grouped = list(days_of.annotate(**counted).order_by("day"))
        return [
            Series(name, dashboard.by_day(days, [(row[0], row[place]) for row in grouped]))
            for place, name in enumerate(shown, start=1)
        ]

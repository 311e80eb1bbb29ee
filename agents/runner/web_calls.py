"""Calls of webhooks and APIs: made ready by :mod:`agents.egress`, and sent by it."""

from __future__ import annotations

from functools import partial

from agents import egress
from agents.models import AgentFunction
from agents.runner import callers
from agents.runner.callers import Prepared
from agents.runner.callers import Wanted
from agents.services import outgoing


def prepare(wanted: Wanted) -> Prepared:
    """The request of a call, to the byte."""
    row = wanted.function
    context = outgoing.context(
        row.agent,
        step_id=wanted.key,
        run_id=wanted.run_id,
        asker_id=wanted.asker_id,
        conversation_id=wanted.conversation_id,
    )
    request = egress.build(outgoing.function(row), wanted.arguments, context)
    size = len(request.url) + len(request.body)
    send = partial(egress.send, request, name=row.name, last4=outgoing.last4(row))
    return Prepared(send=send, shown=request.shown(), size=size, host=request.host)


callers.use(AgentFunction.Type.WEBHOOK, prepare)
callers.use(AgentFunction.Type.API, prepare)

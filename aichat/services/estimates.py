"""What a question would cost, before it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from aichat import costs
from aichat import habits
from aichat import shapes
from aichat.models import Chat
from aichat.services import affording
from aichat.services.chats import own_chat
from aichat.services.planning import ACTIVE
from aichat.services.planning import Active
from aichat.services.planning import Question
from aichat.services.planning import plan_question
from billing import metering
from core import llm
from core.llm import prices


def estimate(
    actor: User,
    *,
    content: str,
    chat_id: UUID | None = None,
    model: str = "",
    attachments: Sequence[UUID] = (),
    parent_id: UUID | Active | None = ACTIVE,
    effort: str | None = None,
) -> shapes.Estimate:
    """What :func:`aichat.services.messages.post_message` with the same arguments would hold; writes nothing."""
    chat = own_chat(actor, chat_id) if chat_id else Chat(owner=actor)
    plan = plan_question(actor, chat, Question(content, model, attachments, parent_id, effort), dry=True)
    prompt, shown = plan.prompt, costs.shown_to(actor)
    left = metering.allowance(actor.pk).left
    asked = affording.Asked.of(plan.model, plan.effort, prompt)
    fits = left is None or metering.for_prompt(prompt.tokens) + asked.floor <= left
    effort = plan.effort or None
    if not fits:
        effort = affording.cheaper(
            actor.pk, plan.model, plan.effort, prompt_tokens=prompt.tokens, max_tokens=prompt.max_tokens
        )
    answer = min(habits.of(plan.model.id, plan.effort).typical, prompt.max_tokens)
    at_most = prompt.tokens + prompt.max_tokens
    return shapes.Estimate(
        model=plan.model.id,
        effort=plan.effort or None,
        prompt_tokens=prompt.tokens,
        max_tokens=prompt.max_tokens,
        typical=prompt.tokens + answer,
        at_most=at_most,
        typical_cost=shown.amount(_cost(plan.model, prompt.tokens, answer)),
        at_most_cost=shown.amount(affording.dearest(plan.model, prompt.tokens, prompt.max_tokens)),
        estimated_tokens=at_most,
        tokens_left=left,
        fits=fits,
        fits_effort=effort,
        step=_step(plan.model, prompt.tokens),
        left_out=prompt.left_out,
    )


def _cost(model: llm.Model, read: int, written: int) -> Decimal | None:
    return prices.cost(llm.Usage(read, written), model, llm.catalogue.today())


def _step(model: llm.Model, read: int) -> shapes.PriceStep | None:
    price = prices.price_on(model, llm.catalogue.today())
    if price is None or price.above is None or read <= price.step or not price.rates.input:
        return None
    return shapes.PriceStep(tokens=price.step, times=f"{(price.above.input / price.rates.input).normalize():f}")

"""Which models write: the one that was asked for, then those that the operator set up, in their order."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings

from accounts.models import User
from billing import metering
from core import llm
from core.errors import DomainError
from documents import shapes
from documents.errors import ModelsUnavailable


def check(actor: User, model: str) -> None:
    """Whether they may have it; empty is always right. Raises UnknownModel, ModelEnded, NoProvider, UpgradeRequired."""
    if model:
        metering.require_tier(actor.pk, llm.catalogue.require(model).min_tier)


def of(actor: User, *asked: str) -> list[str]:
    """Who is asked, one after the other: the first that is named, then those that are set up, as far as the plan has
    them and they are offered. Raises ModelsUnavailable when there is none."""
    named = next((model for model in asked if model), "")
    tier = metering.tier_of(actor.pk)
    found: list[str] = []
    for model in (named, *_set_up(tier)):
        with suppress(DomainError):
            if model and metering.tier_allows(tier, llm.catalogue.require(model).min_tier):
                found.append(model)
    if not found:
        raise ModelsUnavailable
    return list(dict.fromkeys(found))


def shown(actor: User) -> shapes.WritersShape:
    """For a menu: those that are set up first, then all others that are offered."""
    tier = metering.tier_of(actor.pk)
    offered = {model.id: model for model in llm.catalogue.visible()}
    first = [model for model in _set_up(tier) if model in offered]
    models = [
        shapes.WriterShape(
            id=model.id,
            name=model.name,
            provider=model.provider,
            min_tier=model.min_tier,
            available=metering.tier_allows(tier, model.min_tier),
            default=model.id in first[:1],
            is_demo=model.is_demo,
            context_window=model.context_window,
            max_output_tokens=model.max_output_tokens,
        )
        for model in (offered[name] for name in dict.fromkeys([*first, *offered]))
    ]
    return shapes.WritersShape(models=models)


def _set_up(tier: str) -> list[str]:
    if settings.DOCUMENTS.models:
        return list(settings.DOCUMENTS.models)
    with suppress(DomainError):
        return [llm.catalogue.default(lambda needed: metering.tier_allows(tier, needed)).id]
    return []

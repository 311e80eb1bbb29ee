"""Which model answers: the one that was chosen, its heir, or the default of the site for this person."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from django.conf import settings

from accounts.models import User
from billing import metering
from core import llm
from core.llm import efforts
from core.llm.errors import ModelEnded
from core.llm.errors import NoProvider
from core.llm.errors import UnknownModel


def checked(model_id: str) -> str:
    """A model may be chosen before anything runs it, but not one that nothing will run again.

    Raises UnknownModel, ModelEnded.
    """
    with suppress(NoProvider):
        llm.catalogue.require(model_id)
    return model_id


def checked_effort(model_id: str, effort: str | None) -> str | None:
    """The effort, when the model lists it; of a model that nobody knows any more nothing is checked.

    Raises UnknownEffort.
    """
    with suppress(UnknownModel):
        if effort and model_id:
            efforts.checked(llm.catalogue.get(model_id), effort)
    return effort


def default_model(actor: User) -> llm.Model:
    """The best of the site's usual models that the person's plan has; raises NoProvider."""

    @cache
    def have() -> str:
        return metering.tier_of(actor.pk)

    return llm.catalogue.default(lambda need: metering.tier_allows(have(), need))


def usable_model(actor: User, model_id: str, *, check_tier: bool = True, may_succeed: bool = True) -> llm.Model:
    """The model, when it can be asked now and the user's plan has it.

    Raises ModelEnded for one that its maker has switched off, with the successor to go on with; where the operator says
    so (``LLM_SUCCEED=auto``) the successor is returned in its place, and the caller has to say that it is another one.
    """
    if not model_id:
        model = default_model(actor)
    else:
        try:
            model = llm.catalogue.require(model_id)
        except ModelEnded as ended:
            model = _heir(ended, may_succeed=may_succeed)
    if check_tier:
        metering.require_tier(actor.pk, model.min_tier)
    return model


def _heir(ended: ModelEnded, *, may_succeed: bool) -> llm.Model:
    heir = ended.context.get("successor")
    if may_succeed and settings.LLM_SUCCEED == "auto" and heir:
        return llm.catalogue.require(str(heir))
    if settings.LLM_SUCCEED == "never":
        raise ModelEnded(ended.sentence, **(ended.context | {"successor": None, "successor_name": None}))
    raise ended


def succeeded(asked: str, taken: llm.Model) -> str:
    """The id that was asked for, when another model stands in for it; empty when it answers itself."""
    return asked if asked and asked != taken.id else ""

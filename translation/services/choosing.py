"""Which service and which languages: what was asked for, made into what there is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from billing import metering
from core import llm
from core.errors import DomainError
from core.errors import Unavailable
from translation import detecting
from translation import languages
from translation import pricing
from translation.errors import SameLanguage
from translation.errors import UnknownService
from translation.errors import UnsupportedLanguage
from translation.providers import registry
from translation.providers.base import Capabilities
from translation.providers.base import Name
from translation.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Pair:
    """``source`` is empty where the service is to find out; what we found ourselves is ``detected``."""

    source: str
    target: str
    detected: str = ""
    is_sure: bool | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A service that is on, and the model it asks."""

    provider: Provider
    terms: pricing.Terms
    capabilities: Capabilities
    model: str = ""
    fallback_model: str = ""

    @property
    def name(self) -> Name:
        return self.provider.name


def service(actor: User, *, asked: str = "", model: str = "") -> Choice:
    """The service that was asked for, or the next real one; the answer says which.

    Raises UnknownService, Unavailable when none is on, and for a model UnknownModel, ModelEnded, NoProvider and
    UpgradeRequired. A model that is named where no real one is connected is passed over, as its service is.
    """
    if asked and asked not in registry.NAMES:
        raise UnknownService
    if model and not asked:
        asked = "llm"
    provider = registry.choose(asked)
    if provider is None:
        raise Unavailable("No translation service is set up here.")
    taken, other = _models(actor, model if asked == "llm" else "") if provider.name == "llm" else ("", "")
    return Choice(provider, pricing.terms(provider.name), provider.capabilities(), taken, other)


def _models(actor: User, asked: str) -> tuple[str, str]:
    """The one that was chosen, the site's own for translations, or the best that the person's plan has; that one is
    asked, too, for what another could not do."""
    tier = metering.tier_of(actor.pk)
    best = llm.catalogue.default(lambda needed: metering.tier_allows(tier, needed))
    wanted = asked or settings.TRANSLATION.model
    chosen = llm.catalogue.require(wanted) if wanted else best
    metering.require_tier(actor.pk, chosen.min_tier)
    is_other = best.id != chosen.id and not best.is_demo and metering.tier_allows(tier, best.min_tier)
    return chosen.id, best.id if is_other else ""


def fallback(actor: User, model: str) -> str:
    """The model that is asked for what ``model`` could not do; empty for none."""
    with suppress(DomainError):
        return _models(actor, model)[1]
    return ""


def language(code: str) -> str:
    """Our code of a language, however it was written. Raises UnsupportedLanguage."""
    found = languages.find(code)
    if found is None:
        raise UnsupportedLanguage(language=code[:20])
    return found.code


def pair(sample: str, *, source: str, target: str, able: Capabilities) -> Pair:
    """Both languages by our codes; ``sample`` is looked at where the source was not said.

    Raises UnsupportedLanguage for what the service does not have, and SameLanguage.
    """
    target = language(target)
    if not offers(target, able.targets):
        raise UnsupportedLanguage(language=target)
    if not source:
        return _detected(sample, target)
    source = language(source)
    if not offers(source, able.sources):
        raise UnsupportedLanguage(language=source)
    if languages.is_same(source, target):
        raise SameLanguage(language=target)
    _refuse_missing_pair(source, target, able)
    return Pair(source, target)


def offers(code: str, offered: frozenset[str]) -> bool:
    """Whether a service has a language or a variant of it; nothing listed: it has all."""
    return not offered or bool(languages.closest(code, offered)) or languages.ALL[code].base in offered


def _detected(sample: str, target: str) -> Pair:
    found = detecting.detect(sample)
    if found.is_sure and languages.is_same(found.code, target):
        raise SameLanguage(language=target)
    return Pair(found.code if found.is_sure else "", target, found.code, found.is_sure)


def _refuse_missing_pair(source: str, target: str, able: Capabilities) -> None:
    if able.targets_by_source is None:
        return
    theirs = languages.closest(source, able.targets_by_source)
    if not offers(target, able.targets_by_source.get(theirs, frozenset())):
        raise UnsupportedLanguage(language=target)

"""Which services there are, which of them are on, and which one is taken.

Adapters are imported when they are used: SDKs are large.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import cast
from typing import get_args

from django.conf import settings

from core import llm
from translation.providers.base import Name
from translation.providers.base import Provider

NAMES: tuple[Name, ...] = get_args(Name)
"""In the order in which one is taken where nobody chose."""

_ADAPTERS: dict[Name, str] = {
    "deepl": "translation.providers.deepl.adapter.DeepLProvider",
    "otranslator": "translation.providers.otranslator.OTranslatorProvider",
    "llm": "translation.providers.llm.adapter.LLMProvider",
    "libretranslate": "translation.providers.libretranslate.LibreTranslateProvider",
    "demo": "translation.providers.demo.DemoProvider",
}


@dataclass(frozen=True, slots=True)
class State:
    """Whether a service is on, and why not."""

    name: Name
    is_on: bool
    reason: str


def is_name(name: str) -> bool:
    """Whether a service of that name exists, on or off."""
    return name in NAMES


def get(name: str) -> Provider:
    """A provider by the name that stands in a row; ModuleNotFoundError for one that is not built."""
    module, _, attribute = _ADAPTERS[cast("Name", name)].rpartition(".")
    return cast("Provider", getattr(import_module(module), attribute)())


def state(name: Name) -> State:
    """How a service stands."""
    missing = _missing(name)
    return State(name, is_on=not missing, reason=missing)


def _missing(name: Name) -> str:
    ours = settings.TRANSLATION
    match name:
        case "deepl":
            return "" if ours.deepl_api_key else "DEEPL_API_KEY is not set."
        case "otranslator":
            return "" if ours.otranslator_api_key else "OTRANSLATOR_API_KEY is not set."
        case "libretranslate":
            return "" if ours.libretranslate_url else "LIBRETRANSLATE_URL is not set."
        case "llm":
            return "" if has_models() else "No language model is connected."
        case "demo":
            return "" if settings.DEMO_PROVIDERS else "Demos are off."


def has_models() -> bool:
    """Whether there is a language model that is no demo."""
    return any(not model.is_demo for model in llm.catalogue.visible())


def choose(asked: str = "") -> Name | None:
    """The service that is taken: the one that was asked for when it is on, else the next real one, else the demo.

    None when none is on.
    """
    order = [cast("Name", asked), *NAMES] if is_name(asked) else NAMES
    return next((name for name in order if state(name).is_on), None)

"""Which services there are here, by name. What is heavy is imported when it is asked for."""

from __future__ import annotations

from functools import cache
from typing import cast
from typing import get_args

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from core import llm
from translation.providers.base import Name
from translation.providers.base import Provider

NAMES: tuple[Name, ...] = get_args(Name)

ADAPTERS: dict[Name, str] = {
    "deepl": "translation.providers.deepl.adapter.DeepLProvider",
    "otranslator": "translation.providers.otranslator.OTranslatorProvider",
    "llm": "translation.providers.llm.adapter.LLMProvider",
    "libretranslate": "translation.providers.libretranslate.LibreTranslateProvider",
    "demo": "translation.providers.demo.DemoProvider",
}
"""In the order in which they are offered, and take each other's place when one is off."""


def get(name: str) -> Provider:
    """The service of that name. Raises KeyError for one that is not there, or off."""
    if not is_on(name):
        raise KeyError(name)
    return _made(cast("Name", name), *_account(name))


def offered() -> list[Provider]:
    """Those that are on."""
    return [get(name) for name in ADAPTERS if is_on(name)]


def choose(asked: str = "") -> Provider | None:
    """The service that was asked for when it is on, else the next real one, else the demo; None when none is on."""
    return next((get(name) for name in (asked, *ADAPTERS) if is_on(name)), None)


def is_on(name: str) -> bool:
    """Whether it can be asked: it has a key or an address, the language models a real one; the demo needs none."""
    return name in ADAPTERS and not missing(name)


def missing(name: str) -> str:
    """What a service that is off lacks, as a sentence; empty for one that is on."""
    if name == "demo":
        return "" if settings.DEMO_PROVIDERS else _("Demos are switched off here.")
    if name == "llm":
        return "" if has_models() else _("No language model is connected.")
    variable = {"libretranslate": "LIBRETRANSLATE_URL"}.get(name, f"{name.upper()}_API_KEY")
    return "" if _account(name)[0] else f"{variable} is not set."


def has_models() -> bool:
    """Whether there is a language model that is no demo."""
    return any(not model.is_demo for model in llm.catalogue.visible())


def _account(name: str) -> tuple[str, str]:
    ours = settings.TRANSLATION
    return {
        "deepl": (ours.deepl_api_key, ours.deepl_api_base),
        "otranslator": (ours.otranslator_api_key, ours.otranslator_api_base),
        "libretranslate": (ours.libretranslate_url, ours.libretranslate_api_key),
    }.get(name, ("", ""))


@cache
def _made(name: Name, _key: str, _base: str) -> Provider:
    return cast("Provider", import_string(ADAPTERS[name])())

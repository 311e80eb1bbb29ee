"""Which services there are here, by name. What is heavy is imported when it is asked for."""

from __future__ import annotations

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from translation.providers.base import Provider

ADAPTERS = {
    "deepl": "translation.providers.deepl.adapter.DeepLProvider",
    "otranslator": "translation.providers.otranslator.OTranslatorProvider",
    "demo": "translation.providers.demo.DemoProvider",
}
"""In the order in which they are offered, and take each other's place when one is off."""


def get(name: str) -> Provider:
    """The service of that name. Raises KeyError for one that is not there, or off."""
    if not is_on(name):
        raise KeyError(name)
    key, base = _account(name)
    return _made(name, key, base)


def offered() -> list[Provider]:
    """Those that are on; the demo only where no real one is, or where demos are wanted."""
    return [get(name) for name in ADAPTERS if is_on(name)]


def is_on(name: str) -> bool:
    """Whether it can be asked: it has a key; the demo needs none."""
    if name == "demo":
        return bool(settings.DEMO_PROVIDERS) or not any(is_on(other) for other in ADAPTERS if other != "demo")
    return name in ADAPTERS and bool(_account(name)[0])


def _account(name: str) -> tuple[str, str]:
    ours = settings.TRANSLATION
    return {
        "deepl": (ours.deepl_api_key, ours.deepl_api_base),
        "otranslator": (ours.otranslator_api_key, ours.otranslator_api_base),
    }.get(name, ("", ""))


@cache
def _made(name: str, _key: str, _base: str) -> Provider:
    return cast("Provider", import_string(ADAPTERS[name])())

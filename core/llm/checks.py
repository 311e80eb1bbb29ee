"""Refuses to start with a catalogue that cannot be used."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Error
from django.core.checks import Warning as Caution
from django.core.checks import register
from django.core.exceptions import ImproperlyConfigured

from core.llm import catalogue


@register()
def check_models(**_kwargs: Any) -> list[CheckMessage]:
    """The catalogue can be read, and the default model is in it."""
    try:
        known = catalogue.listed()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="llm.E001")]
    name = settings.DEFAULT_MODEL
    if name and name not in known and not settings.LLM_DISCOVERY and not settings.OPENAI_BASE_URL:
        return [Caution(f"DEFAULT_MODEL names {name!r}, which the catalogue does not have.", id="llm.W001")]
    return []

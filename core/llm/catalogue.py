"""The models on offer: the built-in list, the operator's file on top, and what was found on this machine.

The operator's file (``LLM_CATALOGUE``) has the built-in file's shape, ``{"models": [{"id": …, …}]}``. An entry with a
known id changes only the fields it names (a new price, another tier); ``"retired": true`` takes the model away; an
entry with a new id adds a model. Models are offered in the order of the files.
"""

from __future__ import annotations

from decimal import Decimal
from decimal import InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.llm import discovery
from core.llm import registry
from core.llm.base import Model
from core.llm.errors import NoProvider
from core.llm.errors import UnknownModel

BUILT_IN = Path(__file__).with_name("catalogue.json")
ENCODINGS = frozenset({"", "cl100k_base", "o200k_base"})
PARAMETERS = frozenset({"max_tokens", "max_completion_tokens", "temperature"})


class _Row(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A model of a file; the defaults are what an operator may leave out for a new one."""

    id: str
    provider: str
    context_window: int
    name: str = ""
    max_output_tokens: int = 4096
    min_tier: str = "basic"
    parameters: tuple[str, ...] = ("max_tokens", "temperature")
    vision: bool = False
    tools: bool = False
    is_demo: bool = False
    input_price: str | float | None = None
    output_price: str | float | None = None
    encoding: str = "o200k_base"
    upstream: str = ""
    retired: bool = False


def _price(value: str | float | None) -> Decimal | None:
    if value is None:
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a price") from None
    if not price.is_finite() or price < 0:
        raise ValueError(f"{value!r} is not a price")
    return price


def _model(row: _Row) -> Model:
    """Raises ValueError with a sentence about the first field that makes no sense."""
    if unknown := set(row.parameters) - PARAMETERS:
        raise ValueError(f"the parameters {sorted(unknown)} are not known; choose from {sorted(PARAMETERS)}")
    if row.encoding not in ENCODINGS:
        raise ValueError(f"the encoding {row.encoding!r} is not one of {sorted(ENCODINGS)}")
    if row.provider not in registry.NAMES:
        raise ValueError(f"the provider {row.provider!r} is not one of {sorted(registry.NAMES)}")
    if not row.id or row.context_window < 1 or row.max_output_tokens < 1:
        raise ValueError("id, context_window and max_output_tokens must not be empty")
    return Model(
        id=row.id,
        name=row.name or row.id,
        provider=row.provider,
        context_window=row.context_window,
        max_output_tokens=row.max_output_tokens,
        min_tier=row.min_tier,
        parameters=frozenset(row.parameters),
        vision=row.vision,
        tools=row.tools,
        is_demo=row.is_demo,
        input_price=_price(row.input_price),
        output_price=_price(row.output_price),
        encoding=row.encoding,
        upstream=row.upstream,
    )


def _entries(path: Path) -> list[dict[str, Any]]:
    """The entries of a file as they stand there; raises ImproperlyConfigured with a sentence."""
    try:
        document = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise ImproperlyConfigured(f"LLM_CATALOGUE names {path}, which cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The model catalogue {path} is not JSON: {error}.") from error
    entries = document.get("models") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(e, dict) and isinstance(e.get("id"), str) for e in entries):
        raise ImproperlyConfigured(f'The model catalogue {path} must be {{"models": [{{"id": …}}, …]}}.')
    return entries


def _merged(paths: list[Path]) -> dict[str, Model]:
    rows: dict[str, dict[str, Any]] = {}
    models: dict[str, Model] = {}
    for path in paths:
        for entry in _entries(path):
            name = entry["id"]
            rows[name] = rows.get(name, {}) | entry
            try:
                row = msgspec.convert(rows[name], _Row)
                if row.retired:
                    models.pop(name, None)
                else:
                    models[name] = _model(row)
            except (msgspec.ValidationError, ValueError) as error:
                raise ImproperlyConfigured(
                    f"The model {name!r} in the catalogue {path} cannot be used: {error}."
                ) from error
    return models


@lru_cache(maxsize=8)
def _load(extra: Path | None) -> dict[str, Model]:
    return _merged([BUILT_IN, *([extra] if extra else [])])


def listed() -> dict[str, Model]:
    """Every known model by id, whether or not anything runs it; raises ImproperlyConfigured for an unusable file.

    A server behind ``OPENAI_BASE_URL`` that told what it serves hides the built-in OpenAI models it does not have; when
    it has none of the known ones, its own are offered.
    """
    known = dict(_load(Path(settings.LLM_CATALOGUE) if settings.LLM_CATALOGUE else None))
    found = discovery.models()
    served = discovery.served()
    if served is not None:
        for name in _load(None):
            if known.get(name) and known[name].provider == "openai" and known[name].wire_name not in served:
                del known[name]
        if any(model.provider == "openai" for model in known.values()):
            found = [model for model in found if model.provider != "openai"]
    return {model.id: model for model in found if model.id not in known} | known


def visible() -> list[Model]:
    """The models that something configured runs, real ones first."""
    running = registry.names()
    return sorted((model for model in listed().values() if model.provider in running), key=lambda model: model.is_demo)


def get(model_id: str) -> Model:
    """The model by its id; raises UnknownModel. That it is known does not say that a provider for it is configured."""
    model = listed().get(model_id)
    if model is None:
        raise UnknownModel(model=model_id)
    return model


def default() -> Model:
    """``DEFAULT_MODEL`` when it is visible, else the first model; raises NoProvider when there is none."""
    models = visible()
    if not models:
        raise NoProvider
    return next((model for model in models if model.id == settings.DEFAULT_MODEL), models[0])

"""The models on offer: what others know, our list over it, the operator's file on top, and what the providers have.

The operator's file (``LLM_CATALOGUE``) has the built-in file's shape, ``{"models": [{"id": …, …}]}``. An entry with a
known id changes only the fields it names (a new price, another tier); ``"retired": true`` takes the model away; an
entry with a new id adds a model. Models are offered in the order of the files.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from core.llm import listings
from core.llm import offering
from core.llm import registry
from core.llm import rows
from core.llm.base import Model
from core.llm.errors import ModelEnded
from core.llm.errors import NoProvider
from core.llm.errors import UnknownModel
from core.llm.offering import Offer
from core.llm.registry import Slot

BUILT_IN = Path(__file__).with_name("catalogue.json")


def today() -> date:
    """The day by which models begin and end: UTC's, as their makers write it."""
    return timezone.now().date()


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
    entries: dict[str, dict[str, Any]] = {}
    models: dict[str, Model] = {}
    for path in paths:
        for entry in _entries(path):
            name = entry["id"]
            entries[name] = _laid_over(entries.get(name, {}), entry)
            try:
                model = rows.of_entry(entries[name])
            except (msgspec.ValidationError, ValueError) as error:
                raise ImproperlyConfigured(
                    f"The model {name!r} in the catalogue {path} cannot be used: {error}."
                ) from error
            if model is None:
                models.pop(name, None)
            else:
                models[name] = model
    return models


def _laid_over(below: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry over another of the same id. Who names a provider, a price or eyes of old means nothing else of it."""
    below = dict(below)
    if "provider" in entry:
        below.pop("routes", None)
    if "vision" in entry:
        below.pop("inputs", None)
    if {"prices", "input_price", "output_price"} & set(entry):
        replaced = {"input_price", "output_price"} if "prices" in entry else {"prices"}
        known = below.get("prices") or []
        below = {name: value for name, value in below.items() if name not in replaced}
        if "prices" not in entry and known:
            # One of the two named: the other stays what it was.
            below = {f"{part}_price": known[-1][part] for part in ("input", "output")} | below
    return below | dict(entry)


@lru_cache(maxsize=8)
def _load(extra: Path | None) -> dict[str, Model]:
    return _merged([BUILT_IN, *([extra] if extra else [])])


@lru_cache(maxsize=8)
def _named(extra: Path | None) -> frozenset[str]:
    """The ids that the operator's file names."""
    return frozenset(entry["id"] for entry in _entries(extra)) if extra else frozenset()


def _extra() -> Path | None:
    return Path(settings.LLM_CATALOGUE) if settings.LLM_CATALOGUE else None


def offers() -> dict[str, Offer]:
    """Every known model by id, with what can be had of it; raises ImproperlyConfigured for an unusable file."""
    running = registry.running()
    key = tuple(slot.config for slot in running.values())
    return _offers(_extra(), settings.LLM_OFFER, key, listings.version(), today(), _Running(running))


@dataclass(frozen=True, slots=True)
class _Running:
    """Follows from what else is a key of :func:`_offers`, so it is none itself."""

    slots: Mapping[str, Slot] = field(compare=False)


@lru_cache(maxsize=8)
def _offers(extra: Path | None, _kind: str, _on: Any, _version: int, day: date, running: _Running) -> dict[str, Offer]:
    models, named = _load(extra), _named(extra)
    found = {name: offering.offer(model, running.slots, day, own=name in named) for name, model in models.items()}
    known: dict[str, set[str]] = {}
    for model in models.values():
        for route in model.routes:
            known.setdefault(route.provider, set()).add(route.upstream)
    for slot in running.slots.values():
        for model in offering.unlisted(slot, known):
            ended = bool(model.until and model.until <= day)
            # A server of one's own may have our models under their names: it then runs them.
            before = found.get(model.id)
            if before is None or before.state in {"off", "missing"}:
                found[model.id] = Offer(model, "ended" if ended else "offered")
    return found


def listed() -> dict[str, Model]:
    """Every known model by id, whether or not anything runs it; those that their provider lacks are left out."""
    return {name: offer.model for name, offer in offers().items() if offer.state != "missing"}


def visible() -> list[Model]:
    """The models that something configured runs, real ones first."""
    offered = (offer.model for offer in offers().values() if offer.state == "offered")
    return sorted(offered, key=lambda model: (model.is_demo, model.group == "more"))


def ended() -> list[Model]:
    """The models that their makers have switched off."""
    return [offer.model for offer in offers().values() if offer.state == "ended"]


def get(model_id: str) -> Model:
    """The model by its id; raises UnknownModel. That it is known does not say that anything runs it: see `require`."""
    offer = offers().get(model_id)
    if offer is None or offer.state == "missing":
        raise UnknownModel(model=model_id)
    return offer.model


def require(model_id: str) -> Model:
    """The model, when it can be asked now; raises UnknownModel, ModelEnded (which names a successor), NoProvider."""
    model = get(model_id)
    offer = offers()[model_id]
    if offer.state == "ended":
        heir = successor(model)
        raise ModelEnded(
            f"{model.name} was switched off by its maker on {model.until:%-d %B %Y}."
            + (f" Go on with {heir.name}?" if heir else " Choose another model."),
            model=model.id,
            name=model.name,
            ended=str(model.until),
            successor=heir and heir.id,
            successor_name=heir and heir.name,
            note=model.note,
        )
    if offer.state == "off":
        raise NoProvider(model=model.id)
    return model


def successor(model: Model) -> Model | None:
    """The first of its heirs that is on offer; None when there is none."""
    known, seen = offers(), {model.id}
    while model.successor and model.successor not in seen:
        seen.add(model.successor)
        offer = known.get(model.successor)
        if offer is None:
            return None
        if offer.state == "offered":
            return offer.model
        model = offer.model
    return None


def ends_soon(model: Model) -> bool:
    """Whether its end is near enough to be told."""
    return bool(model.until and model.until - today() <= offering.NOTICE)


def for_new_chats(model: Model) -> bool:
    """Whether a chat may still be begun with it."""
    return not (model.until and model.until - today() <= offering.NOT_FOR_NEW)


def default(allows: Callable[[str], bool] = lambda _tier: True) -> Model:
    """The model of a new chat; raises NoProvider when there is none.

    ``DEFAULT_MODEL`` when it is on offer; else the best of those our list prefers whose tier is allowed; else the first
    that is.
    """
    models = [model for model in visible() if for_new_chats(model)] or visible()
    if not models:
        raise NoProvider
    chosen = next((model for model in models if model.id == settings.DEFAULT_MODEL), None)
    allowed = [model for model in models if allows(model.min_tier)]
    preferred = [model for model in allowed if model.preferred]
    return chosen or next(iter([*preferred[-1:], *allowed, *models]))


def light(provider: str = "") -> Model:
    """The cheapest model on offer, for titles and other small work; raises NoProvider when there is none.

    With a ``provider`` only its own: for words that were given to it and to nobody else.

    One without a price is on a machine of the operator's own, or nobody knows: it is taken after all others.
    """
    models = [model for model in visible() if provider in {"", model.provider}]
    if not models:
        raise NoProvider

    def dearness(model: Model) -> tuple[bool, bool, object]:
        known = model.input_price is not None and model.output_price is not None
        return model.is_demo, not known, (model.input_price or 0) + 3 * (model.output_price or 0)

    return min(models, key=dearness)

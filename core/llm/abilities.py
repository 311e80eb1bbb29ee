"""What a model can do beyond writing text: the one place where the adapters read it."""

from __future__ import annotations

from dataclasses import dataclass

from core.llm.base import Adjustments
from core.llm.base import Model

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From the least thinking to the most."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """``efforts`` empty: the model does not think, or nobody can steer it. ``effort`` is what is asked for usually."""

    inputs: frozenset[str]
    choices: frozenset[str]
    schema: bool
    sampling: str
    """Whether it takes a temperature: ``yes``, ``no``, or ``with_none``, which is beside the effort ``none`` only."""
    efforts: tuple[str, ...]
    effort: str | None
    verbosity: bool
    cache_least: int | None
    """Tokens of the shortest prompt that is worth caching; None where caching is not asked for."""


def of(model: Model) -> Abilities:
    """From the row of the catalogue."""
    return Abilities(
        inputs=model.inputs or frozenset({"image"} if model.vision else ()),
        choices=model.choices,
        schema=model.schema,
        sampling=model.sampling if model.sampling == "with_none" or "temperature" in model.parameters else "no",
        efforts=model.efforts,
        effort=model.effort or None,
        verbosity=model.verbosity,
        cache_least=model.cache_least,
    )


def effort(model: Model, wanted: str | None, adjustments: Adjustments) -> str | None:
    """The effort to ask for: the wanted one or the next lower the model has, else its lowest; None: say nothing."""
    abilities = of(model)
    has = adjustments.efforts or abilities.efforts
    if not has:
        return None
    asked = wanted or abilities.effort
    if asked is None:
        return None
    ordered = sorted((name for name in has if name in EFFORTS), key=EFFORTS.index)
    if not ordered or asked not in EFFORTS:
        return None
    lower = [name for name in ordered if EFFORTS.index(name) <= EFFORTS.index(asked)]
    return (lower or ordered[:1])[-1]


def temperature(model: Model, wanted: float | None, asked_effort: str | None) -> float | None:
    """The temperature to send; None where the model refuses one beside this effort."""
    sampling = of(model).sampling
    if sampling == "yes" or (sampling == "with_none" and asked_effort == "none"):
        return wanted
    return None


def choice(model: Model, wanted: str) -> str:
    """The choice of tools to send: one the model refuses becomes ``auto``."""
    kind = wanted if wanted in {"auto", "none", "required"} else "named"
    return wanted if kind in of(model).choices else "auto"

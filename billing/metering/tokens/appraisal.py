"""What abandoned work cost in dollars: the ledger knows no models, so an app that does tells it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.llm.base import Usage
from core.llm.prices import UNKNOWN
from core.llm.prices import Charge

logger = logging.getLogger(__name__)

Appraiser = Callable[[str, Usage], Charge]
"""Told a model and what it was used for; asks nothing outside this process."""

_appraisers: list[Appraiser] = []


def appraised_by(appraise: Appraiser) -> None:
    """From now on ask this one, too; called once per process, when an app starts."""
    if appraise not in _appraisers:
        _appraisers.append(appraise)


def of(model: str, usage: Usage) -> Charge:
    """The first charge with a cost; unknown where nobody can tell, or who could fails: the tokens are booked anyway."""
    for appraise in _appraisers:
        try:
            charge = appraise(model, usage)
        except Exception:
            logger.exception("metering.not_appraised", extra={"model": model})
            continue
        if charge.cost is not None:
            return charge
    return UNKNOWN

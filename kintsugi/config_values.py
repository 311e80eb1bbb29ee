"""How single variables of the environment are written: durations with a unit, lists with commas."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(value: object) -> timedelta:
    """``"15m"``, ``"168h"``, ``"6h"`` as a timedelta; units are ms, s, m, h and d.

    Raises ValueError with a sentence for anything else, a number without a unit included.
    """
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", str(value).strip())
    if not match:
        raise ValueError(f"{value!r} is not a duration such as 15m, 6h or 168h")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def split(value: object) -> object:
    """The parts of a text with commas; anything else stays."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
CommaList = Annotated[list[str], NoDecode, BeforeValidator(split)]

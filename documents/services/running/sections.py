"""The sections of a run, one after the other."""

from __future__ import annotations

from documents.services.running.desk import Desk
from documents.services.running.steps import Steps


def write(desk: Desk, steps: Steps) -> None:
    raise NotImplementedError

"""Signals to the apps above; all are sent after commit, with plain values."""

from __future__ import annotations

from django.dispatch import Signal

hold_swept = Signal()
"""An abandoned hold was settled at its progress. Arguments: ``key``, ``feature``, ``reference``."""

hold_overrun = Signal()
"""More was used than held. Arguments: ``key``, ``user_id``, ``feature``, ``model``, ``held``, ``charged``."""

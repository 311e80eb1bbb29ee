"""Sending Django signals to the apps above: after the commit, with ids and plain values."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal


def send_on_commit(signal: Signal, **values: Any) -> None:
    """Send the signal once the transaction has committed; at once when there is none.

    A listener that fails is logged by Django and must not undo, in the caller's eyes, what is committed.
    """
    transaction.on_commit(partial(signal.send_robust, sender=None, **values))

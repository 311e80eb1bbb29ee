"""What agents tell within the house."""

from __future__ import annotations

from django.dispatch import Signal

run_ended = Signal()
"""``run: AgentRun``, as it ends: sent inside the transaction that ends it, so what is written with it ends with it."""

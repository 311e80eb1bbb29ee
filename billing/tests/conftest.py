"""Servers that nobody of this project wrote."""

from __future__ import annotations

from tests.peers import stripe_process
from tests.peers import stripe_server

__all__ = ["stripe_process", "stripe_server"]

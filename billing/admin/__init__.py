"""The operators' door to plans, tokens, payments and orders."""

from billing.admin import metering
from billing.admin import payments
from billing.admin import plans

__all__ = ["metering", "payments", "plans"]
"""Importing them registers their pages."""

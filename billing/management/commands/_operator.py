"""What the operators' commands share."""

from __future__ import annotations

from accounts.management.operator import OperatorCommand
from accounts.management.operator import find_user

__all__ = ["OperatorCommand", "find_user"]

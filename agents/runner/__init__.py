"""What makes runs go: any serving process claims one, takes its next step, and writes before it acts.

:mod:`.journal` has the transactions, :mod:`.deciding` what comes next, :mod:`.model_steps` and :mod:`.tool_steps` the
two kinds of steps, :mod:`.running` one run and :mod:`.runners` all those of a process.
"""

from __future__ import annotations

from agents.runner.runners import current
from agents.runner.runners import serve

__all__ = ["current", "serve"]

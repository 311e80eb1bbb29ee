"""How long a proof runs, and how Hypothesis plays it: ``EXAMPLES=500 STEPS=40 SEED=7 make prove`` for a long run."""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import Verbosity
from hypothesis import settings

SHRINK = os.environ.get("SHRINK", "") == "yes"
"""Looking for the shortest play that fails takes minutes; the first one that fails says what it was, too."""
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))


def length(examples: int, steps: int) -> tuple[int, int]:
    """Plays, and steps of each: what the environment says, or else these."""
    return int(os.environ.get("EXAMPLES", examples)), int(os.environ.get("STEPS", steps))


def plays(examples: int, steps: int) -> settings:
    """Settings for so many plays."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
    )

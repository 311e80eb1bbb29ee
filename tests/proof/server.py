"""``manage.py serve`` with short patience, and with one of its safeguards taken out when PROOF_MUTANT names one."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the server process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")
    import django

    django.setup()
    from tests.proof import mutants
    from tests.proof import speaking

    speaking.hurry()
    mutants.hurry()
    mutants.hesitate()
    if name := os.environ.get("PROOF_MUTANT"):
        mutants.MUTANTS[name]()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()

"""``manage.py serve`` for the proof of calls, and with PROOF_MUTANT such that safeguards can be taken out of it."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the server process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")
    import django

    django.setup()
    from tests.proof import mutants as messenger
    from tests.proof.calls import house
    from tests.proof.calls import mutants

    messenger.hurry()
    house.set_up()
    if os.environ.get("PROOF_MUTANT"):
        mutants.prepare()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()

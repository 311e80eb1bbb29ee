"""The entry point. This file also has to be understood by a Python that is too old for the rest."""

from __future__ import annotations

import sys

OLDEST = (3, 11)


def main(arguments: list[str], version: tuple[int, ...] = sys.version_info[:3]) -> int:
    """Run one target; every expected failure is a sentence on standard error and exit status 1."""
    if version[:2] < OLDEST:
        running = ".".join(map(str, version))
        sys.stderr.write(
            f"Kintsugi needs Python 3.11 or newer; this is {running}. "
            "Install a newer one and name it: make run PYTHON=python3.11\n"
        )
        return 1
    from deploy import targets
    from deploy.steps import Failure

    try:
        return targets.run(arguments)
    except Failure as failure:
        sys.stderr.write(f"\n{failure}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

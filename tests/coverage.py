"""A pytest plug-in, loaded before all else of the project: what the tests of each worker of a run have executed.

SlipCover changes the code as it is imported, and takes its marks out again where it has been. Tracing, which is what
coverage.py has on Python 3.11, would make every function call of every library dearer.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import slipcover

_SETTINGS = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["tool"]["slipcover"]
_SOURCE = _SETTINGS["source"].split(",")
_OMITTED = _SETTINGS["omit"].split(",")
_WORKER = os.environ.get("PYTEST_XDIST_WORKER") or ("alone" if os.environ.get("TEST_WORKERS") == "0" else "")
"""Who runs tests; with workers, whoever hands them out runs none."""

_measured = slipcover.Slipcover(branch=True, source=_SOURCE, omit=_OMITTED, exclude_also=_SETTINGS["exclude-also"])
if _WORKER:
    slipcover.ImportManager(_measured, slipcover.FileMatcher(sources=_SOURCE, omit=_OMITTED)).__enter__()


def pytest_sessionfinish() -> None:
    """Write it below the folder ``COVERAGE_DIR``, whose files are merged by whoever began the run.

    Not later: a worker that has said that its session is over may be ended at once.
    """
    if _WORKER:
        found = json.dumps(_measured.get_coverage())
        (Path(os.environ["COVERAGE_DIR"]) / f"{_WORKER}.json").write_text(found, encoding="utf-8")

"""Packages that have documents in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SDISTS = ("python-docx==1.2.0", "python-pptx==1.0.2", "XlsxWriter==3.3.1", "srt==3.5.3", "polib==1.2.0")
NPM = ("mammoth",)
DEBIAN = ("developers-reference", "debian-policy", "maint-guide")
EPUBCHECK = (
    "epubcheck libcommons-compress-java libguava-java libjackson-json-java libjing-java libsac-java libsaxonhe-java"
    " libxml-commons-resolver1.1-java libisorelax-java"
)


def fetch(folder: Path) -> None:
    """Needs pip, npm and apt; what one of them does not give is left out, and said."""
    for name in ("sdist", "npm", "deb", "jars"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for package in SDISTS:
        _run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", package],
            folder / "sdist",
        )
    for package in NPM:
        _run(["npm", "pack", "--silent", package], folder / "npm")
    for package in DEBIAN:
        _run(["apt-get", "download", package], folder / "deb")
    for package in EPUBCHECK.split():
        _run(["apt-get", "download", package], folder / "jars")
    for archive in [*folder.glob("sdist/*.tar.gz"), *folder.glob("npm/*.tgz")]:
        _run(["tar", "xzf", archive.name], archive.parent)
    for archive in [*folder.glob("deb/*.deb"), *folder.glob("jars/*.deb")]:
        _run(["dpkg-deb", "-x", archive.name, "x"], archive.parent)


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"not fetched: {error}", file=sys.stderr)

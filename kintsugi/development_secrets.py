"""Secrets that nobody has set: made at the first start, and kept beside the data. Production refuses to start so."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from pathlib import Path


def development_secret(var_dir: Path, name: str) -> str:
    """The secret of this name, which outlives a restart, so that sessions do."""
    path = var_dir / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8") as draft:  # mode 0600
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            # A link appears whole and only once: processes that start together agree on one secret.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text(encoding="utf-8").strip()

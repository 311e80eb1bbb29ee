"""tiktoken without a network.

tiktoken downloads its encodings at first use, unless ``TIKTOKEN_CACHE_DIR`` holds them under the SHA-1 of their
address. The ``bpe-openai`` wheel carries the same files, compressed: they are unpacked into that folder once, and taken
only when their SHA-256 is the one that tiktoken expects.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import tempfile
import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    import tiktoken

logger = logging.getLogger(__name__)

_URL = "https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
_SHA256 = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
_lock = threading.Lock()


def _cache_dir() -> Path:
    """The folder tiktoken looks into; the operator's own setting of it wins."""
    return Path(os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(settings.VAR_DIR / "tiktoken")))


def _packed(name: str) -> Path | None:
    """The compressed file in the wheel, found without importing it: its extension module weighs 74 MB."""
    spec = find_spec("bpe_openai")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "data" / f"{name}.tiktoken.gz"
        if path.exists():
            return path
    return None


def _genuine(content: bytes, name: str) -> bool:
    return hashlib.sha256(content).hexdigest() == _SHA256[name]


def unpack(name: str) -> bool:
    """Make sure that the folder holds the encoding; False when it cannot be had."""
    path = _cache_dir() / hashlib.sha1(_URL.format(name=name).encode(), usedforsecurity=False).hexdigest()
    try:
        if path.exists() and _genuine(path.read_bytes(), name):
            return True
        packed = _packed(name)
        content = gzip.decompress(packed.read_bytes()) if packed else b""
        if not _genuine(content, name):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        # A reader of another process must never see half a file.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as half:
            half.write(content)
        Path(half.name).replace(path)
    except (OSError, EOFError) as error:
        logger.warning("The token encoding %s cannot be unpacked: %s", name, error)
        return False
    return True


@cache
def _load(name: str) -> tiktoken.Encoding | None:
    if name not in _SHA256 or not unpack(name):
        return None
    import tiktoken

    return tiktoken.get_encoding(name)


def encoding(name: str) -> tiktoken.Encoding | None:
    """The encoding, loaded once (a third of a second); None when there is none of that name. Call it from a thread."""
    with _lock:
        return _load(name)

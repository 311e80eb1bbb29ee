"""Rows of translation for tests."""

from __future__ import annotations

import io
from typing import Any

from accounts.models import User
from core.files import services as files
from core.models import StoredFile
from translation.files import SOURCE
from translation.models import Translation


def make_file(owner: User, content: bytes = b"One.\n\nTwo.\n", name: str = "letter.txt") -> StoredFile:
    """A file of ``owner`` that may be translated."""
    return files.store(owner, upload=io.BytesIO(content), name=name, purpose=SOURCE)


def make_document(owner: User, **fields: Any) -> Translation:
    """A document of ``owner`` that waits for them, unless ``fields`` say otherwise."""
    wanted: dict[str, Any] = {
        "kind": Translation.Kind.DOCUMENT,
        "stage": Translation.Stage.READY,
        "name": "letter.txt",
        "format": "txt",
        "source_lang": "en",
        "target_lang": "uk",
        "service": "demo",
        "is_demo": True,
        "path": Translation.Path.IN_PLACE,
    }
    return Translation.objects.create(user=owner, **(wanted | fields))

"""Rows of translation for tests."""

from __future__ import annotations

import io
from typing import Any

from accounts.models import User
from core.files import services as files
from core.models import StoredFile
from translation.files import SOURCE
from translation.models import Glossary
from translation.models import GlossaryCopy
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationMemory
from translation.models import TranslationSegment
from translation.models import TranslationTerm
from translation.models import TranslationText


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


def make_all(user: User, mark: str, *, has_file: bool = True) -> None:
    """A document of ``user`` that was translated in part, with all that belongs to it, and their words for it.

    ``mark`` stands in whatever is theirs.
    """
    words = Glossary.objects.create(
        user=user,
        name=f"{mark}-words",
        source_lang="en",
        target_lang="uk",
        entries=[[f"{mark}-cat", "кіт"]],
        digest="g",
    )
    GlossaryCopy.objects.create(glossary=words, service="deepl", digest="g", vendor_id=f"{mark}-copy")
    name = f"{mark}-letter.txt"
    file = make_file(user, f"{mark}-letter-text".encode(), name) if has_file else None
    letter = make_document(
        user, name=name, source_file=file, glossary=words, instructions=f"{mark}-please", source_sha256="7" * 64,
        client_id=f"{mark}-document", status="completed", stage="done",
        preview={"text": f"{mark}-sample"}, facts={"title": f"{mark}-fact"},
    )  # fmt: skip
    TranslationText.objects.create(translation=letter, source=f"{mark}-source", result=f"{mark}-result")
    part = TranslationChunk.objects.create(translation=letter, number=1, service="demo", vendor_id=f"{mark}-vendor")
    TranslationSegment.objects.create(
        translation=letter, chunk=part, number=1, source=f"{mark}-segment", target=f"{mark}-target"
    )
    TranslationTerm.objects.create(translation=letter, source=f"{mark}-term")
    TranslationMemory.objects.create(
        user=user, pair="en>uk", recipe="r", source_hash=f"{mark}-hash", target=f"{mark}-remembered"
    )

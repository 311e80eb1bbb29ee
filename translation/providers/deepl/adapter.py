"""DeepL as a provider. Limits: https://developers.deepl.com/docs/resources/usage-limits (2026-11)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import BinaryIO
from typing import cast

import deepl
from django.conf import settings
from django.utils.translation import gettext_noop as _

from translation import languages
from translation import markers
from translation.errors import Gone
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch
from translation.providers import remembered
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import FileLimit
from translation.providers.base import Handle
from translation.providers.base import Name
from translation.providers.base import Progress
from translation.providers.base import Translated
from translation.providers.deepl import client
from translation.providers.deepl import tags
from translation.segments import Outcome
from translation.segments import Segment

MAX_TEXTS = 50
MAX_BYTES = 100 * 1024
"""Of the 128 KiB that a request may have; the rest is for tags, context and JSON."""
MINIMUM = 50_000
"""Characters billed at least for each pdf, docx, pptx and xlsx."""
_CONTEXT_CHARS = 2_000
_FREE_MB = 10
_MB = 1024 * 1024
_PIECE_BYTES = 64 * 1024

KEEPS_DATA = _(
    "Texts and files go to DeepL (Germany). With a paid key it keeps none of them after translating; with a free one "
    "it may use them to improve its service."
)


class DeepLProvider:
    """See :class:`translation.providers.base.Provider`."""

    name: Name = "deepl"
    is_demo = False

    def __init__(self) -> None:
        self._key = settings.TRANSLATION.deepl_api_key
        self._base = settings.TRANSLATION.deepl_api_base
        self._asked = client.client(self._key, self._base)

    def capabilities(self) -> Capabilities:
        """As the vendor lists its languages; all we know while it never did."""
        known = remembered.facts(f"deepl:{self._is_free}:{self._base}", self._ask_languages) or {}
        return Capabilities(
            sources=_ours(known.get("sources", ())),
            targets=_ours(known.get("targets", ())),
            formal=_ours(known.get("formal", ())) if known else languages.FORMAL,
            has_glossary=True,
            formats=self._formats(),
            max_texts=MAX_TEXTS,
            max_bytes=MAX_BYTES,
            keeps_data=KEEPS_DATA,
        )

    @property
    def _is_free(self) -> bool:
        return self._key.endswith(":fx")

    def _formats(self) -> Mapping[str, FileLimit]:
        whole = settings.TRANSLATION.deepl_max_file_bytes
        characters = 1_000_000
        if self._is_free:
            whole, characters = min(whole, _FREE_MB * _MB), 500_000
        office = FileLimit(whole, characters, MINIMUM)
        return {
            "pdf": office,
            "docx": office,
            "pptx": office,
            "xlsx": office,
            "html": FileLimit(5 * _MB, characters),
            "txt": FileLimit(_MB, characters),
            "srt": FileLimit(150 * 1024, characters),
            "xliff": FileLimit(10 * _MB, characters),
        }

    def _ask_languages(self) -> dict[str, list[str]]:
        with client.in_our_words():
            sources = self._asked.get_source_languages()
            targets = self._asked.get_target_languages()
        return {
            "sources": [language.code for language in sources],
            "targets": [language.code for language in targets],
            "formal": [language.code for language in targets if language.supports_formality],
        }

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        """By the text endpoint; markers become tags only where there are any."""
        if len(batch) > MAX_TEXTS or sum(len(one.text.encode()) for one in batch) > MAX_BYTES:
            raise TooMuch
        if not batch:
            return Translated([])
        has_markers = any(markers.MARKER.search(one.text) for one in batch)
        texts = [tags.tagged(one.text) if has_markers else one.text for one in batch]
        with client.in_our_words():
            results = self._asked.translate_text(texts, **self._options(ctx), **_text_options(ctx, tagged=has_markers))
        results = cast("list[deepl.TextResult]", results)
        if len(results) != len(batch):
            raise ServiceError
        said = [tags.untagged(one.text) if has_markers else one.text for one in results]
        return Translated(
            [Outcome(segment.number, text, ()) for segment, text in zip(batch, said, strict=True)],
            detected=_our_code(results[0].detected_source_lang),
            billed=sum(one.billed_characters for one in results),
        )

    def _options(self, ctx: Context) -> dict[str, Any]:
        """What a text and a document are told alike."""
        options: dict[str, Any] = {"target_lang": self.vendor_target(ctx.target)}
        if ctx.source:
            options["source_lang"] = languages.ALL[ctx.source].base
        if ctx.formality:
            # Refused by no language, unlike "more" and "less".
            options["formality"] = f"prefer_{ctx.formality}"
        if ctx.glossary_id and ctx.source:
            options["glossary"] = ctx.glossary_id
        return options

    def vendor_target(self, code: str) -> str:
        """The vendor's code of a target: it has no plain English or Portuguese. Raises Refused."""
        offered = self.capabilities().targets or frozenset(languages.ALL) - {"en", "pt"}
        found = languages.closest(code, offered)
        if not found:
            raise Refused
        return found

    def copy_glossary(self, name: str, source: str, target: str, entries: Mapping[str, str]) -> str:
        """Make the vendor's copy, which it never changes; returns its name there."""
        one, other = languages.ALL[source].base, languages.ALL[target].base
        with client.in_our_words():
            made = self._asked.create_glossary(name, source_lang=one, target_lang=other, entries=dict(entries))
        return made.glossary_id

    def drop_glossary(self, vendor_id: str) -> None:
        """Delete the copy; one that is gone is deleted."""
        try:
            with client.in_our_words():
                self._asked.delete_glossary(vendor_id)
        except Gone:
            return

    def begin(self, file: Path, ctx: Context) -> Handle:
        """Upload once; the vendor answers when it has read the whole file."""
        with _Named(file, ctx.filename or file.name) as opened, client.in_our_words():
            handle = self._asked.translate_document_upload(opened, **self._options(ctx))
        if not handle.document_id or not handle.document_key:
            raise ServiceError
        return Handle(handle.document_id, handle.document_key)

    def look(self, handle: Handle) -> Progress:
        """As the vendor says."""
        with client.in_our_words():
            status = self._asked.translate_document_get_status(_theirs(handle))
        if status.done:
            return Progress("done", percent=100, billed=status.billed_characters)
        if not status.ok:
            return Progress("failed", message=_sentence(str(status.error_message or "")))
        state = status.status.value
        return Progress("queued" if state == "queued" else "working", seconds=status.seconds_remaining)

    def fetch(self, handle: Handle, to: BinaryIO) -> None:
        """The vendor hands a document out once."""
        with client.in_our_words():
            self._asked.translate_document_download(_theirs(handle), to, chunk_size=_PIECE_BYTES)


class _Named(io.FileIO):
    """A file under the name that its owner gave it: the vendor reads the format from it."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path, "rb")
        self.name = name


def _theirs(handle: Handle) -> deepl.DocumentHandle:
    return deepl.DocumentHandle(handle.id, handle.key)


def _text_options(ctx: Context, *, tagged: bool) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if tagged:
        options = {"tag_handling": "xml", "outline_detection": False, "non_splitting_tags": tags.NAMES}
    around = [ctx.title, *ctx.headings, *(one.source for one in ctx.before), *ctx.after]
    if context := markers.plain("\n".join(part for part in around if part))[:_CONTEXT_CHARS]:
        options["context"] = context  # not billed
    return options


def _sentence(said: str) -> str:
    """For what the vendor says of a document that failed."""
    if "equal" in said.lower():
        return "DeepL found that the document is written in the language it was to be translated into."
    return "DeepL could not translate this document."


def _our_code(theirs: str) -> str:
    found = languages.find(theirs)
    return found.code if found else ""


def _ours(codes: Sequence[str]) -> frozenset[str]:
    return frozenset(filter(None, map(_our_code, codes)))

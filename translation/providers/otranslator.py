"""OTranslator: texts in small batches, and whole files of many kinds, scans included.

It has no way to say that a request is a repeat of another, so what creates something is sent once. Its callback is not
signed: it is never believed, only taken for a hint to look.

Source: https://otranslator.com/developers (2026-11).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal
from decimal import InvalidOperation
from pathlib import Path
from typing import Any
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.utils.translation import gettext_noop as _

from core import http
from translation import languages
from translation.errors import Doubtful
from translation.errors import Gone
from translation.errors import KeyRejected
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import FileLimit
from translation.providers.base import Handle
from translation.providers.base import Name
from translation.providers.base import Progress
from translation.providers.base import Translated
from translation.segments import Outcome
from translation.segments import Segment

logger = logging.getLogger(__name__)

BASE = "https://otranslator.com/api"
FORMATS = (
    "pdf", "docx", "xlsx", "pptx", "epub", "po", "srt", "txt", "html", "xml", "xliff", "jpg", "png", "md", "odt", "ods",
    "odp", "csv", "tsv",
)  # fmt: skip
MAX_TEXTS = 20
"""The vendor says "small batches"; the figure is a guess of ours."""

_MB = 1024 * 1024
_FILE_MB = 100
_TEXT_SECONDS = 60.0
_FILE_SECONDS = 300.0
_AWAY_SECONDS = 30
_NAMES = {"zh": "Simplified Chinese", "zh-Hans": "Simplified Chinese", "zh-Hant": "Traditional Chinese"}
_STATES = {"Waiting": "queued", "Processing": "working", "Completed": "done"}

KEEPS_DATA = _("Texts and files go to OTranslator, which does not say how long it keeps them.")


class OTranslatorProvider:
    """See :class:`translation.providers.base.Provider`."""

    name: Name = "otranslator"
    is_demo = False

    def __init__(self) -> None:
        self._base = settings.TRANSLATION.otranslator_api_base or BASE
        self._headers = {"Authorization": settings.TRANSLATION.otranslator_api_key}

    def capabilities(self) -> Capabilities:
        """The vendor names its formats; of limits it says nothing."""
        limit = FileLimit(_FILE_MB * _MB)
        return Capabilities(
            formats=dict.fromkeys(FORMATS, limit), max_texts=MAX_TEXTS, max_bytes=50_000, keeps_data=KEEPS_DATA
        )

    def translate(self, batch: Sequence[Segment], ctx: Context) -> Translated:
        """In one request, answered when all of it is done."""
        if len(batch) > MAX_TEXTS:
            raise TooMuch
        if not batch:
            return Translated([])
        wanted = {
            "texts": [segment.text for segment in batch],
            "fromLang": _their_name(ctx.source),
            "toLang": _their_name(ctx.target),
            "fileDescription": ctx.title,
        }
        answer = self._ask("/v1/translation/translateTexts", wanted, seconds=_TEXT_SECONDS, repeatable=False)
        texts = answer.get("translatedTexts")
        if not isinstance(texts, list) or len(texts) != len(batch):
            raise ServiceError
        return Translated([Outcome(one.number, str(text), ()) for one, text in zip(batch, texts, strict=True)])

    def begin(self, file: Path, ctx: Context) -> Handle:
        """Upload once."""
        form = {
            "fromLang": _their_name(ctx.source),
            "toLang": _their_name(ctx.target),
            "shouldTranslateFileName": "false",
        }
        if ctx.callback:
            form["webhookUrl"] = ctx.callback
        with file.open("rb") as opened:
            sent = {"file": (ctx.filename or file.name, opened)}
            answer = self._ask("/v1/translation/create", seconds=_FILE_SECONDS, repeatable=False, data=form, files=sent)
        task = answer.get("taskId")
        if not isinstance(task, str) or not task:
            raise Doubtful
        return Handle(task)

    def look(self, handle: Handle) -> Progress:
        """As the vendor says."""
        found = self._query(handle)
        state = _STATES.get(str(found.get("status")))
        if state is None:
            logger.warning("translation.otranslator_failed", extra={"status": str(found.get("status"))[:40]})
            return Progress("failed", message="The translation service could not translate this file.")
        percent = found.get("progress")
        return Progress(
            state,  # type: ignore[arg-type] # of the table above
            percent=int(percent) if isinstance(percent, int | float) else None,
            price=_number(found.get("price")),
        )

    def fetch(self, handle: Handle, to: BinaryIO) -> None:
        """From the address that the vendor names."""
        url = self._query(handle).get("translatedFileUrl")
        if not isinstance(url, str) or not url:
            raise Gone
        # What it names is its own server, or some storage in the open internet; never an address inside the house.
        is_own = urlsplit(url).netloc == urlsplit(self._base).netloc
        with (
            _in_our_words(repeatable=True),
            http.client(role="otranslator", trusted=is_own, timeout=_FILE_SECONDS, read=_TEXT_SECONDS) as client,
        ):
            headers = self._headers if is_own else {}
            response = http.download(client, url, to, max_bytes=2 * _FILE_MB * _MB, headers=headers)
        _judge(response, repeatable=True)

    def _query(self, handle: Handle) -> dict[str, Any]:
        return self._ask("/v1/translation/query", {"taskId": handle.id}, seconds=_TEXT_SECONDS, repeatable=True)

    def _ask(
        self, path: str, body: dict[str, Any] | None = None, *, seconds: float, repeatable: bool, **options: Any
    ) -> dict[str, Any]:
        if body is not None:
            options["json"] = body
        client = http.client(role="otranslator", trusted=True, timeout=seconds, read=seconds, retries=0)
        with _in_our_words(repeatable=repeatable), client:
            response = client.post(f"{self._base}{path}", headers=self._headers, **options)
        _judge(response, repeatable=repeatable)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ServiceError if repeatable else Doubtful
        return answer


class _in_our_words:  # noqa: N801 - read as a phrase
    """Around a call: raises children of ServiceError."""

    def __init__(self, *, repeatable: bool) -> None:
        self._repeatable = repeatable

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, http.OutgoingError):
            return
        if error.sent and not self._repeatable:
            raise Doubtful from None
        raise Paused(retry_after=error.retry_after or _AWAY_SECONDS) from None


def _judge(response: httpx2.Response, *, repeatable: bool) -> None:
    status = response.status_code
    if response.is_success:
        return
    logger.warning("translation.otranslator_refused", extra={"status": status})
    match status:
        case 401 | 403:
            raise KeyRejected
        case 402:
            raise OutOfCredit
        case 404:
            raise Gone
        case 413:
            raise TooMuch
        case 429 | 503:
            raise Paused(retry_after=_AWAY_SECONDS)
    if status < 500:
        raise Refused
    raise Paused(retry_after=_AWAY_SECONDS) if repeatable else Doubtful


def _their_name(code: str) -> str:
    """English, and not known at all where it is to be found out."""
    if not code:
        return "Auto"
    language = languages.find(code)
    if language is None:
        raise Refused
    base = languages.find(language.base) or language
    return _NAMES.get(language.code) or _NAMES.get(language.base) or base.name


def _number(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value)).quantize(Decimal("0.0001"))
    except InvalidOperation:
        return None

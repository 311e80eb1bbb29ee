"""Asking DeepL: its SDK over :mod:`core.http`, and its errors as ours.

Left alone the SDK repeats every request up to five times and waits ten seconds for an answer: a document whose upload
is answered later is then uploaded, and billed, again. Here each request that does something is sent once.

Source: https://developers.deepl.com/docs (2026-11); what its errors mean: .../docs/best-practices/error-handling.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import deepl
import requests
from deepl.http_client import HttpClient

from core import http
from translation.errors import Doubtful
from translation.errors import Gone
from translation.errors import KeyRejected
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch

logger = logging.getLogger(__name__)
# The SDK's own lines show texts and addresses.
logging.getLogger("deepl").setLevel(logging.WARNING)

_TEXT_SECONDS = 30.0
_FILE_SECONDS = 300.0
"""Until an upload is answered; the vendor reads the whole file before."""
_MAX_BYTES = 8 * 1024 * 1024
_MAX_FILE_BYTES = 200 * 1024 * 1024
"""A translation may be larger than its source: fonts come with it."""
_SPOOL_BYTES = 1024 * 1024
_BUSY_SECONDS = 5
_AWAY_SECONDS = 30


class _Transport(HttpClient):
    """The SDK's transport: the house's clients, which repeat nothing that changes something."""

    def __init__(self) -> None:
        super().__init__(send_platform_info=False)
        self._texts = http.client(
            role="deepl", trusted=True, timeout=_TEXT_SECONDS, read=_TEXT_SECONDS, max_bytes=_MAX_BYTES
        )
        self._files = http.client(
            role="deepl", trusted=True, timeout=_FILE_SECONDS, read=_FILE_SECONDS, max_bytes=_MAX_BYTES
        )

    def request_with_backoff(  # noqa: PLR0917 - the SDK's own signature
        self,
        method: str,
        url: str,
        data: dict[str, Any] | None,
        json: dict[str, Any] | None,
        headers: dict[str, str],
        stream: bool = False,  # noqa: FBT001, FBT002 - the SDK's own signature
        **kwargs: Any,
    ) -> tuple[int, str | requests.Response]:
        """Ask once. Raises children of :class:`core.http.OutgoingError`."""
        if stream:
            return self._spooled(method, url, json, headers)
        client = self._files if "files" in kwargs else self._texts
        sent: dict[str, Any] = {"json": json} if json is not None else {"data": data}
        if method == "GET":
            sent = {"params": data}
        response = client.request(method, url, headers=headers, files=kwargs.get("files"), **sent)
        return response.status_code, response.text

    request = request_with_backoff

    def _spooled(
        self, method: str, url: str, json: dict[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, requests.Response]:
        """A file, on disk as soon as it is large: the SDK wants the response of another library to read from."""
        spool = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115 - closed with the response
        answer = http.download(
            self._files,
            url,
            spool,  # type: ignore[arg-type] # it is one in all but its class
            max_bytes=_MAX_FILE_BYTES,
            method=method,
            json=json,
            headers=headers,
        )
        spool.seek(0)
        response = requests.Response()
        response.status_code, response.raw = answer.status_code, spool
        return answer.status_code, response


@lru_cache(maxsize=4)
def client(key: str, base: str) -> deepl.DeepLClient:
    """One for each key and address; empty: the vendor's own, which the SDK chooses by the kind of key."""
    made = deepl.DeepLClient(key, server_url=base or None)
    made._client.close()  # type: ignore[no-untyped-call]
    made._client = _Transport()  # the SDK takes no transport otherwise
    return made


@contextmanager
def in_our_words() -> Iterator[None]:
    """Around a call of the SDK: raises children of ServiceError, whose texts hold nothing of what was sent."""
    try:
        yield
    except http.OutgoingError as error:
        raise _of_network(error) from error
    except deepl.DeepLException as error:
        translated = _of_status(error)
        logger.warning("translation.deepl_refused", extra={"status": error.http_status_code, "code": translated.code})
        raise translated from None
    except (AttributeError, KeyError, TypeError) as error:
        # The SDK reads answers without looking whether they are what it thinks.
        logger.warning("translation.deepl_odd_answer", extra={"error": type(error).__name__})
        raise Doubtful from None


def _of_network(error: http.OutgoingError) -> ServiceError:
    if isinstance(error, http.AnswerRefused):
        return Refused()
    if error.sent:
        return Doubtful()
    return Paused(retry_after=error.retry_after or _AWAY_SECONDS)


def _of_status(error: deepl.DeepLException) -> ServiceError:
    match error.http_status_code:
        case 401 | 403:
            return KeyRejected()
        case 456:
            return OutOfCredit()
        case 404:
            return Gone()
        case 413:
            return TooMuch()
        case 429:
            return Paused(retry_after=_BUSY_SECONDS)
        case 503 | 529:
            return Paused(retry_after=_AWAY_SECONDS)
        case int(status) if status < 500:
            return Refused()
    return Doubtful()

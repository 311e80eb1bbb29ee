"""``httpx`` clients whose own refusals are ours too: a URL it cannot read, too many redirects."""

from __future__ import annotations

from typing import Any

import httpx

from core.http.bodies import translate
from core.http.errors import AddressRefused
from core.http.errors import AnswerRefused
from core.http.errors import OutgoingError


def _ours(error: Exception, role: str) -> OutgoingError:
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return AddressRefused(role)
        case httpx.TransportError():
            return translate(error, role)
    return AnswerRefused(role)


class Client(httpx.Client):
    """For threads."""

    def __init__(self, *, role: str, **options: Any) -> None:
        super().__init__(**options)
        self._role = role

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """The request; raises AddressRefused for a URL that is none."""
        try:
            return super().build_request(*args, **kwargs)
        except httpx.InvalidURL as error:
            raise _ours(error, self._role) from None

    def send(self, *args: Any, **kwargs: Any) -> httpx.Response:
        """The answer; raises children of OutgoingError only."""
        try:
            return super().send(*args, **kwargs)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _ours(error, self._role) from None


class AsyncClient(httpx.AsyncClient):
    """For event loops."""

    def __init__(self, *, role: str, **options: Any) -> None:
        super().__init__(**options)
        self._role = role

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """The request; raises AddressRefused for a URL that is none."""
        try:
            return super().build_request(*args, **kwargs)
        except httpx.InvalidURL as error:
            raise _ours(error, self._role) from None

    async def send(self, *args: Any, **kwargs: Any) -> httpx.Response:
        """The answer; raises children of OutgoingError only."""
        try:
            return await super().send(*args, **kwargs)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _ours(error, self._role) from None

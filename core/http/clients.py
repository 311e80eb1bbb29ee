"""``httpx2`` clients whose own refusals are ours too: a URL it cannot read, too many redirects."""

from __future__ import annotations

from typing import Any

import httpx2

from core.http.bodies import translate
from core.http.errors import AddressRefused
from core.http.errors import AnswerRefused
from core.http.errors import OutgoingError
from core.http.network import Departure
from core.http.network import departure


def _ours(error: Exception, role: str, *, sent: bool) -> OutgoingError:
    match error:
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return AddressRefused(role, sent=sent)
        case httpx2.TransportError():
            return translate(error, role)
    return AnswerRefused(role)


class Client(httpx2.Client):
    """For threads."""

    def __init__(self, *, role: str, **options: Any) -> None:
        super().__init__(**options)
        self._role = role

    def build_request(self, *args: Any, **kwargs: Any) -> httpx2.Request:
        """The request; raises AddressRefused for a URL that is none."""
        try:
            return super().build_request(*args, **kwargs)
        except httpx2.InvalidURL as error:
            raise _ours(error, self._role, sent=False) from None

    def send(self, *args: Any, **kwargs: Any) -> httpx2.Response:
        """The answer; raises children of OutgoingError only."""
        call = Departure()
        token = departure.set(call)
        try:
            return super().send(*args, **kwargs)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _ours(error, self._role, sent=call.happened) from None
        finally:
            departure.reset(token)


class AsyncClient(httpx2.AsyncClient):
    """For event loops."""

    def __init__(self, *, role: str, **options: Any) -> None:
        super().__init__(**options)
        self._role = role

    def build_request(self, *args: Any, **kwargs: Any) -> httpx2.Request:
        """The request; raises AddressRefused for a URL that is none."""
        try:
            return super().build_request(*args, **kwargs)
        except httpx2.InvalidURL as error:
            raise _ours(error, self._role, sent=False) from None

    async def send(self, *args: Any, **kwargs: Any) -> httpx2.Response:
        """The answer; raises children of OutgoingError only."""
        call = Departure()
        token = departure.set(call)
        try:
            return await super().send(*args, **kwargs)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _ours(error, self._role, sent=call.happened) from None
        finally:
            departure.reset(token)

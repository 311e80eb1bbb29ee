"""One task a server keeps its session: opens, lists, serves, closes. The scopes of the SDK must end in the task that
they began in, so no other task ever enters or leaves them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from agents import untrusted
from agents.egress import policy
from agents.egress import problems
from agents.egress.arguments import checked
from agents.egress.building import credentials
from agents.egress.building import secrets_of
from agents.egress.policy import Target
from agents.egress.problems import CannotBuild
from agents.egress.redacting import Redactor
from agents.egress.sending import Answer
from agents.egress.shapes import Auth
from agents.sources.fetching import SourceFailed
from agents.sources.mcp.definitions import Listing

if TYPE_CHECKING:
    from agents.sources.mcp.session import Session

logger = logging.getLogger(__name__)

OPEN_SECONDS = 30.0
IDLE_SECONDS = 30.0
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class McpServer:
    """A source; ``protocol`` is the revision that was found when it was imported, empty before."""

    url: str
    auth: Auth = field(default_factory=Auth)
    protocol: str = ""


class Keeper:
    """A server, for the time of one run or one import. ``secrets`` are looked for in what it answers.

    ``async with Keeper(server) as keeper``: nothing is opened before the first question, and what was idle for
    IDLE_SECONDS is opened anew.
    """

    def __init__(self, server: McpServer, *, secrets: Iterable[str] = ()) -> None:
        self._server = server
        self._redactor = Redactor((*secrets_of(server.auth), *secrets))
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._session: Session | None = None
        self._listing: Listing | None = None
        self._wanted = asyncio.Event()
        self._busy = 0

    async def __aenter__(self) -> Keeper:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def listing(self) -> Listing:
        """The server's tools as they are now, listed once a session. Raises SourceFailed."""
        _session, listing = await self._opened()
        return listing

    async def call(
        self,
        remote_name: str,
        arguments: Any,
        *,
        pinned_hash: str,
        seconds: float = 30.0,
        name: str = "",
        last4: str = "",
    ) -> Answer:
        """Call a tool once, if it is still the one that was approved.

        What goes wrong is an answer with a failure. Raises :class:`agents.egress.problems.ArgumentsRefused` for
        arguments that do not fit, CancelledError.
        """
        from agents.sources.mcp import results

        began = time.monotonic()
        try:
            session, listing = await self._opened()
        except SourceFailed as error:
            return results.failed(error.problem, "refused", time.monotonic() - began, sent=False)
        tool = listing.tool(remote_name)
        if tool is None or tool.pinned_hash != pinned_hash:
            return results.failed(problems.definition_changed(name or remote_name), "refused", sent=False)
        given = checked(tool.parameters, arguments)
        target = policy.target_of(self._server.url)
        self._busy += 1
        try:
            async with asyncio.timeout(seconds):
                answer = await session.call(
                    remote_name, given, self._redactor, seconds=seconds, name=name or remote_name, last4=last4
                )
        except TimeoutError:
            answer = results.failed(problems.timed_out(target.host, seconds), "lost", sent=True)
        finally:
            self._busy -= 1
            self._wanted.set()
        if answer.failure == "limited" and answer.retry_after == 0:  # its session is over
            await self.close()
        return replace(answer, seconds=time.monotonic() - began)

    async def close(self) -> None:
        """End the session; a server that does not let go is left."""
        task, self._task, self._session = self._task, None, None
        if task is None:
            return
        task.cancel()
        _done, left = await asyncio.wait([task], timeout=CLOSE_SECONDS)
        if left:
            logger.warning("A session with an MCP server did not end; it was left.")

    async def _opened(self) -> tuple[Session, Listing]:
        async with self._lock:
            if self._session is None or self._listing is None or self._task is None or self._task.done():
                await self._open()
            self._wanted.set()
            assert self._session is not None  # noqa: S101
            assert self._listing is not None  # noqa: S101
            return self._session, self._listing

    async def _open(self) -> None:
        await self.close()
        try:
            target = policy.target_of(self._server.url)
            headers = credentials(self._server.auth)
        except CannotBuild as error:
            raise SourceFailed(error.problem, sent=False) from None
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = self._task = asyncio.create_task(self._keep(target, headers, opened))
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await asyncio.wait([task, opened], return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            await self.close()
            raise SourceFailed(problems.source_unreachable(_no_answer(target))) from None
        except asyncio.CancelledError:
            await self.close()
            raise
        if not opened.done():
            raise SourceFailed(problems.protocol_refused(target.host, "it ended the session."))
        opened.result()

    async def _keep(self, target: Target, headers: dict[str, str], opened: asyncio.Future[None]) -> None:
        """The whole life of a session, in one task."""
        from agents.sources.mcp import session as sessions

        try:
            async with sessions.opened(
                self._server.url, headers, target, protocol=self._server.protocol, seconds=OPEN_SECONDS
            ) as session:
                self._listing = await session.list_tools()
                self._session = session
                opened.set_result(None)
                await self._until_idle()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # groups of the SDK's scopes included
            if not opened.done():
                opened.set_exception(_failed(error, target, self._redactor))
            elif not isinstance(error, Exception | BaseExceptionGroup):
                raise
            else:
                logger.info("A session with an MCP server ended: %s", type(error).__name__)
        finally:
            if self._task is asyncio.current_task():
                self._session = None

    async def _until_idle(self) -> None:
        while True:
            self._wanted.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._wanted.wait()
                continue
            if not self._busy:
                return


def _failed(error: BaseException, target: Target, redactor: Redactor) -> SourceFailed:
    """Ours for what was raised while opening; the SDK wraps it in groups."""
    from agents.sources.mcp import results
    from agents.sources.mcp.session import Refused
    from agents.sources.mcp.session import leaves

    for leaf in leaves(error):
        if not isinstance(leaf, Refused):
            continue
        if leaf.lost is None:
            said = untrusted.cleaned(redactor.foreign(leaf.said), 200)
            return SourceFailed(problems.protocol_refused(target.host, f"it says “{said}”."))
        if leaf.lost.error:
            return SourceFailed(results.unreached(leaf.lost.error, target, OPEN_SECONDS), sent=leaf.lost.error.sent)
        return SourceFailed(results.problem_of(leaf.lost, target))
    logger.warning("An MCP server could not be opened: %s", [type(leaf).__name__ for leaf in leaves(error)])
    return SourceFailed(problems.protocol_refused(target.host, "what it says is not of the protocol."))


def _no_answer(target: Target) -> str:
    return f"{target.host} did not answer in {OPEN_SECONDS:g} s."

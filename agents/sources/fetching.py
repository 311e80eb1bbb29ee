"""Asking a source by its address: a document is fetched, or the ways in which that fails are told in sentences."""

from __future__ import annotations

from agents.egress import policy
from agents.egress import problems
from agents.egress.building import credentials
from agents.egress.problems import CannotBuild
from agents.egress.problems import Problem
from agents.egress.shapes import Auth
from core import http

ROLE = "agent_sources"
TIMEOUT_SECONDS = 30.0
CONNECT_SECONDS = 10.0
_REDIRECTS = 3


class SourceFailed(Exception):
    """A source cannot be used; ``problem`` says what to do. ``sent`` is False when nothing of a call can have left."""

    def __init__(self, problem: Problem, *, sent: bool = True) -> None:
        super().__init__(problem.sentence)
        self.problem = problem
        self.sent = sent


async def fetch(url: str, auth: Auth, *, max_bytes: int) -> bytes:
    """What lies there. Raises SourceFailed."""
    try:
        target = policy.target_of(url)
        headers = credentials(auth)
    except CannotBuild as error:
        raise SourceFailed(error.problem, sent=False) from None
    try:
        async with http.async_client(
            role=ROLE,
            timeout=TIMEOUT_SECONDS,
            connect=CONNECT_SECONDS,
            read=TIMEOUT_SECONDS,
            trusted=target.is_private,
            max_bytes=max_bytes,
            # A credential goes to the address that was typed and to no other; nor does a private one lead elsewhere.
            redirects=0 if headers or target.is_private else _REDIRECTS,
            schemes=target.schemes,
            circuit=target.name,
        ) as client:
            answer = await client.get(url, headers=headers)
            content = await answer.aread()
    except http.OutgoingError as error:
        raise SourceFailed(problem_of(error, target), sent=error.sent) from None
    if answer.status_code in (401, 403):
        raise SourceFailed(problems.source_needs_sign_in(target.host))
    if not answer.is_success:
        raise SourceFailed(problems.source_answered(target.host, answer.status_code))
    return content


def problem_of(error: http.OutgoingError, target: policy.Target) -> Problem:
    """The sentence for a call that brought no answer."""
    match error:
        case http.AddressRefused():
            return problems.private_address(target.name)
        case http.TimedOut():
            return problems.source_unreachable(f"{target.host} did not answer in {TIMEOUT_SECONDS:g} s.")
        case http.CircuitOpen():
            return problems.source_unreachable(f"{target.host} failed several times in a row. Try again in a minute.")
        case http.AnswerRefused():
            return problems.source_unreachable(f"{target.host} sent an answer that is too large or cannot be read.")
    return problems.source_unreachable(
        f"{target.host} cannot be reached. Look whether it runs and whether its address is right."
    )

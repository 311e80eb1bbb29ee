"""Commands: what a client may ask for over the socket.

An app lists its commands in the module its ``ModuleConfig.socket_commands`` names::

    class SendPayload(Payload):
        example = {"conversation_id": "0199…", "content": "Tea at five?", "client_id": "c-7f3a"}
        conversation_id: UUID
        …

    @command("message.send", SendPayload)
    def send(actor: User, payload: SendPayload) -> Sent: …

The function runs in a database thread; an ``async`` one runs in the event loop, which it must not hold up. What it
returns is the payload of ``ok``; a return type that is a :class:`~core.realtime.events.Shape` is documented and typed
for the web client. A DomainError becomes ``error``. With a keyword ``connection`` it is given the socket it came over.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any
from typing import ClassVar
from typing import TypeVar
from typing import get_type_hints

from django.apps import apps
from pydantic import BaseModel
from pydantic import ValidationError

from core import errors
from core.api.handler import as_domain_error
from core.db_threads import in_db_thread
from core.ids import uuid7
from core.modules import ModuleConfig
from core.observability.context import request_id
from core.shapes import Shape
from core.shapes import details

logger = logging.getLogger(__name__)

RETRYABLE = frozenset({"rate_limited", "unavailable", "conflict"})
"""Errors after which a client may send the same command again, with the same ``client_id``; all others are final."""


class Payload(Shape):
    """The payload of one type of command."""

    example: ClassVar[dict[str, Any]]
    """For the documentation; a test validates it."""


@dataclass(frozen=True, slots=True)
class Command:
    """A registered command."""

    name: str
    shape: type[Shape]
    function: Callable[..., Any]
    takes_connection: bool

    @property
    def answer(self) -> type[BaseModel] | None:
        """The shape of the payload of ``ok``, where the function says it."""
        found = get_type_hints(self.function).get("return")
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None


F = TypeVar("F", bound=Callable[..., Any])
S = TypeVar("S", bound=Shape)

_commands: dict[str, Command] = {}


def command(name: str, shape: type[Shape]) -> Callable[[F], F]:
    """Register a function as the answer to frames of type ``name``; one function a type."""

    def register(function: F) -> F:
        if name in _commands and _commands[name].function.__qualname__ != function.__qualname__:
            raise ValueError(f"The command {name} has two functions.")
        takes_connection = "connection" in inspect.signature(function).parameters
        _commands[name] = Command(name, shape, function, takes_connection)
        return function

    return register


@cache
def registry() -> Mapping[str, Command]:
    """The commands of all installed apps, by type."""
    for module in apps.get_app_configs():
        if isinstance(module, ModuleConfig) and module.socket_commands:
            import_module(module.socket_commands)
    return _commands


async def run(actor: Any, frame_type: str, payload: Any, *, connection: Any) -> Any:
    """Carry out one command in a database thread; returns the payload of ``ok``.

    Raises DomainError and nothing else: what is no refusal is logged and stands as ``unavailable``.
    """
    found = registry().get(frame_type)
    if found is None:
        raise BadFrame(f"There is no command {frame_type[:40]!r}.")
    wanted = checked(found.shape, payload)
    try:
        if inspect.iscoroutinefunction(found.function):
            return await _await(found, actor, wanted, connection)
        return await in_db_thread(_call, found, actor, wanted, connection)
    except Exception as error:
        raise _refusal(frame_type, error) from error


def checked(shape: type[S], payload: Any) -> S:
    """The payload in its shape; raises BadFrame with what is wrong with it."""
    try:
        return shape.model_validate(payload)
    except ValidationError as error:
        raise BadFrame(details=details(error, whole="payload")) from error


class BadFrame(errors.DomainError):
    """A frame, or its payload, is not what the command takes; ``details`` says where."""

    code, message = "bad_request", "The command is not understood."


def error_payload(error: errors.DomainError) -> dict[str, Any]:
    """The payload of an ``error`` frame."""
    body = error.body()
    if body["code"] == errors.InvalidInput.code:
        body["code"] = BadFrame.code
    return body | {"retryable": body["code"] in RETRYABLE}


def _call(found: Command, actor: Any, payload: Shape, connection: Any) -> Any:
    token = request_id.set(str(uuid7()))
    try:
        return found.function(actor, payload, **({"connection": connection} if found.takes_connection else {}))
    finally:
        request_id.reset(token)


async def _await(found: Command, actor: Any, payload: Shape, connection: Any) -> Any:
    token = request_id.set(str(uuid7()))
    try:
        return await found.function(actor, payload, **({"connection": connection} if found.takes_connection else {}))
    finally:
        request_id.reset(token)


def _refusal(frame_type: str, error: Exception) -> errors.DomainError:
    known = as_domain_error(error)
    if known is None:
        logger.error("The command %s failed", frame_type, exc_info=error)
        return errors.Unavailable(retry_after=1)
    return known

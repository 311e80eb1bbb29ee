"""What a view takes from a request: who acts, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from django.http import QueryDict
from pydantic import BaseModel
from pydantic import ValidationError
from rest_framework.request import Request

from core.api import throttles
from core.errors import InvalidInput
from core.errors import Unauthenticated
from core.shapes import details

if TYPE_CHECKING:
    from django.contrib.auth.models import _User

B = TypeVar("B", bound=BaseModel)

_WHOLE = "non_field_errors"


def actor(request: Request) -> _User:
    """The user of a request. Raises Unauthenticated for an anonymous one, whom the permissions keep out already."""
    if not request.user.is_authenticated:
        raise Unauthenticated
    return request.user


def limit(request: Request, scope: str, *, amount: int = 1) -> None:
    """Count towards a rate limit of the actor's. Raises RateLimited."""
    throttles.hit(scope, str(actor(request).pk), amount=amount)


def validated(request: Request, body: type[B]) -> B:
    """The body of a request in its shape. Raises InvalidInput with what is wrong, by field."""
    sent = request.data
    if isinstance(sent, QueryDict):  # a form, in which what is empty was left out
        sent = {name: value for name, value in sent.items() if value != ""}
    if not isinstance(sent, Mapping):
        raise InvalidInput(details={_WHOLE: ["Expected an object."]})
    return _in_shape(body, sent)


def queried(request: Request, query: type[B]) -> B:
    """The query of a request in its shape; an empty parameter counts as left out. Raises InvalidInput, by parameter."""
    return _in_shape(query, {name: value for name, value in request.query_params.items() if value != ""})


def _in_shape(shape: type[B], values: Mapping[str, Any]) -> B:
    if unsafe := {path: ["Null characters are not allowed."] for path in _nul(values)}:
        raise InvalidInput(details=unsafe)
    try:
        return shape.model_validate(dict(values))
    except ValidationError as error:
        raise InvalidInput(details=details(error, whole=_WHOLE)) from error


def _nul(value: Any, path: str = "") -> list[str]:
    """Where in JSON there is text with a NUL in it, which PostgreSQL refuses."""
    if isinstance(value, str):
        return [path] if "\x00" in value else []
    if isinstance(value, Mapping):
        parts = [(str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        parts = [(str(index), part) for index, part in enumerate(value)]
    else:
        return []
    return [found for key, part in parts for found in _nul(part, f"{path}.{key}" if path else key)]

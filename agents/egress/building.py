"""One pure function makes the request of a call: what is sent, shown in a dry run, and attacked by the property tests.

Arguments never choose where a call goes: the host is the function's own, and a value stays in the place of its
template that it was put in.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlencode
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from agents import signing
from agents.egress import policy
from agents.egress import problems
from agents.egress.arguments import as_text
from agents.egress.arguments import checked
from agents.egress.problems import ArgumentsRefused
from agents.egress.problems import CannotBuild
from agents.egress.redacting import MIN_LENGTH
from agents.egress.shapes import FORM
from agents.egress.shapes import JSON
from agents.egress.shapes import Auth
from agents.egress.shapes import CallContext
from agents.egress.shapes import Function
from agents.egress.shapes import Place
from agents.egress.shapes import Request

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_ACCEPTED = "application/json, text/*;q=0.9, */*;q=0.5"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")
_HALF_ESCAPE = re.compile(r"%[0-9A-Fa-f]?\{")
"""Of which a value would make the rest: ``%2{x}`` and ``f`` are a slash."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4000}")
_OUT_OF_PLACE = frozenset("/?#%\\")
_OURS = frozenset(
    """
    host authorization cookie content-length transfer-encoding connection keep-alive proxy-connection te trailer
    proxy-authorization upgrade expect http2-settings accept-encoding idempotency-key
    webhook-id webhook-timestamp webhook-signature
    """.split()  # noqa: SIM905
)
"""Headers that decide where a message ends, who speaks, or that we write ourselves."""
_OURS_FROM_ARGUMENTS = _OURS | {"content-type", "content-encoding", "forwarded", "x-forwarded-for", "x-forwarded-host"}


def build(function: Function, arguments: Any, context: CallContext) -> Request:
    """The request of one call. Raises CannotBuild, or its child ArgumentsRefused for what the model got wrong."""
    method = function.http_method.upper()
    if method not in METHODS or not 0 < function.timeout <= 30:
        raise CannotBuild(problems.wrong_address())
    policy.target_of(function.endpoint_url)
    given = checked(function.parameters, arguments)
    if function.function_type == "webhook":
        filled = function.endpoint_url, dict[str, str](), _webhook_body(function, given, context)
    else:
        filled = _Filling(function, method, given).parts()
    url, headers, body = filled
    identification = _identification(function, method, body, context)
    headers = _merged({"Accept": _ACCEPTED}, _own_headers(function), headers, identification)
    return Request(
        function_id=function.id,
        method=method,
        url=url,
        headers=tuple(headers.items()),
        body=body,
        timeout=function.timeout,
        secrets=secrets_of(function.auth),
    )


def _webhook_body(function: Function, given: Mapping[str, Any], context: CallContext) -> bytes:
    return _json(
        {
            "function": function.name,
            "arguments": given,
            "run_id": str(context.run_id),
            "step_id": str(context.step_id),
            "agent": {"id": str(context.agent_id), "name": context.agent_name},
            "asker": context.asker,
            "conversation": context.conversation,
        }
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


# Where arguments go


class _Filling:
    """The arguments of an API's function, each put into its place."""

    def __init__(self, function: Function, method: str, given: Mapping[str, Any]) -> None:
        self._function = function
        if _HALF_ESCAPE.search(function.endpoint_url):
            raise CannotBuild(problems.wrong_address())
        parts = urlsplit(function.endpoint_url)
        self._scheme, self._netloc, self._path, self._query = parts.scheme, parts.netloc, parts.path, parts.query
        self._bodiless = method in _BODILESS
        self._in_path: dict[str, str] = {}
        self._in_query: list[tuple[str, str]] = []
        self._headers: dict[str, str] = {}
        self._fields: dict[str, Any] = {}
        self._body: bytes | None = None
        self._body_type = JSON
        for name, value in given.items():
            self._put(name, value, self._place_of(name))

    def parts(self) -> tuple[str, dict[str, str], bytes]:
        """Address, headers and body."""
        path = "/".join(self._filled(segment) for segment in (self._path or "/").split("/"))
        query = "&".join(part for part in (self._filled_query(), urlencode(self._in_query)) if part)
        if self._fields and self._body is None:
            self._body = _json(self._fields)
        headers = self._headers if self._body is None else {"Content-Type": self._body_type} | self._headers
        return urlunsplit((self._scheme, self._netloc, path, query, "")), headers, self._body or b""

    def _place_of(self, name: str) -> Place:
        if place := self._function.places.get(name):
            return place
        if f"{{{name}}}" in self._path or f"{{{name}}}" in self._query:
            return Place("path", name)
        return Place("query" if self._bodiless else "field", name)

    def _put(self, name: str, value: Any, place: Place) -> None:
        match place.kind:
            case "path":
                self._in_path[place.name] = as_text(name, value)
            case "query":
                self._in_query.extend(_query_pairs(name, value, place))
            case "header":
                self._headers[place.name] = _header_value(name, value, place.name)
            case "field":
                self._fields[place.name] = value
            case "body":
                self._put_body(name, value, place.name)

    def _put_body(self, name: str, value: Any, media_type: str) -> None:
        if media_type != FORM:
            self._body, self._body_type = _json(value), JSON if not _HEADER_VALUE.fullmatch(media_type) else media_type
            return
        if not isinstance(value, Mapping):
            raise ArgumentsRefused(f"{name}: it must be an object, whose fields make a form.")
        pairs = [pair for key, inner in value.items() for pair in _query_pairs(key, inner, Place("query", key))]
        self._body, self._body_type = urlencode(pairs).encode(), FORM

    def _filled(self, segment: str) -> str:
        made = _PLACEHOLDER.sub(lambda match: self._in_segment(match[1]), segment)
        if made != segment and not unquote(made).strip("."):
            raise ArgumentsRefused("A part of the address may not be empty or consist of dots.")
        return made

    def _in_segment(self, name: str) -> str:
        value = self._wanted(name)
        if not value or any(char in _OUT_OF_PLACE or not char.isprintable() for char in value):
            raise ArgumentsRefused(f"{name}: it may not be empty, and may not hold / ? # % \\ or line breaks.")
        return quote(value, safe="")

    def _filled_query(self) -> str:
        return _PLACEHOLDER.sub(lambda match: quote(self._wanted(match[1]), safe=""), self._query)

    def _wanted(self, name: str) -> str:
        if name not in self._in_path:
            raise ArgumentsRefused(f"{name}: it is needed, as it is a part of the address.")
        return self._in_path[name]


def _query_pairs(name: str, value: Any, place: Place) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case list() if place.join:
            yield place.name, place.join.join(as_text(name, one) for one in value)
        case list():
            yield from ((place.name, as_text(name, one)) for one in value)
        case dict():
            yield from ((f"{place.name}[{key}]", as_text(name, inner)) for key, inner in value.items())
        case _:
            yield place.name, as_text(name, value)


# Headers


def _merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """Of headers by the same name the last one counts, however it is written: none is ever sent twice."""
    merged: dict[str, tuple[str, str]] = {}
    for layer in layers:
        merged |= {name.lower(): (name, value) for name, value in layer.items()}
    return dict(merged.values())


def _header_value(name: str, value: Any, header: str) -> str:
    if not _is_header(header, _OURS_FROM_ARGUMENTS):
        raise CannotBuild(problems.header_unfit(header))
    text = as_text(name, value)
    if not _HEADER_VALUE.fullmatch(text):
        raise ArgumentsRefused(f"{name}: it goes into a header, so it may hold printable ASCII only.")
    return text


def _is_header(name: str, ours: frozenset[str]) -> bool:
    return bool(_HEADER_NAME.fullmatch(name)) and name.lower() not in ours


def _own_headers(function: Function) -> dict[str, str]:
    for name, value in function.headers.items():
        if not _is_header(name, _OURS) or not _HEADER_VALUE.fullmatch(value):
            raise CannotBuild(problems.header_unfit(name))
    return dict(function.headers)


def _identification(function: Function, method: str, body: bytes, context: CallContext) -> dict[str, str]:
    """Who calls, and by which id the other side knows a repeat: the step's, which every further try has as well."""
    call_id = str(context.step_id)
    headers = credentials(function.auth)
    is_webhook = function.function_type == "webhook"
    if is_webhook:
        headers["Content-Type"] = JSON
    if is_webhook or method not in ("GET", "HEAD", "OPTIONS"):
        headers["Idempotency-Key"] = call_id
    if is_webhook or function.auth.kind == "hmac":
        headers |= {"webhook-id": call_id, "webhook-timestamp": str(context.at)}
    if function.auth.kind == "hmac":
        headers["webhook-signature"] = _signature(function.auth, call_id, context.at, body)
    elif is_webhook and function.auth.kind == "none":
        raise CannotBuild(problems.secret_unfit("A webhook is signed, and there is nothing to sign with."))
    return headers


def credentials(auth: Auth) -> dict[str, str]:
    """The headers that say who calls; a signature is none of them. Raises CannotBuild for a secret that is unfit."""
    if auth.kind == "none":
        return {}
    for secret in filter(None, (auth.secret or "-", auth.secret_before)):
        if len(secret) < MIN_LENGTH or not _HEADER_VALUE.fullmatch(secret):
            raise CannotBuild(problems.secret_unfit("It is too short, or holds more than printable ASCII."))
    match auth.kind:
        case "bearer":
            return {"Authorization": f"Bearer {auth.secret}"}
        case "basic":
            return {"Authorization": f"Basic {base64.b64encode(f'{auth.name}:{auth.secret}'.encode()).decode()}"}
        case "header":
            if not _is_header(auth.name, _OURS):
                raise CannotBuild(problems.header_unfit(auth.name))
            return {auth.name: auth.secret}
    return {}


def _signature(auth: Auth, call_id: str, at: int, body: bytes) -> str:
    try:
        return signing.signatures(call_id, at, body, *filter(None, (auth.secret, auth.secret_before)))
    except ValueError:
        raise CannotBuild(problems.secret_unfit("It must be whsec_ and base64.")) from None


def secrets_of(auth: Auth) -> tuple[str, ...]:
    """All that must not be seen of it, wherever it is used."""
    given = (auth.secret, auth.secret_before)
    pair = f"{auth.name}:{auth.secret}" if auth.kind == "basic" else ""
    keys = [one.removeprefix(signing.PREFIX) for one in given] if auth.kind == "hmac" else []
    return tuple(filter(None, (*given, pair, *keys)))

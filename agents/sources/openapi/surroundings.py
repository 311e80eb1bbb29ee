"""Where a document says its servers are, and how they are signed in to. Imports no Django."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from agents import untrusted
from agents.schemas import References

MAX_SERVERS = 20
_MAX_VALUES = 8
_VARIABLE = re.compile(r"\{([^{}]+)\}")


def servers(document: Mapping[str, Any], notes: set[str]) -> list[dict[str, str]]:
    """Addresses, some relative to where the document was fetched from: the owner chooses one, never a model."""
    found = [*_of_3(document, notes), *_of_2(document)]
    unique = {one["url"]: one for one in found if one["url"].isascii() and len(one["url"]) <= 500}
    return list(unique.values())[:MAX_SERVERS]


def _of_3(document: Mapping[str, Any], notes: set[str]) -> Iterator[dict[str, str]]:
    listed = document.get("servers")
    for one in listed[:MAX_SERVERS] if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("url"), str):
            for url in _filled(one["url"], one.get("variables"), notes):
                yield {"url": url.strip(), "description": untrusted.cleaned(one.get("description"), 200)}


def _filled(url: str, variables: Any, notes: set[str]) -> Iterator[str]:
    """The address with each of the values that the document allows; without a list of them it is left out."""
    names = list(dict.fromkeys(_VARIABLE.findall(url)))
    choices = []
    for name in names:
        variable = variables.get(name) if isinstance(variables, Mapping) else None
        values = variable.get("enum") if isinstance(variable, Mapping) else None
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            notes.add(
                "A server was left out whose address has a part that anybody may choose. Type the address yourself."
            )
            return
        choices.append(values[:_MAX_VALUES])
    for combination in itertools.islice(itertools.product(*choices), _MAX_VALUES):
        chosen = dict(zip(names, combination, strict=True))
        yield _VARIABLE.sub(lambda match, chosen=chosen: chosen[match[1]], url)  # type: ignore[misc]


def _of_2(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    host, base = document.get("host"), document.get("basePath")
    if "swagger" not in document:
        return
    path = base if isinstance(base, str) else ""
    if not isinstance(host, str) or not host:
        yield {"url": path or "/", "description": ""}
        return
    schemes = document.get("schemes")
    given = [one for one in schemes if one in ("https", "http")] if isinstance(schemes, list) else []
    for scheme in sorted(set(given), reverse=True) or ["https"]:
        yield {"url": f"{scheme}://{host}{path}", "description": ""}


def auth(document: Mapping[str, Any], refs: References) -> list[dict[str, str]]:
    """Ways to sign in that we know: what the form may be filled with."""
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
    schemes = schemes if isinstance(schemes, Mapping) else document.get("securityDefinitions")
    found: list[dict[str, str]] = []
    for scheme in itertools.islice(schemes.values(), 20) if isinstance(schemes, Mapping) else ():
        scheme = refs.found(scheme)  # noqa: PLW2901
        if isinstance(scheme, Mapping) and (one := _way(scheme, refs.notes)) and one not in found:
            found.append(one)
    return found


def _way(scheme: Mapping[str, Any], notes: set[str]) -> dict[str, str] | None:
    described = {"description": untrusted.cleaned(scheme.get("description"), 200)}
    match scheme.get("type"), str(scheme.get("scheme", "")).lower(), scheme.get("in"):
        case "http", "bearer", _:
            return {"kind": "bearer", "name": ""} | described
        case ("http", "basic", _) | ("basic", _, _):
            return {"kind": "basic", "name": ""} | described
        case "apiKey", _, "header":
            return {"kind": "header", "name": untrusted.cleaned(scheme.get("name"), 100)} | described
        case "apiKey", _, _:
            notes.add("A key that stands in the address or in a cookie is not supported.")
        case (("oauth2" | "openIdConnect"), _, _):
            notes.add("Signing in by OAuth is not supported: paste a token.")
            return {"kind": "bearer", "name": ""} | described
    return None

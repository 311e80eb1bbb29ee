"""From a document to functions. Imports no Django: it runs in a child process."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from agents import untrusted
from agents.schemas import References
from agents.schemas import SchemaRefused
from agents.schemas import Unfolding
from agents.schemas import within_bounds
from agents.sources.openapi.documents import Refused

MAX_OPERATIONS = 2_000
MAX_LINES = 500
"""Of what was left out."""
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_READING = frozenset({"get", "head", "options"})
_FORM = "application/x-www-form-urlencoded"
_NOT_FROM_ARGUMENTS = frozenset({"accept", "content-type", "authorization", "cookie", "host", "content-length"})
_JOINS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|", "spaceDelimited": " ", "pipeDelimited": "|"}
_PATH = re.compile(r"(?:[A-Za-z0-9/_.~:@!$&'()*+,;=%?-]|\{[A-Za-z0-9_.-]+\})*")
_MEDIA_TYPE = re.compile(r"[\x20-\x7e]{1,100}")
_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


class LeftOut(Exception):
    """Why an operation is none of ours; said after its name."""


class Reader:
    """Reads all operations of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._refs = References(document)
        self._is_2 = "swagger" in document
        self._taken: set[str] = set()
        self.left_out: list[str] = []
        self.functions: list[dict[str, Any]] = []

    @property
    def notes(self) -> set[str]:
        return self._refs.notes

    def read(self) -> None:
        """Fill ``functions``, ``left_out`` and ``notes``. Raises Refused."""
        for path, item in self._document["paths"].items():
            found = self._refs.found(item)
            if not isinstance(found, Mapping):
                continue
            shared = _list(found.get("parameters"))
            for method in METHODS:
                if isinstance(operation := found.get(method), Mapping):
                    self._take(str(path), method, operation, shared)

    def _take(self, path: str, method: str, operation: Mapping[str, Any], shared: list[Any]) -> None:
        if len(self.functions) + len(self.left_out) >= MAX_OPERATIONS:
            raise Refused(f"The document has more than {MAX_OPERATIONS} operations.", "/paths")
        try:
            made = _Operation(
                self._refs, path, method, operation, shared, is_2=self._is_2, document=self._document
            ).made()
        except (LeftOut, SchemaRefused) as error:
            why = str(error) if isinstance(error, LeftOut) else f"its parameters {error}"
            self.left_out.append(untrusted.cleaned(f"{method.upper()} {path}: {why}", 300))
            return
        made["name"] = self._name(operation, method, path)
        self.functions.append(made)

    def _name(self, operation: Mapping[str, Any], method: str, path: str) -> str:
        given = operation.get("operationId")
        raw = given if isinstance(given, str) and given else f"{method}_{path}"
        name = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_-]", "_", raw[:300])).strip("_-") or "call"
        name = name if name[0].isalpha() else f"f_{name}"
        if len(name) > 60 or name.lower() in self._taken:
            name = f"{name[:51]}_{hashlib.sha256(f'{method} {path}'.encode('utf-8', 'replace')).hexdigest()[:8]}"
        self._taken.add(name.lower())
        return name


class _Operation:
    """One operation, as its function is put together."""

    def __init__(
        self,
        refs: References,
        path: str,
        method: str,
        operation: Mapping[str, Any],
        shared: list[Any],
        *,
        is_2: bool,
        document: Mapping[str, Any],
    ) -> None:
        self._refs, self._path, self._method, self._operation, self._shared = refs, path, method, operation, shared
        self._is_2, self._document = is_2, document
        self._unfolding = Unfolding(refs)
        self._properties: dict[str, Any] = {}
        self._required: list[str] = []
        self._places: dict[str, dict[str, str]] = {}
        self._form: dict[str, Any] = {"type": "object", "properties": {}, "required": []}

    def made(self) -> dict[str, Any]:
        if "#" in self._path or not _PATH.fullmatch(self._path) or not self._path.startswith("/"):
            raise LeftOut("its path cannot be called")
        for parameter in self._parameters():
            self._take(parameter)
        self._take_body()
        self._take_rest_of_path()
        if self._operation.get("callbacks"):
            self._refs.notes.add("Callbacks were left out: nothing is called back.")
        parameters: dict[str, Any] = {"type": "object", "properties": self._properties}
        if self._required:
            parameters["required"] = sorted(set(self._required))
        tags = _list(self._operation.get("tags"))
        return {
            "description": self._description(),
            "method": self._method.upper(),
            "path": self._path,
            "parameters": within_bounds(parameters),
            "places": self._places,
            "tag": untrusted.cleaned(tags[0], 60) if tags else "",
            "is_read": self._method in _READING,
        }

    def _description(self) -> str:
        said = [untrusted.cleaned(self._operation.get(key)) for key in ("summary", "description")]
        text = (
            ". ".join(part.rstrip(".") for part in dict.fromkeys(filter(None, said)))
            or f"{self._method.upper()} {self._path}"
        )
        return untrusted.cleaned(f"(Deprecated) {text}" if self._operation.get("deprecated") is True else text)

    def _parameters(self) -> Iterator[Mapping[str, Any]]:
        """Those of the path and of the operation, which come last and win."""
        merged: dict[tuple[str, str], Mapping[str, Any]] = {}
        for given in [*self._shared, *_list(self._operation.get("parameters"))]:
            parameter = self._refs.found(given)
            if isinstance(parameter, Mapping) and isinstance(parameter.get("name"), str):
                merged[parameter["name"], str(parameter.get("in"))] = parameter
        yield from merged.values()

    def _take(self, parameter: Mapping[str, Any]) -> None:
        name, kind = parameter["name"], parameter.get("in")
        required = parameter.get("required") is True
        match kind:
            case "body":
                self._put_body(parameter.get("schema") or {}, "application/json", required=required)
            case "formData":
                self._take_form_field(parameter, name, required=required)
            case "cookie":
                if required:
                    raise LeftOut("it needs a cookie")
                self._refs.notes.add("Cookies were left out.")
            case "header" if name.lower() in _NOT_FROM_ARGUMENTS:
                return
            case "path" | "query" | "header":
                place = {"in": kind, "name": name}
                if kind == "query" and (join := self._join(parameter)):
                    place["join"] = join
                self._put(name, self._schema_of(parameter), place, required=required or kind == "path")

    def _schema_of(self, parameter: Mapping[str, Any]) -> dict[str, Any]:
        given = parameter.get("schema")
        if given is None and isinstance(content := parameter.get("content"), Mapping) and content:
            media = self._refs.found(next(iter(content.values())))
            given = media.get("schema") if isinstance(media, Mapping) else None
        if given is None:  # Swagger 2 has it beside the name
            given = {
                key: value for key, value in parameter.items() if key not in ("name", "in", "required", "description")
            }
        schema = self._unfolding.schema(given)
        if text := untrusted.cleaned(parameter.get("description"), 300):
            schema.setdefault("description", text)
        return schema

    def _join(self, parameter: Mapping[str, Any]) -> str:
        if self._is_2:
            is_list = parameter.get("type") == "array"
            return _JOINS.get(str(parameter.get("collectionFormat") or "csv"), "") if is_list else ""
        style = str(parameter.get("style") or "form")
        if style in _JOINS:
            return _JOINS[style]
        return "," if parameter.get("explode") is False else ""

    def _put(self, name: str, schema: dict[str, Any], place: dict[str, str], *, required: bool) -> None:
        key = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:60] or "value"
        while key in self._properties:
            key = f"{place['in']}_{key}"[:64] if not key.startswith(place["in"]) else f"{key[:62]}_2"
            if len(key) >= 64:
                raise LeftOut("its parameters have the same names")
        self._properties[key] = schema
        self._places[key] = place
        if required:
            self._required.append(key)

    # The body

    def _take_form_field(self, parameter: Mapping[str, Any], name: str, *, required: bool) -> None:
        if parameter.get("type") == "file":
            raise LeftOut("it takes a file")
        self._form["properties"][name] = self._schema_of(parameter)
        if required:
            self._form["required"].append(name)

    def _take_body(self) -> None:
        if self._form["properties"]:
            consumed = _list(self._operation.get("consumes")) or _list(self._document.get("consumes"))
            if consumed and _FORM not in consumed:
                raise LeftOut(f"its body is {untrusted.cleaned(consumed[0], 60)}, which is not supported")
            required = bool(self._form["required"])
            self._put("body", self._form, {"in": "body", "name": _FORM}, required=required)
        body = self._refs.found(self._operation.get("requestBody"))
        content = body.get("content") if isinstance(body, Mapping) else None
        if not isinstance(content, Mapping) or not content:
            return
        media = _media_type(content)
        if media is None:
            raise LeftOut(f"its body is {untrusted.cleaned(str(next(iter(content))), 60)}, which is not supported")
        inner = self._refs.found(content[media])
        schema = inner.get("schema") if isinstance(inner, Mapping) else None
        sent_as = "application/json" if "*" in media else media
        self._put_body(schema or {}, sent_as, required=body.get("required") is True)

    def _put_body(self, schema: Any, media: str, *, required: bool) -> None:
        self._put("body", self._unfolding.schema(schema), {"in": "body", "name": media}, required=required)

    def _take_rest_of_path(self) -> None:
        """Parts of the path that nobody described."""
        known = {place["name"] for place in self._places.values() if place["in"] == "path"}
        for name in dict.fromkeys(_PLACEHOLDER.findall(self._path)):
            if name not in known:
                self._put(name, {"type": "string"}, {"in": "path", "name": name}, required=True)


def _media_type(content: Mapping[str, Any]) -> str | None:
    """The one we can write: JSON of some kind, then a form."""
    kinds = {kind: kind.partition(";")[0].strip().lower() for kind in map(str, content) if _MEDIA_TYPE.fullmatch(kind)}
    choices = (
        [kind for kind, bare in kinds.items() if "json" in bare],
        [kind for kind, bare in kinds.items() if bare == _FORM],
        [kind for kind, bare in kinds.items() if bare == "*/*"],
    )
    return next((found[0] for found in choices if found), None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

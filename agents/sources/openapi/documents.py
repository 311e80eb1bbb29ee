"""From bytes to a document whose size is known. Imports no Django: it runs in a child process."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import yaml

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 2_000_000
MAX_DEPTH = 60
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused(Exception):
    """The sentence is for whoever imports; ``pointer`` is a JSON pointer to the place, where there is one."""

    def __init__(self, sentence: str, pointer: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.pointer = pointer


def parsed(content: bytes) -> dict[str, Any]:
    """A document with ``paths``, within all bounds. Raises Refused."""
    if len(content) > MAX_BYTES:
        raise Refused(
            f"The document has {math.ceil(len(content) / 1024**2)} MB; at most {MAX_BYTES // 1024**2} are read."
        )
    try:
        text = content.decode("utf-8-sig")
        document = _from_json(text) if text.lstrip()[:1] == "{" else _from_yaml(text)
    except RecursionError:
        raise Refused("The document is nested too deeply.") from None
    except (ValueError, yaml.YAMLError, OverflowError) as error:
        raise Refused(f"This is neither JSON nor YAML: {_place_of(error)}.") from None
    _measure(document)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise Refused("This is no OpenAPI document: it has no `paths`.", "/paths")
    return document


def _place_of(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else type(error).__name__


def _from_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_constant)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise Refused(f"The key `{twin[:60]}` stands twice in one object.")
    return found


def _no_constant(name: str) -> Any:
    raise Refused(f"{name} is no JSON.")


def _from_yaml(text: str) -> Any:
    """No aliases: a few lines of them unfold into gigabytes. The C loader cannot be taught that; its events can."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, _LOADER)):
        if isinstance(event, yaml.AliasEvent):
            raise Refused("The document uses YAML aliases (*name). Export it as JSON.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Refused("The document is nested too deeply.")
        if count > 2 * MAX_NODES:
            raise Refused("The document has too many parts.")
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader


def _measure(document: Any) -> None:
    """Level by level, as a recursion would end at the depth that is looked for."""
    level: list[Any] = [document]
    count = 0
    for _depth in range(MAX_DEPTH):
        following: list[Any] = []
        for node in level:
            inner = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
            count += len(inner)
            following.extend(value for value in inner if isinstance(value, Mapping | list))
        if count > MAX_NODES:
            raise Refused("The document has too many parts.")
        if not following:
            return
        level = following
    raise Refused("The document is nested too deeply.")

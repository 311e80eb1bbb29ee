"""Everything that may go over the socket: as a JSON schema, the source of the client's types, and as a document."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core import modules
from core.realtime import commands
from core.realtime import protocol
from core.realtime.events import Event
from core.shapes import SchemaGenerator
from core.shapes import Shape
from core.shapes import untitled

_REF = "#/$defs/{model}"
Schema = dict[str, Any]


def events() -> list[type[Event]]:
    """The frames of the socket itself, then what each installed app tells, in the order it is written."""
    found = list(protocol.FRAMES)
    for module in modules.installed():
        if module.socket_events:
            source = import_module(module.socket_events)
            found += [shape for shape in vars(source).values() if _is_event(shape, source.__name__)]
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """One type of command, for whoever writes a client."""

    payload: type[Shape]
    answer: type[BaseModel] | None
    """The shape of ``ok``, where the function says it."""
    text: str


def answered() -> dict[str, Asked]:
    """The commands by type: the socket's own, then those of the apps."""
    built_in = {name: Asked(shape, None, _text(shape)) for name, shape in protocol.COMMANDS.items()}
    return built_in | {
        name: Asked(found.shape, found.answer, f"{_text(found.shape)} {_text(found.function)}".strip())
        for name, found in sorted(commands.registry().items())
    }


def _is_event(candidate: Any, source: str) -> bool:
    if not (inspect.isclass(candidate) and issubclass(candidate, Event)):
        return False
    return candidate.__module__ == source and "type" in vars(candidate)


def json_schema() -> Schema:
    """One schema with ``ServerFrame``, ``ClientFrame`` and ``Answers`` (command → payload of its ``ok``)."""
    told, asked = events(), answered()
    replies = [command.answer for command in asked.values() if command.answer]
    names, definitions = models_json_schema(
        [(shape, "serialization") for shape in dict.fromkeys([*told, *replies])]
        + [(shape, "validation") for shape in dict.fromkeys(command.payload for command in asked.values())],
        ref_template=_REF,
        schema_generator=SchemaGenerator,
    )
    defs: Schema = definitions["$defs"]
    frames = {f"{shape.__name__}Frame": _server_frame(shape, names[shape, "serialization"]) for shape in told}
    sent = {
        f"{_camel(name)}Command": _client_frame(name, names[command.payload, "validation"])
        | {"description": command.text}
        for name, command in asked.items()
    }
    answers = {
        name: names[command.answer, "serialization"]
        if command.answer
        else {"type": "object", "additionalProperties": True}
        for name, command in asked.items()
        if name not in protocol.COMMANDS
    }
    defs |= frames | sent
    defs["ServerFrame"] = {"oneOf": [_ref(name) for name in frames], "description": "What the server sends."}
    defs["ClientFrame"] = {"oneOf": [_ref(name) for name in sent], "description": "What a client may send."}
    defs["Answers"] = _object(answers, list(answers)) | {"description": "Command → payload of its `ok`."}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Socket", "type": "object"}
    return schema | {"additionalProperties": False, "$defs": {name: untitled(part) for name, part in defs.items()}}


def _server_frame(shape: type[Event], payload: Schema) -> Schema:
    parts: Schema = {"type": {"const": shape.type}}
    required = ["type", "payload"]
    if shape.durable:
        parts |= {"room": {"type": "string"}, "seq": {"type": "integer"}}
        required.append("seq")
    elif shape in (protocol.Ok, protocol.Error, protocol.Synced):
        parts["id"] = {"type": ["string", "integer"]}
    elif shape not in protocol.FRAMES:
        parts["room"] = {"type": "string"}
    return _object(parts | {"payload": payload}, required)


def _client_frame(name: str, payload: Schema) -> Schema:
    parts: Schema = {"type": {"const": name}, "id": {"type": "string"}, "payload": payload}
    return _object(parts, ["type"] if name in protocol.COMMANDS and name != "sync" else ["type", "payload"])


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": _REF.format(model=name)}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace("_", ".").split("."))


def document() -> str:
    """``docs/websocket.md``."""
    closes = [f"| {code} | {meaning} | {does} |" for code, (meaning, does) in sorted(protocol.CLOSE_CODES.items())]
    lines = [_INTRODUCTION, "| close | meaning | the client |", "|---|---|---|", *closes, ""]
    lines += ["## Server to client", "", _SERVER, ""]
    for shape in events():
        kind = "durable" if shape.durable else "ephemeral"
        note = f"*{kind}*. " if shape not in protocol.FRAMES else ""
        lines += [f"### `{shape.type}`", "", f"{note}{_text(shape)}", "", *_example(shape.type, shape.example, shape)]
    lines += ["## Client to server", "", _CLIENT, ""]
    for name, command in answered().items():
        example = getattr(command.payload, "example", {})
        lines += [f"### `{name}`", "", command.text, "", *_example(name, example, None)]
        if command.answer:
            lines += [f"`ok`: {_text(command.answer)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _text(described: Any) -> str:
    return " ".join(inspect.cleandoc(described.__doc__ or "").split()).replace("``", "`")


def _example(name: str, payload: Schema, shape: type[Event] | None) -> list[str]:
    frame: Schema = {"type": name}
    if shape is None:
        frame["id"] = "c1"
    elif shape.durable:
        frame |= {"room": payload["conversation_id"]} if "conversation_id" in payload else {}
        frame["seq"] = payload.get("seq", 1043)
    return ["```json", json.dumps(frame | {"payload": payload}, ensure_ascii=False, indent=2), "```", ""]


_INTRODUCTION = f"""# The socket

Generated by `make types` from `core/realtime` and the apps' `events.py` and commands; do not edit.

`GET {protocol.PATH}?token=<ticket or access token>`, or the subprotocols `{protocol.SUBPROTOCOL}, bearer.<token>`,
which is answered with `{protocol.SUBPROTOCOL}`. A ticket (`POST /api/auth/ws-ticket`) opens one socket within 30 s.
A browser's `Origin` must be the site's own or stand in `CORS_ORIGINS`.

A frame is one JSON object in a text message of at most 64 KiB: `{{"type", "payload", "room"?, "seq"?, "id"?}}`. `room`
is the id of a conversation. `data` is accepted for `payload` in what a client sends.

First comes `hello`. The client sends `sync` with the last `seq` it has of each stream and gets what it misses, in
order, then `synced`; only from then on do events arrive as they happen. `seq` counts per stream without gaps: `c:<id>`
is the stream of the conversation in `room`, frames without `room` belong to `u:<own id>`. What has no `seq` is
ephemeral and may be dropped.

A connection may send 10 commands a second, 30 at once.
"""
_SERVER = "Durable events are kept and counted by `seq`; ephemeral ones are told to whoever listens at the moment."
_CLIENT = """A command with an `id` is answered by `ok` or `error` with the same `id`, after the commit, never before.
An `error` whose `retryable` is true (`rate_limited`, `unavailable`, `conflict`) may be sent again with the same
`client_id`; no answer at all means that nobody knows, so send it again as well. Every other `code` is final."""

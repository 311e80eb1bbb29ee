"""What is written of the socket is what it does."""

from __future__ import annotations

import json
from typing import Any
from typing import ClassVar

import pytest

from core.realtime import catalogue
from core.realtime import commands
from core.realtime import protocol
from core.realtime.events import Event
from core.shapes import Shape

pytestmark = pytest.mark.any_stack


@pytest.mark.parametrize("event", catalogue.events(), ids=lambda event: event.type)
def test_examples_of_events_are_valid(event: type[Event]) -> None:
    event.model_validate_json(json.dumps(event.example))


@pytest.mark.parametrize(("name", "shape"), [(name, command.payload) for name, command in catalogue.answered().items()])
def test_examples_of_commands_are_valid(name: str, shape: type[Shape]) -> None:
    example: dict[str, Any] = getattr(shape, "example")  # noqa: B009 - that a Shape has one is what is tested
    shape.model_validate(example)


def test_types_are_told_apart() -> None:
    types = [event.type for event in catalogue.events()]
    assert len(types) == len(set(types))
    # What a device says to another is handed on under the name it came by.
    handed_on = {"call.initiate", "call.offer", "call.answer", "call.ice", "call.reject", "call.end", "call.fallback"}
    assert set(types) & set(catalogue.answered()) <= handed_on
    names = [event.__name__ for event in catalogue.events()]
    assert len(names) == len(set(names))


def test_frames_require_what_is_always_written() -> None:
    defs = catalogue.json_schema()["$defs"]
    for event in catalogue.events():
        absent = {"retry_after", "details"} if event is protocol.Error else set()
        assert set(defs[event.__name__].get("required", ())) == set(event.model_fields) - absent
        assert ("seq" in defs[f"{event.__name__}Frame"]["required"]) == event.durable


class _Twice(commands.Payload):
    example: ClassVar[dict[str, Any]] = {"text": "Tea"}

    text: str
    """What to say."""


class _Answer(Shape):
    """It was said."""

    seq: int


def test_a_command_is_described_with_what_it_takes_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_commands", {})
    monkeypatch.setattr(commands, "registry", lambda: commands._commands)

    @commands.command("test.say", _Twice)
    def say(actor: Any, payload: _Twice) -> _Answer:
        """Say it."""
        return _Answer(seq=1)

    @commands.command("test.whisper", _Twice)
    def whisper(actor: Any, payload: _Twice) -> None:
        """Whisper it."""

    defs = catalogue.json_schema()["$defs"]
    assert {"$ref": "#/$defs/TestSayCommand"} in defs["ClientFrame"]["oneOf"]
    assert defs["TestSayCommand"]["properties"]["payload"] == {"$ref": "#/$defs/_Twice"}
    assert defs["_Twice"]["properties"]["text"] == {"description": "What to say.", "type": "string"}
    assert defs["Answers"]["properties"]["test.say"] == {"$ref": "#/$defs/_Answer"}
    assert "$ref" not in defs["Answers"]["properties"]["test.whisper"]
    assert "### `test.whisper`\n\nWhisper it." in catalogue.document()

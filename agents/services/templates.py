"""Agents to begin with: each works without account, key or network, and shows one kind of tool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents import builtin_mcp
from agents import echo
from agents.shapes import TemplateShape
from core.errors import InvalidInput
from core.llm import tools


@dataclass(frozen=True, slots=True)
class Template:
    """What an agent begins with; ``functions`` are as ``POST /api/agents`` takes them."""

    id: str
    name: Any
    summary: Any
    system_prompt: Any
    try_this: Any
    functions: tuple[dict[str, Any], ...] = ()
    source: dict[str, Any] | None = field(default=None)

    @property
    def is_offered(self) -> bool:
        """Whether the tools it has are here."""
        named = [one["tool"] for one in self.functions if one["function_type"] == "internal"]
        return all(tools.find(name) for name in named)

    @property
    def values(self) -> dict[str, Any]:
        """What an agent of it begins with, as ``POST /api/agents`` takes it."""
        texts = {"name": str(self.name), "system_prompt": str(self.system_prompt)}
        return texts | {"functions": list(self.functions)}

    def shape(self) -> TemplateShape:
        """In the reader's language."""
        return TemplateShape(
            id=self.id,
            name=str(self.name),
            summary=str(self.summary),
            system_prompt=str(self.system_prompt),
            functions=list(self.functions),
            source=self.source,
            try_this=str(self.try_this),
        )


def _internal(name: str) -> dict[str, Any]:
    return {"name": name, "function_type": "internal", "tool": name}


_TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string", "description": "What to say."}},
    "required": ["text"],
}

_ALL = (
    Template(
        id="clerk",
        name=_("Clerk"),
        summary=_("Calls a webhook and shows the signed request. Put your own n8n or Make flow in its place."),
        system_prompt=_("You are a clerk. Pass on what you are asked to, and say what came back."),
        try_this=_("echo “hello” then tell the time"),
        functions=(
            {
                "name": "echo",
                "description": "Sends a text to the echo service, which answers with what it was sent.",
                "function_type": "webhook",
                "endpoint_url": echo.URL,
                "parameters": _TEXT,
                "effect": "read",
                "callable_by": "members",
            },
            _internal("now"),
        ),
    ),
    Template(
        id="librarian",
        name=_("Librarian"),
        summary=_("Searches the messages of who asks, and remembers what it is told to."),
        system_prompt=_("You find things in the conversations of who asks. Quote what you found, with dates."),
        try_this=_("search my messages for “hello”"),
        functions=tuple(map(_internal, ("search_messages", "read_conversation", "remember", "recall", "forget"))),
    ),
    Template(
        id="interpreter",
        name=_("Interpreter"),
        summary=_("Translates what is said."),
        system_prompt=_("You translate. Say nothing but the translation."),
        try_this=_("translate “good morning” into Ukrainian"),
        functions=(_internal("translate"),),
    ),
    Template(
        id="caller",
        name=_("Caller of three"),
        summary=_("Has three tools of an MCP server inside this one; look what happens when one of them changes."),
        system_prompt=_("You have three tools. Use the one that fits, and say what came back."),
        try_this=_("What time is it in UTC?"),
        source={"kind": "mcp", "url": builtin_mcp.URL, "name": "three"},
    ),
)


def everything() -> list[TemplateShape]:
    """Those whose tools are here."""
    return [template.shape() for template in _offered()]


def _offered() -> Iterator[Template]:
    return (template for template in _ALL if template.is_offered)


def known(template_id: str) -> Template | None:
    """The template of that id, if its tools are here."""
    return next((template for template in _offered() if template.id == template_id), None)


def find(template_id: str) -> Template:
    """Raises InvalidInput for one that is not here."""
    found = known(template_id)
    if found is None:
        raise InvalidInput(details={"template": [gettext("There is no such template.")]})
    return found

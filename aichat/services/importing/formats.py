"""What other products write, as one kind of tree.

ChatGPT: ``conversations.json`` of "Export data" (https://help.openai.com/en/articles/7260999). Open WebUI: "Export
chats" (``history`` in https://github.com/open-webui/open-webui, backend/open_webui/models/chats.py). LibreChat: the
JSON of one conversation (https://www.librechat.ai/docs/features/import_convos). As they stood in November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic import Field
from pydantic import ValidationError

Role = Literal["user", "assistant"]
_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_UNSAID = re.compile("\ue200[^\ue200\ue201]*\ue201|[\ue200-\ue206]")
"""Marks that ChatGPT's own page turns into links. Each letter is looked at once, also where nothing ends a mark."""


class Odd(Exception):
    """A conversation that cannot be read. Its text is a sentence for its owner."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing that was said; ``role`` None: it only holds the tree together."""

    id: str
    parent: str | None
    role: Role | None
    text: str = ""
    model: str = ""
    at: float | None = None
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of another product."""

    source: str
    id: str
    title: str
    created: float | None
    updated: float | None
    nodes: list[Node]
    current: str | None
    """The last message of the branch that was shown; None: the one written last."""


def title_of(found: Any) -> str:
    """What to call a conversation that may be nothing of the kind."""
    title = found.get("title") if isinstance(found, dict) else None
    return title if isinstance(title, str) else ""


def read(found: Any) -> Conversation:
    """Raises Odd."""
    if not isinstance(found, dict):
        raise Odd(_("It is not a conversation."))
    try:
        if "mapping" in found:
            return _chatgpt(_ChatGpt.model_validate(found))
        if isinstance(found.get("chat"), dict):
            return _open_webui(_OpenWebUi.model_validate(found))
        if "messages" in found and ("conversationId" in found or "endpoint" in found):
            return _librechat(_LibreChat.model_validate(found))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Odd(_("It is not written as exports are: {where}.").format(where=where[:100])) from error
    except RecursionError as error:
        raise Odd(_("It is nested more deeply than exports are.")) from error
    raise Odd(_("It is not written as any export that is known here."))


# ChatGPT --------------------------------------------------------------------------------------------------------------


class _Author(BaseModel):
    role: str = ""


class _Content(BaseModel):
    content_type: str = "text"
    parts: list[Any] | None = None
    text: str | None = None
    language: str | None = None


class _Message(BaseModel):
    author: _Author = Field(default_factory=_Author)
    create_time: float | None = None
    content: _Content = Field(default_factory=_Content)
    recipient: str | None = "all"
    metadata: dict[str, Any] | None = None


class _MappingNode(BaseModel):
    parent: str | None = None
    message: _Message | None = None


class _ChatGpt(BaseModel):
    id: str | None = None
    conversation_id: str | None = None
    title: str | None = None
    create_time: float | None = None
    update_time: float | None = None
    current_node: str | None = None
    mapping: dict[str, _MappingNode]


def _chatgpt(found: _ChatGpt) -> Conversation:
    name = found.conversation_id or found.id
    if not name:
        raise Odd(_("It has no id, so it could not be told from others."))
    return Conversation(
        "chatgpt",
        name,
        found.title or "",
        found.create_time,
        found.update_time,
        [_chatgpt_node(node_id, node) for node_id, node in found.mapping.items()],
        found.current_node,
    )


def _chatgpt_node(node_id: str, node: _MappingNode) -> Node:
    message = node.message
    role = _ROLES.get(message.author.role) if message is not None else None
    if message is None or role is None or message.recipient not in (None, "all"):
        return Node(node_id, node.parent, None)
    metadata = message.metadata or {}
    text = "" if metadata.get("is_visually_hidden_from_conversation") else _chatgpt_text(message.content)
    text = "\n\n".join(part for part in (text, *_attached(metadata)) if part)
    if not text.strip():
        return Node(node_id, node.parent, None)
    model = metadata.get("model_slug") if role == "assistant" else None
    return Node(node_id, node.parent, role, text, model if isinstance(model, str) else "", message.create_time)


def _chatgpt_text(content: _Content) -> str:
    if content.content_type == "code":
        language = "" if content.language in (None, "unknown") else content.language
        return f"```{language}\n{content.text}\n```" if content.text else ""
    if content.content_type not in ("text", "multimodal_text"):
        return ""  # of tools, or thinking
    return _UNSAID.sub("", "\n".join(filter(None, map(_part, content.parts or []))))


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    if isinstance(text := part.get("text"), str):
        return text
    return "🖼" if part.get("content_type") == "image_asset_pointer" else ""


def _attached(metadata: Mapping[str, Any]) -> Iterator[str]:
    """The names of files, which an export of conversations does not hold."""
    files = metadata.get("attachments")
    for file in files if isinstance(files, list) else []:
        if isinstance(file, dict) and isinstance(name := file.get("name"), str) and name:
            yield f"📎 {name}"


# Open WebUI -----------------------------------------------------------------------------------------------------------


class _WebUiMessage(BaseModel):
    parentId: str | None = None  # noqa: N815 - as it stands there
    role: str = ""
    content: str | None = None
    model: str | None = None
    timestamp: float | None = None


class _History(BaseModel):
    messages: dict[str, _WebUiMessage]
    currentId: str | None = None  # noqa: N815 - as it stands there


class _WebUiChat(BaseModel):
    title: str | None = None
    history: _History


class _OpenWebUi(BaseModel):
    id: str
    title: str | None = None
    created_at: float | None = None
    updated_at: float | None = None
    chat: _WebUiChat


def _open_webui(found: _OpenWebUi) -> Conversation:
    history = found.chat.history
    nodes = [
        Node(node_id, said.parentId, _ROLES.get(said.role), said.content or "", said.model or "", said.timestamp)
        for node_id, said in history.messages.items()
    ]
    title = found.title or found.chat.title or ""
    return Conversation("openwebui", found.id, title, found.created_at, found.updated_at, nodes, history.currentId)


# LibreChat ------------------------------------------------------------------------------------------------------------


class _LibreMessage(BaseModel):
    messageId: str  # noqa: N815 - as it stands there
    parentMessageId: str | None = None  # noqa: N815 - as it stands there
    text: str | None = None
    content: list[dict[str, Any]] | None = None
    isCreatedByUser: bool = False  # noqa: N815 - as it stands there
    model: str | None = None
    children: list[_LibreMessage] = Field(default_factory=list)


class _LibreChat(BaseModel):
    conversationId: str  # noqa: N815 - as it stands there
    title: str | None = None
    messages: list[_LibreMessage]


def _librechat(found: _LibreChat) -> Conversation:
    nodes = list(_flat(found.messages))
    return Conversation("librechat", found.conversationId, found.title or "", None, None, nodes, None)


def _flat(messages: list[_LibreMessage]) -> Iterator[Node]:
    waiting = list(reversed(messages))
    while waiting:
        said = waiting.pop()
        parts = [part.get("text") for part in said.content or [] if part.get("type") == "text"]
        text = said.text or "\n\n".join(part for part in parts if isinstance(part, str))
        role: Role = "user" if said.isCreatedByUser else "assistant"
        yield Node(said.messageId, said.parentMessageId, role, text, said.model or "")
        waiting += reversed(said.children)

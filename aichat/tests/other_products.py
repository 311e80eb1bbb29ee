"""Exports of other products, as they write them: the shapes of their published formats, made by hand."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

NOON = 1_735_732_800.0
"""1 January 2025, 12:00 UTC."""


def chatgpt_node(
    node_id: str, parent: str | None, role: str = "", text: str = "", *, content: Any = None, **message: Any
) -> dict[str, Any]:
    """A node of ``mapping``; without a role it is one of those that hold the tree together."""
    said: dict[str, Any] | None = None
    if role:
        said = {
            "id": node_id,
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": NOON + len(node_id),
            "update_time": None,
            "content": content or {"content_type": "text", "parts": [text]},
            "status": "finished_successfully",
            "end_turn": True,
            "weight": 1.0,
            "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
            "recipient": "all",
            "channel": None,
        } | message
    return {"id": node_id, "message": said, "parent": parent, "children": []}


def chatgpt(name: str, nodes: list[dict[str, Any]], current: str, **fields: Any) -> dict[str, Any]:
    """A conversation of ``conversations.json``."""
    mapping = {node["id"]: node for node in nodes}
    for node in nodes:
        if node["parent"] in mapping:
            mapping[node["parent"]]["children"].append(node["id"])
    return {
        "title": f"About {name}",
        "create_time": NOON,
        "update_time": NOON + 600,
        "mapping": mapping,
        "moderation_results": [],
        "current_node": current,
        "plugin_ids": None,
        "conversation_id": name,
        "conversation_template_id": None,
        "gizmo_id": None,
        "is_archived": False,
        "safe_urls": [],
        "default_model_slug": "auto",
        "id": name,
    } | fields


def bowls() -> dict[str, Any]:
    """One with everything: hidden turns, a tool, a picture, a file, an edited question, a citation."""
    return chatgpt(
        "bowls",
        [
            chatgpt_node("root", None),
            chatgpt_node("sys", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
            chatgpt_node(
                "ctx",
                "sys",
                "user",
                content={"content_type": "user_editable_context", "user_profile": "I mend", "user_instructions": "Hm"},
                metadata={"is_visually_hidden_from_conversation": True},
            ),
            chatgpt_node("q1", "ctx", "user", "How do I mend a bowl?"),
            chatgpt_node("a1", "q1", "assistant", "With lacquer.\ue200cite\ue202turn0search1\ue201"),
            chatgpt_node("q2", "a1", "user", "And a cup?"),
            chatgpt_node("a2", "q2", "assistant", "The same way."),
            chatgpt_node(
                "q2b",
                "a1",
                "user",
                content={
                    "content_type": "multimodal_text",
                    "parts": [
                        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"},
                        "And this?",
                    ],
                },
                metadata={"attachments": [{"id": "file-1", "name": "crack.txt"}]},
            ),
            chatgpt_node(
                "call",
                "q2b",
                "assistant",
                content={"content_type": "code", "language": "python", "text": "look()"},
                recipient="python",
            ),
            chatgpt_node("tool", "call", "tool", content={"content_type": "execution_output", "text": "seen"}),
            chatgpt_node("a3", "tool", "assistant", "I look at it."),
            chatgpt_node("think", "a3", "assistant", content={"content_type": "thoughts", "thoughts": []}),
            chatgpt_node("a3more", "think", "assistant", "Use gold."),
        ],
        "a3more",
    )


def simple(name: str, *turns: str, **fields: Any) -> dict[str, Any]:
    """A conversation of questions and answers in turns."""
    nodes = [chatgpt_node("root", None)]
    for number, text in enumerate(turns):
        role = "assistant" if number % 2 else "user"
        nodes.append(chatgpt_node(f"{name}-{number:03}", nodes[-1]["id"], role, text))
    return chatgpt(name, nodes, nodes[-1]["id"], **fields)


def open_webui() -> dict[str, Any]:
    """A chat of Open WebUI's "Export chats"."""
    messages = {
        "m1": {"id": "m1", "parentId": None, "childrenIds": ["m2"], "role": "user", "content": "Hi", "timestamp": NOON},
        "m2": {
            "id": "m2",
            "parentId": "m1",
            "childrenIds": [],
            "role": "assistant",
            "content": "Hello",
            "model": "llama3:8b",
            "timestamp": NOON + 1,
        },
    }
    return {
        "id": "webui-1",
        "user_id": "u",
        "title": "From Open WebUI",
        "chat": {
            "title": "From Open WebUI",
            "models": ["llama3:8b"],
            "history": {"messages": messages, "currentId": "m2"},
        },
        "created_at": NOON,
        "updated_at": NOON + 5,
        "archived": False,
    }


def librechat() -> dict[str, Any]:
    """LibreChat's JSON of one conversation, its branches as children."""
    answer = {
        "messageId": "l2",
        "parentMessageId": "l1",
        "sender": "GPT",
        "text": "",
        "content": [{"type": "text", "text": "Hello from there"}],
        "isCreatedByUser": False,
        "model": "gpt-4o-mini",
        "children": [],
    }
    question = {
        "messageId": "l1",
        "parentMessageId": "00000000-0000-0000-0000-000000000000",
        "sender": "User",
        "text": "Hi there",
        "isCreatedByUser": True,
        "children": [answer],
    }
    return {
        "conversationId": "libre-1",
        "endpoint": "openAI",
        "title": "From LibreChat",
        "exportAt": "12:00:00 GMT",
        "branches": True,
        "recursive": True,
        "options": {"model": "gpt-4o-mini"},
        "messages": [question],
    }


def as_json(*conversations: Any) -> bytes:
    return json.dumps(list(conversations), ensure_ascii=False).encode()


def as_zip(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return made.getvalue()

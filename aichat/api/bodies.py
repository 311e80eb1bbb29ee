"""What the endpoints take."""

from __future__ import annotations

from typing import Annotated
from typing import Literal
from typing import Self
from uuid import UUID

from pydantic import Field
from pydantic import model_validator

from aichat.services import chats
from aichat.services import messages
from aichat.services import preferences
from core.shapes import Body
from core.shapes import Filled
from core.shapes import Line
from core.shapes import Verbatim
from core.shapes import optional
from core.shapes import refusal
from core.text import is_visible

_ModelId = Annotated[Filled, Field(max_length=100)]
_Effort = Annotated[Filled, Field(max_length=10)]


class _ChatFields(Body):
    title: Annotated[Line, Field(max_length=chats.TITLE_LENGTH)] = optional()
    model: _ModelId = optional()
    system_prompt: Annotated[Verbatim, Field(max_length=chats.SYSTEM_PROMPT_LENGTH)] = optional()
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    effort: _Effort | None = None
    """How hard the model thinks; null: as it does when nobody says."""
    read_everything: bool = optional()
    """The prompt may hold the whole history, not only the model's usual part."""


class NewChatRequest(_ChatFields):
    """``POST /api/chats``"""

    temporary: bool = optional()
    """Not listed, and removed after 24 hours."""


class ChatChangeRequest(_ChatFields):
    """``PATCH /api/chats/:id``; what is left out stays."""

    pinned: bool = optional()
    archived: bool = optional()
    active_message_id: UUID = optional()
    """Shows the branch through this message, down to the leaf written last."""


class _QuestionFields(Body):
    content: Annotated[Verbatim, Field(max_length=messages.MAX_CHARS)]
    model: _ModelId = optional()
    attachments: Annotated[list[UUID], Field(max_length=messages.MAX_ATTACHMENTS)] = optional()
    parent_id: UUID | None = None
    """Absent: below the active leaf. Given (null: the root): a new branch."""
    effort: _Effort | None = None
    """Absent or null: the chat's, then the model's."""


class NewMessageRequest(_QuestionFields):
    """``POST /api/chats/:id/messages``"""

    client_id: Annotated[Filled, Field(max_length=64)] | None = None
    leaf_id: UUID | None = None
    """The last message you show: when the chat has another one by now, 409 `chat_moved`, and nothing is written."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        """A file alone is a question too."""
        if not is_visible(self.content) and not self.attachments:
            raise refusal("Write something, or attach a file.", field="content")
        return self


class EstimateRequest(_QuestionFields):
    """``POST /api/chats/estimate``"""

    chat_id: UUID | None = None


class ChatInstructionsRequest(Body):
    """``PUT /api/chats/preferences``"""

    instructions: Annotated[Verbatim, Field(max_length=preferences.INSTRUCTIONS_LENGTH)]
    """Empty: none."""


class NewShareRequest(Body):
    """``POST /api/chats/:id/shares``"""

    shows_name: bool = optional()
    """Whoever has the link learns your name."""


class SharedQuery(Body):
    """``GET /api/shared-chats/:token``"""

    start: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class RegenerateRequest(Body):
    """``POST …/regenerate``"""

    model: _ModelId = optional()
    effort: _Effort | None = None
    """Absent or null: the chat's, then the model's."""


class ContinueRequest(Body):
    """``POST …/continue``"""

    effort: _Effort | None = None
    """Absent or null: that of the answer, then the chat's, then the model's."""
    room: Literal[2] = optional()
    """Twice the room that the effort has, as far as model and plan allow."""

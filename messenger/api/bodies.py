"""What the endpoints take."""

from __future__ import annotations

from typing import Annotated
from typing import Literal
from typing import Self
from uuid import UUID

from pydantic import Field
from pydantic import model_validator

from core.shapes import Body
from core.shapes import Name
from core.shapes import optional
from core.shapes import refusal
from messenger import limits
from messenger.shapes import ClientId
from messenger.shapes import Content
from messenger.shapes import Emoji
from messenger.shapes import SayableType

_YEAR_SECONDS = 365 * 24 * 3600
_GroupName = Annotated[Name, Field(max_length=limits.NAME_CHARS)]


# Conversations ----------------------------------------------------------------------------------------------------


class NewConversationRequest(Body):
    """``POST /api/messenger/conversations``"""

    type: Literal["direct", "group"]
    participant_ids: Annotated[list[UUID], Field(max_length=limits.MEMBERS)]
    """Of a direct conversation exactly one: the other person, or oneself for the saved messages."""
    name: _GroupName = optional()
    """Of a group; required there."""
    avatar_id: UUID | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.type == "group" and not self.name:
            raise refusal("Give the group a name.", field="name")
        if self.type == "direct" and len(self.participant_ids) != 1:
            raise refusal("Name exactly one person.", field="participant_ids")
        return self


class ConversationChangeRequest(Body):
    """``PATCH /api/messenger/conversations/:id``; what is left out stays."""

    name: _GroupName = optional()
    avatar_id: UUID | None = None
    """null: no picture."""


class NewParticipantsRequest(Body):
    """``POST …/participants``"""

    user_ids: Annotated[list[UUID], Field(min_length=1, max_length=limits.MEMBERS)]


class RoleRequest(Body):
    """``PATCH …/participants/:user_id``"""

    role: Literal["admin", "member"]


class SettingsRequest(Body):
    """``PUT …/settings``; what is left out stays."""

    is_pinned: bool = optional()
    is_muted: bool = optional()
    """The same as `notify: none`."""
    notify: Literal["all", "mentions", "none"] = optional()
    """What one's devices are told of."""
    is_archived: bool = optional()


class DraftRequest(Body):
    """``PUT …/draft``; an empty content takes the draft away."""

    content: Content
    reply_to_id: UUID | None = None


class NewInviteRequest(Body):
    """``POST …/invites``"""

    expires_in: Annotated[int, Field(ge=60, le=_YEAR_SECONDS)] | None = None
    """Seconds; absent: for good."""
    max_uses: Annotated[int, Field(ge=1, le=100_000)] | None = None


class NewBlockRequest(Body):
    """``POST /api/messenger/blocks``"""

    user_id: UUID


# Messages ---------------------------------------------------------------------------------------------------------


class NewTextRequest(Body):
    """``POST …/messages``"""

    content: Content = ""
    client_id: ClientId | None = None
    """A repeat is safe, for ever."""
    message_type: SayableType | None = None
    """Follows from the file when left out."""
    media_id: UUID | None = None
    """A file of one's own."""
    reply_to_id: UUID | None = None
    album_id: UUID | None = None
    """The client's own name for files it sends together; only with a file."""
    story_id: UUID | None = None
    """In a direct conversation: a story of the other one's that this answers."""


class TextChangeRequest(Body):
    """``PUT /api/messenger/messages/:id``"""

    content: Content = ""


class ForwardRequest(Body):
    """``POST …/forward``"""

    conversation_ids: Annotated[list[UUID], Field(min_length=1, max_length=limits.FORWARDED)]
    client_id: ClientId | None = None


class ReactionRequest(Body):
    """``POST …/reactions``"""

    emoji: Emoji


class ReadRequest(Body):
    """``POST …/read``"""

    message_id: UUID


class TypingRequest(Body):
    """``POST …/typing``"""

    is_typing: bool


class MediaIdsRequest(Body):
    """``POST /api/messenger/media/links``"""

    ids: Annotated[list[UUID], Field(max_length=limits.IDS_ASKED)]


# Stories ----------------------------------------------------------------------------------------------------------


class NewStoryRequest(Body):
    """``POST /api/messenger/stories``"""

    media_id: UUID
    """An own picture or film of purpose story."""
    caption: Annotated[str, Field(max_length=limits.CAPTION_CHARS)] = ""
    client_id: ClientId | None = None
    """Makes the request repeatable."""

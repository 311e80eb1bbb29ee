"""The tables of the messenger."""

from messenger.models.conversations import Block
from messenger.models.conversations import Conversation
from messenger.models.conversations import Invite
from messenger.models.conversations import Participant
from messenger.models.messages import GrowingMessage
from messenger.models.messages import LinkPreview
from messenger.models.messages import Message
from messenger.models.messages import NoticeScan
from messenger.models.messages import Reaction
from messenger.models.messages import ReadReceipt
from messenger.models.stories import Story
from messenger.models.stories import StoryView

__all__ = [
    "Block",
    "Conversation",
    "GrowingMessage",
    "Invite",
    "LinkPreview",
    "Message",
    "NoticeScan",
    "Participant",
    "Reaction",
    "ReadReceipt",
    "Story",
    "StoryView",
]

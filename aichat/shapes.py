"""What REST shows of chats, and the events of an answer while it is written."""

from __future__ import annotations

from datetime import date
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict
from pydantic import Field

from core.files.shapes import File
from core.shapes import Page
from core.shapes import Shape

Role = Literal["user", "assistant", "system", "tool"]
Status = Literal["pending", "streaming", "complete", "incomplete", "stopped", "failed"]


class ChatHit(Shape):
    """Where a chat has the words that were looked for."""

    message_id: UUID | None
    """The newest message that has all of them; null: only the title does."""
    snippet: str
    """A piece of that message, on one line."""
    highlights: list[tuple[int, int]]
    """``[start, end)`` in the snippet, in UTF-16 units as JavaScript counts them."""
    title_highlights: list[tuple[int, int]]
    """The same in the title."""


class Chat(Shape):
    """A chat."""

    id: UUID
    title: str
    model: str
    model_end: ModelEnd | None = Field(description="From sixty days before its maker switches the model off.")
    system_prompt: str
    temperature: float | None
    effort: str | None = Field(description="null: the model's own default.")
    read_everything: bool = Field(description="The prompt may hold the whole history, not only the model's usual part.")
    pinned: bool
    archived: bool
    temporary: bool
    active_message_id: UUID | None
    created_at: datetime
    updated_at: datetime
    found: ChatHit | None = Field(default=None, json_schema_extra={"absent": True})
    """In a list that was searched."""


class ModelEnd(Shape):
    """That a model of a chat is going, or gone."""

    ended: bool
    name: str
    until: date
    successor: str | None = Field(description="The model to go on with: `PATCH` it into the chat. null: none.")
    successor_name: str | None
    note: str = Field(description="What to know of the successor beforehand; mostly empty.")


class ChatPage(Page[Chat]):
    """Last used first."""


class ErrorBody(Shape):
    """The house error body; more fields may follow, by code."""

    model_config = ConfigDict(extra="allow")

    error: str
    code: str
    request_id: str = Field(default="", json_schema_extra={"absent": True})


class Message(Shape):
    """A message."""

    id: UUID
    chat_id: UUID
    parent_id: UUID | None
    role: Role
    content: str
    status: Status
    model: str
    finish_reason: str | None
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool
    reasoning: str = Field(description="What the model showed of its thinking, 64 KiB at most; no part of the answer.")
    reasoning_tokens: int | None = Field(description="A part of `completion_tokens`; null: not told.")
    thinking_ms: int | None
    effort: str | None
    cached_tokens: int = Field(description="A part of `prompt_tokens`.")
    cache_write_tokens: int = Field(description="A part of `prompt_tokens`.")
    cost: str | None = Field(description="USD; null: not known, or not shown to this person.")
    priced: date | None = Field(description="The day from which its price holds.")
    held_tokens: int | None = Field(
        description="Set aside for it beforehand: `at_most` of its estimate, with a tenth more for the prompt, as its "
        "provider may count otherwise. null: it has not ended, or not known."
    )
    released_tokens: int | None = Field(description="What of these it did not use: given back when it ended.")
    withheld: bool = Field(description="A refused turn: later prompts leave it out.")
    error: ErrorBody | None
    attachments: list[File]
    sibling_ids: list[UUID]
    client_id: str | None
    unseen: bool = Field(
        description="It took long and its owner was elsewhere: say so by `POST …/seen`, once it is shown."
    )
    created_at: datetime


class MessagePage(Page[Message]):
    """Newest first, from the active leaf towards the beginning; ``previous`` is always null."""


class Rates(Shape):
    """USD per million tokens, by what they are."""

    input: str
    cached: str
    write: str
    output: str


class Price(Shape):
    """What a model costs from a day on; beyond `step` tokens of input all of a request costs `above`."""

    since: date
    rates: Rates
    step: int | None
    above: Rates | None
    source: str


class Model(Shape):
    """A model of the catalogue, for this user."""

    id: str
    name: str
    provider: str
    context_window: int
    max_output_tokens: int
    min_tier: str
    available: bool = Field(description="False: the user's plan is below `min_tier`.")
    vision: bool
    tools: bool
    is_demo: bool
    parameters: list[str]
    input_price: str | None = Field(description="USD per million tokens.")
    output_price: str | None = Field(description="USD per million tokens.")
    maker: str
    group: Literal["main", "more", "ending", "ended"]
    default: bool = Field(description="The model of this user's new chats.")
    for_new_chats: bool = Field(description="False: it ends within two weeks, or has ended.")
    sees: list[Literal["image", "pdf"]] = Field(description="What it reads beside text.")
    efforts: list[str] = Field(description="How hard it can be told to think, least first. Empty: it cannot be told.")
    effort: str | None = Field(description="The effort it is asked for when nobody says.")
    speed: Literal["fast", "usual", "deep"]
    sampling: Literal["yes", "with_none", "no"] = Field(description="Whether it takes a temperature.")
    until: date | None = Field(description="The day on which its maker switches it off.")
    successor: str | None = Field(description="The model to go on with, when it is on offer.")
    price: Price | None = Field(description="Of today; null: not known.")
    next_price: Price | None = Field(description="The next one that is announced.")
    typical_cost: str | None = Field(description="USD of a usual answer: 1,000 tokens read, and what it mostly writes.")


class ModelPage(Page[Model]):
    """The whole catalogue: ``next`` and ``previous`` are always null."""


class PriceStep(Shape):
    """That a prompt is so long that all of it costs more."""

    tokens: int
    times: str = Field(description="How many times as much the input costs, such as `2`.")


class Estimate(Shape):
    """What a question costs: mostly, and at most. Tokens are those of prompt and answer together."""

    model: str
    effort: str | None
    prompt_tokens: int
    max_tokens: int
    typical: int
    at_most: int
    typical_cost: str | None = Field(description="USD; null: not known, or not shown to this person.")
    at_most_cost: str | None = Field(description="USD; null: not known, or not shown to this person.")
    estimated_tokens: int = Field(description="The same as `at_most`.")
    tokens_left: int | None = Field(description="null: unlimited.")
    fits: bool
    fits_effort: str | None = Field(description="The highest effort that what is left is enough for.")
    step: PriceStep | None
    left_out: int = Field(description="Messages at the beginning that the model will not see.")


class ChatInstructions(Shape):
    """What holds for all chats of somebody."""

    instructions: str = Field(description="Stand before each chat's own `system_prompt`.")


class Share(Shape):
    """A link by which anybody reads a chat as it was when the link was made. What it is, is told only then."""

    id: UUID
    chat_id: UUID
    title: str
    shows_name: bool
    message_count: int
    created_at: datetime


class NewShare(Share):
    """A link that was just made: nobody can tell it again."""

    url: str


class SharePage(Page[Share]):
    """Newest first: ``next`` and ``previous`` are always null."""


class SharedMessage(Shape):
    """A message as strangers read it: no thinking, no cost, no files."""

    id: UUID
    role: Literal["user", "assistant"]
    content: str
    model: str
    files: int = Field(description="How many were sent with it; they are not shared.")


class SharedChat(Shape):
    """A chat as whoever has the link reads it."""

    title: str
    name: str | None = Field(description="Whose chat it is; null: they do not say.")
    created_at: datetime = Field(description="Of the link: nothing later is shown.")
    messages: list[SharedMessage]
    next: str | None = Field(description="Path and query of the next messages.")


# Events ---------------------------------------------------------------------------------------------------------------


class Notice(Shape):
    """Something to know about an answer."""

    code: Literal["context_trimmed"]
    left_out: int


class StartEvent(Shape):
    """`event: start`"""

    user_message: Message | None
    message: Message
    notice: Notice | None
    succeeded: str | None = Field(
        description="The model that was asked for, when its maker has switched it off and `message.model` stands in."
    )


class DeltaEvent(Shape):
    """A piece of text; the event's id is the length of the text so far, in code points."""

    delta: str
    message_id: UUID
    done: Literal[False]


class ThinkingEvent(Shape):
    """`event: thinking`, without an id: what the model shows of its thinking, from that position (code points) on.

    The first one after a connection begins at 0 with everything so far. `delta` may be empty: only time has passed.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    message_id: UUID
    start: int = Field(alias="from")
    delta: str
    seconds: float


class DoneEvent(Shape):
    """The last event; its id ends in `.done`."""

    delta: Literal[""]
    message_id: UUID
    done: Literal[True]
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    reasoning_tokens: int | None
    thinking_ms: int | None
    effort: str | None
    cached_tokens: int
    cache_write_tokens: int
    cost: str | None
    priced: date | None
    held_tokens: int | None
    released_tokens: int | None
    finish_reason: str | None
    estimated: bool
    status: Status


class ErrorEvent(ErrorBody):
    """`event: error`, the last event of an answer that failed."""

    message_id: UUID
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    reasoning_tokens: int | None
    thinking_ms: int | None
    effort: str | None
    cached_tokens: int
    cache_write_tokens: int
    cost: str | None
    priced: date | None
    held_tokens: int | None
    released_tokens: int | None
    estimated: bool
    status: Status

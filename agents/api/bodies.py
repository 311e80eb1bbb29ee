"""What the endpoints take."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self
from uuid import UUID

from django.utils.translation import gettext
from pydantic import Field
from pydantic import JsonValue
from pydantic import model_validator

from agents import limits
from agents import shapes
from core.shapes import Body
from core.shapes import Filled
from core.shapes import Name
from core.shapes import Verbatim
from core.shapes import optional
from core.shapes import refusal

_MAX_BIGINT = 2_147_483_647


def _within(bound: limits.Bound) -> Any:
    return Field(ge=bound.least, le=bound.most)


AnswerTokens = Annotated[int, _within(limits.ANSWER_TOKENS)]
HistoryTokens = Annotated[int, _within(limits.HISTORY_TOKENS)]
Steps = Annotated[int, _within(limits.STEPS)]
Calls = Annotated[int, _within(limits.CALLS)]
Seconds = Annotated[int, _within(limits.SECONDS)]
RunTokens = Annotated[int, _within(limits.RUN_TOKENS)]
AgentName = Annotated[Name, Field(max_length=limits.NAME_LENGTH)]
FunctionName = Annotated[
    str, Field(pattern=rf"^[A-Za-z][A-Za-z0-9_-]{{0,{limits.FUNCTION_NAME_LENGTH - 1}}}$", examples=["get_weather"])
]
Prompt = Annotated[Verbatim, Field(max_length=limits.PROMPT_LENGTH)]
ModelId = Annotated[Filled, Field(max_length=200)]
Input = Annotated[Verbatim, Field(min_length=1, max_length=limits.PROMPT_LENGTH)]
Temperature = Annotated[float, Field(ge=0, le=2)]
Username = Annotated[str, Field(max_length=50)]
Secret = Annotated[Verbatim, Field(min_length=4, max_length=4000, pattern=r"^[\x20-\x7e]+$")]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}$")]
Header = Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,4000}$")]
Url = Annotated[str, Field(max_length=limits.URL_LENGTH)]


class AuthWrite(Body):
    """How a call says who it is from. A secret that is left out stays; null takes it away."""

    kind: shapes.AuthKind
    name: Annotated[str, Field(max_length=100)] = ""
    """Of the header."""
    username: Annotated[str, Field(max_length=100)] = ""
    """With `basic`."""
    secret: Secret | None = None


class PlaceWrite(Body):
    """Where an argument goes."""

    kind: shapes.PlaceKind
    name: Annotated[Filled, Field(max_length=200)]
    join: Annotated[Verbatim, Field(max_length=10)] = ""


class FunctionWrite(Body):
    """A function to be made, or with `id` to be changed: then what is left out stays. Those not named stay as well."""

    id: UUID | None = None
    remove: bool = False
    """With `id`."""
    name: FunctionName = optional()
    description: Annotated[str, Field(max_length=limits.DESCRIPTION_LENGTH)] = optional()
    parameters: dict[str, JsonValue] = optional()
    function_type: Literal["webhook", "api", "internal"] = optional()
    endpoint_url: Url = optional()
    http_method: shapes.Method = optional()
    headers: Annotated[dict[HeaderName, Header], Field(max_length=20)] = optional()
    places: Annotated[dict[str, PlaceWrite], Field(max_length=200)] = optional()
    auth_config: AuthWrite = optional()
    tool: Annotated[str, Field(max_length=64)] = optional()
    """Of a function inside the house: the name of the tool; the function's own may differ."""
    effect: shapes.Effect = optional()
    repeat: shapes.Repeat = optional()
    confirm: shapes.Confirm = optional()
    callable_by: shapes.CallableBy = optional()
    timeout: Annotated[int, _within(limits.TIMEOUT)] = optional()
    per_run: Annotated[int, _within(limits.PER_RUN)] = optional()
    per_day: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    is_enabled: bool = optional()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.id is None:
            for field in ("name", "function_type"):
                if getattr(self, field) is None:
                    raise refusal(gettext("This field is required."), field=field)
            if self.remove:
                raise refusal(gettext("This field is required."), field="id")
        return self


class TextSettings(Body):
    """What the builder keeps as a draft: who the agent is, and its bounds."""

    name: AgentName = optional()
    system_prompt: Prompt = optional()
    model: ModelId = optional()
    temperature: Temperature | None = None
    max_tokens: AnswerTokens = optional()
    history_tokens: HistoryTokens = optional()
    max_steps: Steps = optional()
    max_calls: Calls = optional()
    max_seconds: Seconds = optional()
    run_tokens: RunTokens = optional()


class AgentDraftRequest(TextSettings):
    """`PUT /api/agents/:id/draft`: all that differs from what is published; nothing: there is no draft."""


class _AgentFields(TextSettings):
    """What is given of an agent when it is made and when it is changed.

    The two bodies are siblings: what the schema's generator notes on the one of a PATCH would be inherited.
    """

    username: Username = optional()
    avatar_id: UUID | None = None
    """An upload with purpose avatar; null: no picture."""
    audience: shapes.Audience = optional()
    payer: shapes.Payer = optional()
    owner_daily_tokens: Annotated[int, Field(ge=1, le=_MAX_BIGINT)] | None = None
    """What all others may use of the owner's tokens in a day, where the owner pays; null: the house's bound."""
    asker_daily_tokens: Annotated[int, Field(ge=1, le=_MAX_BIGINT)] | None = None
    """What one of them may; null: the house's bound."""
    is_active: bool = optional()
    functions: Annotated[list[FunctionWrite], Field(max_length=limits.MAX_ENABLED_FUNCTIONS)] = optional()


class AgentChangeRequest(_AgentFields):
    """`PATCH /api/agents/:id`; what is left out stays, and everything counts at once."""


class NewAgentRequest(_AgentFields):
    """`POST /api/agents`"""

    name: AgentName
    model: ModelId = optional()
    """Left out: the site's default one, if it can call functions."""
    template: Annotated[str, Field(max_length=20)] = optional()
    """Begin with what a template has; what is given besides comes in its place."""


class SourceRequest(Body):
    """`POST /api/agents/:id/sources`: one of an address, a file and a text."""

    kind: shapes.SourceKind
    name: Annotated[Name, Field(max_length=limits.NAME_LENGTH)] = optional()
    """Left out: what the document or the server calls itself. In front of the names of its functions."""
    url: Url = ""
    file_id: UUID | None = None
    text: Annotated[Verbatim, Field(max_length=16 * 1024 * 1024)] = ""
    server: Url = ""
    """Which of the document's servers is called; left out: the first one."""
    auth: AuthWrite | None = None

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        given = [bool(self.url), self.file_id is not None, bool(self.text)]
        if sum(given) != 1:
            raise refusal(gettext("Give one of an address, a file and a text."), field="url")
        if self.kind == "mcp" and not self.url:
            raise refusal(gettext("Give the address of the server."), field="url")
        return self


class SourceChangeRequest(Body):
    """`PATCH /api/agents/:id/sources/:sid`; what is left out stays."""

    name: Annotated[Name, Field(max_length=limits.NAME_LENGTH)] = optional()
    auth: AuthWrite = optional()
    is_off: bool = optional()
    """None of its functions is called."""


class SourceRefreshRequest(Body):
    """`POST …/refresh`: empty, or the document anew where it has no address."""

    file_id: UUID | None = None
    text: Annotated[Verbatim, Field(max_length=16 * 1024 * 1024)] = ""

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.text and self.file_id is not None:
            raise refusal(gettext("Give one of an address, a file and a text."), field="file_id")
        return self


class ApproveItem(Body):
    """A function, and the hash of what was shown of it."""

    id: UUID
    hash: Annotated[str, Field(max_length=64)]


class ApproveRequest(Body):
    """`POST /api/agents/:id/functions/approve`"""

    items: Annotated[list[ApproveItem], Field(min_length=1, max_length=limits.MAX_FUNCTIONS)]
    enable: bool = True
    """Also switch them on."""


class TestRequest(Body):
    """`POST /api/agents/:id/functions/:fid/test`"""

    arguments: dict[str, JsonValue] = Field(default_factory=dict)
    dry_run: bool = True
    """Build and sign it, send nothing."""


class EstimateDraft(TextSettings):
    """An agent that is not saved, or what is to be different of one that is."""


class AgentEstimateRequest(Body):
    """`POST /api/agents/estimate`"""

    agent_id: UUID | None = None
    template: Annotated[str, Field(max_length=20)] = ""
    """What is tried without an agent."""
    draft: EstimateDraft | None = None
    input: Annotated[Verbatim, Field(max_length=limits.PROMPT_LENGTH)] = ""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.agent_id is None and not self.template and (self.draft is None or self.draft.model is None):
            raise refusal(gettext("Name an agent, or a model."), field="agent_id")
        return self


class DuplicateRequest(Body):
    """`POST /api/agents/:id/duplicate`"""

    name: AgentName = optional()
    username: Username = optional()


class ImportedLimits(Body):
    """The bounds of runs; what is left out is as for a new agent."""

    max_steps: Steps = optional()
    max_calls: Calls = optional()
    max_seconds: Seconds = optional()
    run_tokens: RunTokens = optional()
    history_tokens: HistoryTokens = optional()


class ImportedFunction(FunctionWrite):
    """As it was exported."""

    @model_validator(mode="before")
    @classmethod
    def _is_new(cls, given: Any) -> Any:
        return (
            {key: value for key, value in given.items() if key not in {"id", "remove"}}
            if isinstance(given, dict)
            else given
        )


ImportedFunctions = Annotated[list[ImportedFunction], Field(max_length=limits.MAX_FUNCTIONS)]


class ImportRequest(Body):
    """`POST /api/agents/import`: what `export` has given."""

    format: Literal["kintsugi.agent.v1"]
    name: AgentName
    username: Username = optional()
    system_prompt: Prompt = ""
    model: ModelId = optional()
    temperature: Temperature | None = None
    max_tokens: AnswerTokens = optional()
    functions: ImportedFunctions = optional()
    limits: ImportedLimits = optional()

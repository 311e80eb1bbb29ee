"""One call to a model: held, asked, settled by what it used, and its failures in our words."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager

from core import llm
from core.llm import efforts
from core.llm import errors
from core.llm import tokens
from core.llm.base import Options
from translation.errors import KeyRejected
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch
from translation.providers.base import Context
from translation.providers.llm.prompts import SCHEMA

_TEMPERATURE = 0.2
_ROOM_TIMES = 3
_ROOM_TOKENS = 300
"""For an answer: so many times the source's tokens, as some languages take more, and what is around it."""
_AWAY_SECONDS = 30
_NO_ANSWER = (
    errors.StreamCut,
    errors.ProviderSilent,
    errors.EmptyAnswer,
    errors.OnlyThought,
    errors.ThoughtTooLong,
    errors.ContentFiltered,
    errors.MalformedCall,
)
"""It may do better when asked again, or otherwise."""


class NoAnswer(Exception):
    """The model said nothing that can be used; ``is_cut`` when its room ran out."""

    def __init__(self, *, is_cut: bool = False) -> None:
        super().__init__()
        self.is_cut = is_cut


def complete(messages: Sequence[llm.Message], model_id: str, ctx: Context, *, source_tokens: int) -> str:
    """The text of the answer. Raises NoAnswer, children of ServiceError, and what the meter and ``check`` raise."""
    model = llm.catalogue.require(model_id)
    with ctx.meter.call(tokens.count_messages(messages, model), room(model, source_tokens)) as spending:
        with in_our_words():
            answer = llm.complete(
                messages,
                model=model_id,
                max_tokens=spending.max_tokens,
                check=ctx.check,
                **options(model),
            )
        if answer.usage is not None:
            spending.used(answer.usage.prompt_tokens, answer.usage.completion_tokens)
        else:
            written = tokens.count_text(answer.text, model)
            spending.used(tokens.count_messages(messages, model), written)
    if answer.finish_reason == "length":
        raise NoAnswer(is_cut=True)
    if answer.finish_reason in {"content_filter", "refusal"}:
        raise NoAnswer
    return answer.text


def room(model: llm.Model, source_tokens: int) -> int:
    """Tokens of an answer, with the little thinking that the model cannot leave."""
    thought = efforts.thought(efforts.least(model) or "none")
    return min(model.max_output_tokens, source_tokens * _ROOM_TIMES + _ROOM_TOKENS + thought)


def options(model: llm.Model, *, is_json: bool = True) -> Options:
    """As little thinking as can be, and JSON where the model can be held to it."""
    return Options(
        temperature=_TEMPERATURE,
        effort=efforts.least(model),
        # The demo is asked by a schema too: that is how it knows what to answer.
        schema=SCHEMA if is_json and (model.schema or model.is_demo) else None,
    )


@contextmanager
def in_our_words() -> Iterator[None]:
    """Around a call: raises NoAnswer and children of ServiceError."""
    try:
        yield
    except _NO_ANSWER as error:
        raise NoAnswer from error
    except errors.ContextTooLong as error:
        raise TooMuch from error
    except errors.ProviderQuotaExceeded as error:
        raise OutOfCredit from error
    except errors.ProviderRejectedKey as error:
        raise KeyRejected from error
    except (errors.ProviderRateLimited, errors.ProviderUnavailable) as error:
        raise Paused(retry_after=error.retry_after or _AWAY_SECONDS) from error
    except errors.ProviderRefused as error:
        raise Refused from error
    except errors.ModelError as error:
        raise ServiceError(error.sentence) from error

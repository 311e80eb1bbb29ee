"""Why a model did not answer: one class, code and sentence for each thing a person may meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Complaint:
    """A provider's own words. They may quote the key or the conversation, so they are neither shown nor logged.

    ``status`` is 0 for an error inside a stream that gives no number.
    """

    status: int = 0
    code: str = ""
    kind: str = ""
    param: str = ""
    message: str = field(default="", repr=False)


class ModelError(DomainError):
    """Base of every refusal of this room; ``complaint`` is what the provider said, where it said anything."""

    complaint: Complaint | None = None


class UnknownModel(ModelError):
    """The catalogue has no such model, or has retired it."""

    code, status, message = "unknown_model", 400, "This model is not offered. Choose another one."


class UnknownEffort(ModelError):
    """The model does not list this effort; ``efforts`` are those it has, least first."""

    code, status = "unknown_effort", 400

    def __init__(self, name: str, *, effort: str, efforts: Sequence[str]) -> None:
        has = ", ".join(efforts)
        sentence = f"{name} can be asked with these efforts: {has}." if has else f"{name} cannot be told an effort."
        super().__init__(sentence, effort=effort, efforts=list(efforts))


class ModelEnded(ModelError):
    """Its maker has switched it off. ``successor`` is what to go on with, null when nothing is on offer."""

    code, status = "model_ended", 410
    message = "This model was switched off by its maker. Go on with another one."


class NoProvider(ModelError):
    """The model is known, but nothing that runs it is configured."""

    code, status = "no_provider", 503
    message = "No provider is set up for this model. Choose another model, or ask the operator to configure one."


class ProviderRejectedKey(ModelError):
    """401 or 403: the operator's key is wrong, revoked or not allowed to do this."""

    code, status = "provider_rejected_key", 502
    message = "The model's provider did not accept our key. The operator of this site has to correct it."


class ProviderRateLimited(ModelError):
    """429 that passes by itself; ``retry_after`` in seconds when the provider named a time."""

    code, status = "provider_rate_limited", 503
    message = "The model's provider is receiving too many requests. Try again in a moment."


class ProviderQuotaExceeded(ModelError):
    """429 or 402 that does not pass by itself: the operator's account is used up."""

    code, status = "provider_quota", 503
    message = "This site's account with the model's provider is used up. Choose another model, or tell the operator."


class ContextTooLong(ModelError):
    """The provider counted more tokens than the model takes."""

    code, status = "context_too_long", 400
    message = (
        "The conversation is longer than this model can read. Shorten it, or choose a model with a larger context."
    )


class ProviderSilent(ModelError):
    """No byte for ``LLM_SILENCE_SECONDS``."""

    code, status = "provider_silent", 504
    message = "The model has stopped answering. What arrived so far is kept; continue or try again."


class StreamCut(ModelError):
    """The answer ended without a finish reason: the connection broke, or what came could not be read."""

    code, status = "stream_cut", 502
    message = "The answer was cut off on its way. What arrived so far is kept; continue or try again."


class ContentFiltered(ModelError):
    """The provider's moderation refused the question or the answer."""

    code, status = "content_filtered", 422
    message = "The model's provider refused this for its content rules. Put it in other words."


class ProviderUnavailable(ModelError):
    """The provider cannot be reached, or answers with a 5xx."""

    code, status = "provider_unavailable", 503
    message = "The model's provider cannot be reached right now. Try again in a moment."


class ProviderRefused(ModelError):
    """Any other 4xx: the request as such was not accepted."""

    code, status = "provider_refused", 502
    message = "The model's provider did not accept the request. Choose another model, or tell the operator."


class ProviderOverloaded(ProviderUnavailable):
    """The provider says that it has too much to do: 529, or the same inside an answer."""

    code = "provider_overloaded"
    message = (
        "The model's provider is overloaded. It is not your doing; try again in a moment, or choose another model."
    )


class ProviderPaused(ProviderUnavailable):
    """It failed so often that no process of ours asks it for the moment; ``retry_after`` in seconds."""

    code = "provider_paused"
    message = "The model's provider has failed several times and is left alone for a minute. Choose another model."


class ModelGone(ProviderRefused):
    """The provider has no such model, or none for this account."""

    code = "model_gone"
    message = "The model's provider does not have this model. Choose another one."


class EmptyAnswer(ModelError):
    """The answer ended properly and holds nothing: no text, no thought, no call. It costs nothing."""

    code, status = "empty_answer", 502
    message = "The model ended its answer without writing anything. It costs you nothing; try again."


class MalformedCall(ModelError):
    """The model called a tool in a way that its own provider could not read."""

    code, status = "malformed_call", 502
    message = "The model tried to use a tool and made a mistake in it. Try again, or choose another model."


class ThoughtTooLong(ModelError):
    """All the room of the answer went into thinking; ``reasoning_tokens`` of it where the provider told."""

    code, status = "thought_too_long", 422
    message = "The model used all its room for thinking and had none left to answer. Ask with less effort or more room."


class OnlyThought(ModelError):
    """The answer ended properly, but all it holds is thought."""

    code, status = "only_thought", 502
    message = "The model thought about it and ended without an answer. Try again, or choose another model."

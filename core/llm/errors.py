"""Why a model did not answer: one class, code and sentence for each thing a person may meet."""

from __future__ import annotations

from core.errors import DomainError


class ModelError(DomainError):
    """Base of every refusal of this room."""


class UnknownModel(ModelError):
    """The catalogue has no such model, or has retired it."""

    code, status, message = "unknown_model", 400, "This model is not offered. Choose another one."


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

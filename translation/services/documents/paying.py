"""Tokens and money of one part: held when it begins, settled in the transaction in which it is done."""

from __future__ import annotations

from billing import metering
from billing import orders
from billing.models.orders import reference_of
from translation import limits
from translation.models import Translation
from translation.models import TranslationChunk

FEATURE = "translation"


def key_of(chunk: TranslationChunk) -> str:
    """Of the hold for this try at the part."""
    return f"translation:{chunk.pk}:{chunk.round}"


def hold(translation: Translation, chunk: TranslationChunk) -> str:
    """Set the tokens of a part aside; the same try finds its own hold again. Not in a transaction.

    Raises TokenLimitExceeded and the like of metering, and OrderNotPaid.
    """
    key = key_of(chunk)
    if translation.user_id is None or not chunk.tokens:
        return ""
    metering.hold_exact(
        translation.user_id,
        key=key,
        tokens=chunk.tokens,
        feature=FEATURE,
        ttl=limits.HOLD_TIME,
        reference=str(translation.pk),
        model=translation.model,
        # What was delivered once is not sold a second time: to have it again costs tokens alone.
        funded_by=reference_of(translation.order_id) if translation.order_id and not chunk.done_at else "",
    )
    return key


def keep(chunk: TranslationChunk) -> None:
    """It lies at a service: its hold lives on."""
    if chunk.hold_key:
        metering.keep(chunk.hold_key, limits.HOLD_TIME)


def deliver(translation: Translation, chunk: TranslationChunk) -> int:
    """The part is done: its tokens are charged, its share of the order delivered; in the caller's transaction.

    The order is locked before balances are. Raises OrderNotPaid when it was given back meanwhile.
    """
    if translation.order_id and not chunk.done_at:
        orders.deliver(translation.order_id, key=str(chunk.pk))
    if chunk.hold_key and metering.settle(chunk.hold_key, source="local", prompt_tokens=chunk.tokens):
        return chunk.tokens
    return 0


def release(chunk: TranslationChunk) -> None:
    """The part was not done: nothing is charged."""
    if chunk.hold_key:
        metering.settle(chunk.hold_key, source="local")


def give_back(translation: Translation, reason: str) -> None:
    """What was paid and not delivered goes back, once; an order nobody paid is cancelled."""
    if translation.order_id:
        orders.close(translation.order_id, reason=reason)


def until_reset(seconds: int | None) -> float:
    """Seconds to wait for new tokens: somebody may buy some before."""
    return float(min(max(seconds or 60, 5), 900))

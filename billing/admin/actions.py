"""What staff do about plans, tokens and payments, from the pages of all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings

from accounts.admin.staff_actions import Deed
from accounts.admin.staff_actions import ReasonForm
from accounts.admin.staff_actions import StaffAction
from accounts.admin.staff_actions import by
from accounts.models import User
from billing.models import Grant
from billing.models import Payment
from billing.services.metering import claw_back_tokens
from billing.services.metering import grant_tokens
from billing.services.metering import reset_tokens
from billing.services.payments import refund_order
from billing.services.payments import refund_payment
from billing.services.plans import change_plan_by_staff
from core.ids import uuid7

TIERS = [(tier, settings.PLANS[tier]["name"]) for tier in settings.TIERS]
_MOST_TOKENS = 1_000_000_000  # given at once; more is a slip of the finger


class PlanReasonForm(ReasonForm):
    """To which plan, and why."""

    tier = forms.ChoiceField(choices=TIERS, label="Plan")


class TokensReasonForm(ReasonForm):
    """How many tokens, and why. ``reference`` names this form, so that sending it twice acts once."""

    tokens = forms.IntegerField(min_value=1, max_value=_MOST_TOKENS)
    reference = forms.UUIDField(required=False, initial=uuid7, widget=forms.HiddenInput)


class RefundReasonForm(ReasonForm):
    """How much of a payment, and why."""

    amount = forms.IntegerField(
        min_value=1,
        required=False,
        help_text="Of each payment, in the smallest unit of its currency (cents); empty for all that is left of it.",
    )


def _user(row: Any) -> User:
    """The user whom a row is about; the row itself in the list of users."""
    user = row if isinstance(row, User) else row.user
    assert isinstance(user, User)  # noqa: S101 - for the type checker
    return user


def _change_plan(row: Any, deed: Deed) -> bool | str:
    changed, payment_url = change_plan_by_staff(
        deed.actor, user=_user(row), tier=deed.values["tier"], reason=deed.reason, client=deed.client
    )
    return f"The change waits for a payment at {payment_url}" if payment_url else changed


def _refund(payment: Payment, deed: Deed) -> None:
    amount = deed.values["amount"]
    refund_payment(deed.actor, payment=payment, reason=deed.reason, amount=amount, client=deed.client)


def _reset_tokens(row: Any, deed: Deed) -> bool:
    return bool(reset_tokens(deed.actor, users=[_user(row)], reason=deed.reason, client=deed.client))


def _by_tokens(serve: Callable[..., tuple[Grant, bool]]) -> Callable[[Any, Deed], bool]:
    """A service that moves granted tokens as the deed of an action; each user has a reference of their own."""

    def act(row: Any, deed: Deed) -> bool:
        user = _user(row)
        reference = f"staff:{deed.values['reference'] or uuid7()}:{user.pk}"
        tokens = deed.values["tokens"]
        grant, is_new = serve(
            deed.actor, user=user, tokens=tokens, reference=reference, reason=deed.reason, client=deed.client
        )
        return is_new and grant.tokens != 0

    return act


GRANT_PLAN = StaffAction(
    name="grant_plan",
    label="Change plan",
    consequence=(
        "These people get the plan at once and without an end; what they used in this window stays used. Who pays for "
        "a plan is moved where they pay for it: up at once for the difference, down with the end of the period."
    ),
    permission="billing.change_subscription",
    act=_change_plan,
    form=PlanReasonForm,
    outside=True,
)
RESET_TOKENS = StaffAction(
    name="reset_tokens",
    label="Reset tokens",
    consequence="A new window begins for these people: what they used is forgiven.",
    permission="billing.change_subscription",
    act=_reset_tokens,
)
GRANT_TOKENS = StaffAction(
    name="grant_tokens",
    label="Grant tokens",
    consequence="These people may spend so many more once their window's limit is used; kept until then.",
    permission="billing.change_tokenquota",
    act=_by_tokens(grant_tokens),
    form=TokensReasonForm,
)
TAKE_BACK_TOKENS = StaffAction(
    name="take_back_tokens",
    label="Take back tokens",
    consequence="Granted tokens are taken from these people, as far as they are not used; the plan's own stay.",
    permission="billing.change_tokenquota",
    act=_by_tokens(claw_back_tokens),
    form=TokensReasonForm,
    dangerous=True,
)
REFUND = StaffAction(
    name="refund",
    label="Refund",
    consequence="The money goes back. One that is given back whole takes its plan, and granted tokens go with it.",
    permission="billing.change_payment",
    act=_refund,
    form=RefundReasonForm,
    dangerous=True,
    outside=True,
)
REFUND_ORDER = StaffAction(
    name="refund_order",
    label="Refund the rest",
    consequence="The order ends: what was not delivered goes back, once. One that is not paid is cancelled.",
    permission="billing.change_order",
    act=by(refund_order, "order"),
    dangerous=True,
    outside=True,
)
TOKENS = (RESET_TOKENS, GRANT_TOKENS, TAKE_BACK_TOKENS)

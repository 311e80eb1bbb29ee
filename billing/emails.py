"""The emails of this app, each in the language that is active."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from core.mail import Button
from core.mail import Letter


def _plans(label: str) -> Button:
    return Button(label, f"{settings.PUBLIC_URL}/app/billing")


def payment_failed() -> Letter:
    """The plan stays for now."""
    return Letter(
        subject=_("Your payment did not go through"),
        paragraphs=(
            _("The payment for your Kintsugi plan was refused."),
            _("If it is a renewal, you keep the plan for a few days. Check your card or choose another one."),
        ),
        button=_plans(_("Mend the payment")),
    )


def plan_lost() -> Letter:
    """It is over."""
    return Letter(
        subject=_("Your plan has ended"),
        paragraphs=(
            _("Your paid Kintsugi plan has ended. Your chats and messages stay, with the limits of the free plan."),
        ),
        button=_plans(_("See the plans")),
    )


def payment_refunded() -> Letter:
    """Money comes back."""
    return Letter(
        subject=_("Your payment was refunded"),
        paragraphs=(_("A payment for Kintsugi was refunded. It may take your bank some days to show it."),),
        button=_plans(_("See the payments")),
    )


def paid_twice() -> Letter:
    """Two subscriptions: the newer one is over."""
    return Letter(
        subject=_("You paid for a plan twice"),
        paragraphs=(
            _("You have two Kintsugi subscriptions, for example from two tabs. You need only one."),
            _("We keep the first. The second one is cancelled, and all that you paid for it goes back to you."),
        ),
        button=_plans(_("See the payments")),
    )


OF: Mapping[str, Callable[[], Letter]] = {
    "payment_failed": payment_failed,
    "plan_lost": plan_lost,
    "payment_refunded": payment_refunded,
    "paid_twice": paid_twice,
}
"""By notification; the others are seen in the client."""

"""What happens on the demo's own pages, at the press of a button."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from billing.models import DemoObject
from billing.providers.demo import objects


@transaction.atomic
def pay_checkout(session_id: str) -> DemoObject:
    """The payment of a plan or of an order goes through; a second press changes nothing."""
    row = objects.lock(session_id)
    if row.data["state"] != "pending":
        return row
    row.data["state"] = "paid"
    if "price" in row.data:
        row.save()
        now = timezone.now()
        data = {
            "status": "active",
            "price": row.data["price"],
            "pending_price": "",
            "cancel_at_period_end": False,
            "start": now.isoformat(),
            "end": (now + objects.PERIOD).isoformat(),
        }
        subscription = objects.make(objects.new_id("sub"), "subscription", row.customer_id, data)
        objects.invoice_for(subscription, amount=objects.price_of(row.data["price"]), is_paid=True)
        objects.notify("customer.subscription.created", subscription)
    else:
        intent = objects.take(row.customer_id, amount=row.data["amount"], currency=row.data["currency"])
        row.data["intent"] = intent.pk
        row.save()
        objects.notify("payment_intent.succeeded", intent)
    objects.notify("checkout.session.completed", row)
    return row


@transaction.atomic
def fail_checkout(session_id: str) -> DemoObject:
    """The payment is refused, and the page is closed."""
    return objects.close_page(session_id, "failed")


@transaction.atomic
def end_period(subscription_id: str) -> None:
    """As if the month were over: the plan ends, or changes, and is paid anew, unless the card is declined."""
    row = objects.lock(subscription_id)
    if row.data["status"] not in {"active", "past_due"}:
        return
    if row.data["cancel_at_period_end"]:
        objects.end(row)
        return
    now = timezone.now()
    is_paid = not objects.declines(row.customer_id)
    row.data |= {
        "price": row.data["pending_price"] or row.data["price"],
        "pending_price": "",
        "start": now.isoformat(),
        "end": (now + objects.PERIOD).isoformat(),
        "status": "active" if is_paid and row.data["status"] == "active" else "past_due",
    }
    row.save()
    objects.invoice_for(row, amount=objects.price_of(row.data["price"]), is_paid=is_paid)
    objects.notify("customer.subscription.updated", row)


@transaction.atomic
def pay_invoice(invoice_id: str) -> None:
    """An open invoice is paid. Raises PaymentRefused when the card is declined."""
    row = objects.lock(invoice_id)
    if row.data["status"] != "open":
        return
    objects.refuse_declined(row.customer_id)
    objects.pay(row)
    subscription = objects.lock(row.data["subscription"])
    others = DemoObject.objects.filter(kind="invoice", customer_id=row.customer_id, data__status="open")
    if subscription.data["status"] in {"past_due", "unpaid"} and not others.exists():
        subscription.data["status"] = "active"
        subscription.save()
    objects.notify("customer.subscription.updated", subscription)


@transaction.atomic
def give_up(subscription_id: str) -> None:
    """The provider stops trying to charge, and ends the subscription."""
    row = objects.lock(subscription_id)
    if row.data["status"] == "past_due":
        objects.end(row)


@transaction.atomic
def finish_intent(intent_id: str, *, is_paid: bool) -> None:
    """A single payment goes through, or fails; a failed one can be tried again."""
    row = objects.lock(intent_id)
    if row.data["status"] not in {"succeeded", "canceled"}:
        row.data["status"] = "succeeded" if is_paid else "failed"
        row.save()
        objects.notify("payment_intent.succeeded" if is_paid else "payment_intent.payment_failed", row)


@transaction.atomic
def dispute(intent_id: str, *, is_lost: bool = True) -> None:
    """A bank takes a payment back, or gives it up."""
    row = objects.lock(intent_id)
    row.data["disputed"] = is_lost
    row.save()
    objects.notify("charge.dispute.created" if is_lost else "charge.dispute.closed", row)


@transaction.atomic
def set_card(customer_id: str, *, declines: bool) -> None:
    """Whether the next payments are refused."""
    row = objects.lock(customer_id)
    row.data["declines"] = declines
    row.save()

"""The demo provider's Checkout and Portal: pages that say what they are and ask for no card.

A page opens with the signed ticket in its address, which only its owner was given, as with the real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from billing import money
from billing import plans
from billing import providers
from billing.errors import PaymentRefused
from billing.models import DemoObject
from billing.providers.demo import actions
from billing.providers.demo import objects
from billing.providers.demo import tickets
from core.api import throttles
from core.api.handler import json_error
from core.errors import RateLimited


class _GoneError(Exception):
    """There is no such page, or it is over."""


def _demo_page(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the demo, and another for an address that opens nothing.

    The address is a credential. The site's Referrer-Policy keeps it inside the house; a stricter one would make
    browsers send ``Origin: null`` with the form, which the CSRF check refuses.
    """

    @wraps(view)
    def page(request: HttpRequest, ticket: str) -> HttpResponse:
        try:
            return view(request, ticket)
        except _GoneError:
            return render(request, "billing/demo_gone.html", status=404)
        except RateLimited as error:
            return json_error(error)

    return never_cache(csrf_protect(require_http_methods(["GET", "POST"])(page)))


@_demo_page
def checkout(request: HttpRequest, ticket: str) -> HttpResponse:
    """Pay, fail or go back."""
    session = _open(ticket, "checkout")
    action = request.POST.get("action") if request.method == "POST" else None
    if action is None and session.data["state"] == "pending":
        return render(request, "billing/demo_checkout.html", _offered(session))
    if action == "cancel":
        return _back(session.data["cancel_url"], session)
    if action in {"pay", "fail"}:
        throttles.hit("demo_payment", session.customer_id)
        session = actions.pay_checkout(session.pk) if action == "pay" else actions.fail_checkout(session.pk)
    # Who is declined stays on the page of an order until they leave it; that of a plan says itself how it stands.
    declined_order = session.data["state"] == "failed" and "price" not in session.data
    return _back(session.data["cancel_url" if declined_order else "success_url"], session)


def _offered(session: DemoObject) -> dict[str, Any]:
    """What is paid for on the page: a plan, or an order."""
    if "price" not in session.data:
        return {"title": session.data["title"], "price": _money(session.data["amount"], session.data["currency"])}
    tier = providers.tier_of("demo", session.data["price"])
    if tier is None:
        raise _GoneError
    return {"plan": plans.plan(tier), "price": _price(tier)}


_ACTIONS: dict[str, Callable[[str], Any]] = {
    "renew": actions.end_period,
    "give_up": actions.give_up,
    "pay_invoice": actions.pay_invoice,
    "cancel": lambda pk: objects.change(pk, cancel_at_period_end=True, pending_price=""),
    "resume": lambda pk: objects.change(pk, cancel_at_period_end=False, pending_price=""),
    "pay_intent": lambda pk: actions.finish_intent(pk, is_paid=True),
    "fail_intent": lambda pk: actions.finish_intent(pk, is_paid=False),
    "decline": lambda pk: actions.set_card(pk, declines=True),
    "accept": lambda pk: actions.set_card(pk, declines=False),
}


@_demo_page
def portal(request: HttpRequest, ticket: str) -> HttpResponse:
    """The customer's subscription, invoices and single payments, and what may happen to them."""
    customer = _open(ticket, "customer")
    things = DemoObject.objects.filter(customer_id=customer.pk)
    if request.method == "POST":
        throttles.hit("demo_payment", customer.pk)
        act = _ACTIONS.get(request.POST.get("action", ""))
        subject = things.filter(pk=request.POST.get("id", "")).first()
        if act is None or subject is None:
            raise _GoneError
        try:
            act(subject.pk)
        except PaymentRefused as error:
            messages.error(request, error.sentence)
        return HttpResponseRedirect(request.path)
    rows = list(things.order_by("-created_at"))
    context = {
        "customer": customer,
        "subscriptions": [
            _shown(row) for row in rows if row.kind == "subscription" and row.data["status"] != "canceled"
        ],
        "invoices": [_shown(row) for row in rows if row.kind == "invoice" and row.data["status"] == "open"],
        "intents": [
            _shown(row) for row in rows if row.kind == "intent" and row.data["status"] in {"pending", "failed"}
        ],
    }
    return render(request, "billing/demo_portal.html", context)


def _open(ticket: str, kind: str) -> DemoObject:
    """What the ticket opens; 404 for a stale or foreign one, and where the demo is not used."""
    object_id = tickets.read(ticket)
    row = DemoObject.objects.filter(pk=object_id, kind=kind).first() if object_id else None
    if row is None or providers.active_name() != "demo":
        raise _GoneError
    return row


def _back(url: str, session: DemoObject) -> HttpResponse:
    """To the client, on the host that the browser is on, wherever PUBLIC_URL points to."""
    return HttpResponseRedirect(url.replace("{CHECKOUT_SESSION_ID}", session.pk).removeprefix(settings.PUBLIC_URL))


def _price(tier: str) -> str:
    return _money(plans.plan(tier).price_cents, settings.PLAN_CURRENCY)


def _money(amount: int, currency: str) -> str:
    return money.with_sign(amount, currency)


def _shown(row: DemoObject) -> dict[str, Any]:
    """For the template: what it is, in words."""
    tier = providers.tier_of("demo", row.data.get("price", ""))
    amount = row.data.get("amount")
    currency = row.data.get("currency", settings.PLAN_CURRENCY)
    return {
        "id": row.pk,
        "name": plans.plan(tier).name if tier else _("Payment"),
        "amount": "" if amount is None else _money(amount, currency),
        **{key: row.data.get(key) for key in ("status", "cancel_at_period_end", "pending_price", "end")},
    }

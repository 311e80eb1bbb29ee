"""Run as a program: `localstripe` in a process of its own, and a front before it for what it does not know.

localstripe (GPL, so it is never imported) keeps customers, plans, subscriptions, invoices, charges and refunds, and
sends signed webhooks. The front speaks the API version of today to the outside: prices on items, periods on items,
the invoice's parent and payments. It adds what is missing there: Checkout, the Portal, schedules, disputes, changes
that wait for their payment, idempotency keys and faults. Below ``/_front`` a test tells it what happens.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit

from tests import stripe_prices
from tests.kit.http import request
from tests.kit.processes import Process
from tests.kit.processes import free_port

KEY = "sk_test_localstripe"
GOOD_CARD, DECLINED_CARD = "4242424242424242", "4000000000000341"

Json = dict[str, Any]


class Fault(Exception):
    """An error answer in Stripe's shape."""

    def __init__(self, status: int, kind: str, **fields: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.body = {"error": {"type": kind, "message": kind} | fields}


class World:
    """What localstripe does not keep."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        self.sessions: dict[str, Json] = {}
        self.schedules: dict[str, Json] = {}
        self.disputes: list[Json] = []
        self.declined: set[str] = set()
        self.gone: set[str] = set()
        self.pending: dict[str, Json] = {}
        self.answers: dict[str, tuple[bytes, int, bytes]] = {}
        self.requests: list[Json] = []
        self.faults: list[Json] = []
        self.count = 0

    def id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_front{self.count:06}"

    def call(self, method: str, path: str, form: list[tuple[str, str]] | Json | None = None) -> Json:
        """Ask localstripe."""
        pairs = list(form.items()) if isinstance(form, dict) else form or []
        url = f"{self.backend}{path}" + (f"?{urlencode(pairs)}" if method == "GET" and pairs else "")
        answer = request(method, url, form=pairs if method == "POST" else None, token=KEY)
        found: Json = answer.json or {}
        if answer.is_good:
            return found
        kind = "card_error" if answer.status == 402 else "invalid_request_error"
        raise Fault(answer.status, kind, code=found.get("error", {}).get("code"))

    # --- what the outside sees ---

    def shown(self, thing: Any) -> Any:
        """An object in the shape of today's API."""
        if not isinstance(thing, dict):
            return thing
        match thing.get("object"):
            case "list":
                return thing | {"data": [self.shown(one) for one in thing["data"]]}
            case "subscription":
                return self._subscription(thing)
            case "invoice":
                return self._invoice(thing)
            case "charge":
                return thing | {"disputed": any(one["charge"] == thing["id"] for one in self.disputes)}
        return thing

    def _subscription(self, thing: Json) -> Json:
        items = [self._item(one, thing) for one in thing["items"]["data"]]
        schedule = next((one for one in self.schedules.values() if one["subscription"] == thing["id"]), None)
        waits = self.pending.get(thing["id"])
        shown = {name: value for name, value in thing.items() if not name.startswith("current_period_")}
        shown |= {"items": thing["items"] | {"data": items}, "schedule": schedule, "pending_update": waits}
        if waits:
            shown["latest_invoice"] = {
                "object": "invoice",
                "id": "in_waits",
                "hosted_invoice_url": "https://pay.test/1",
            }
        return shown

    def _item(self, one: Json, subscription: Json) -> Json:
        periods = {name: subscription[name] for name in ("current_period_start", "current_period_end")}
        return one | periods | {"price": {"object": "price", "id": one["plan"]["id"]}}

    def _invoice(self, thing: Json) -> Json:
        lines = thing["lines"]["data"]
        prorated = any(line["proration"] for line in lines)
        shown = [
            line
            | {
                "pricing": {"price_details": {"price": line["plan"]["id"]}} if line.get("plan") else None,
                "parent": {"subscription_item_details": {"proration": prorated}},
            }
            for line in lines
        ]
        intent = thing.get("payment_intent")
        payment = {"type": "payment_intent", "payment_intent": intent}
        is_paid = thing["status"] == "paid"
        moved = {"payment_intent", "charge", "subscription"}
        return {name: value for name, value in thing.items() if name not in moved} | {
            "lines": thing["lines"] | {"data": shown},
            "hosted_invoice_url": f"https://invoice.test/{thing['id']}",
            "payments": {"data": [{"status": "paid" if is_paid else "open", "payment": payment}] if intent else []},
        }

    # --- what localstripe does not know ---

    def handle(self, method: str, path: str, form: list[tuple[str, str]]) -> Any:
        form = [(name, value) for name, value in form if not name.startswith("expand")]
        if dict(form).get("customer") in self.gone and path.startswith("/v1/"):
            raise Fault(400, "invalid_request_error", code="resource_missing", param="customer")
        for pattern, verb, function in _ROUTES:
            if verb == method and (match := re.fullmatch(pattern, path)):
                return function(self, dict(form), *match.groups())
        return self.shown(self.call(method, path, form))

    def make_session(self, form: Json) -> Json:
        session_id = self.id("cs_test")
        self.sessions[session_id] = {
            "object": "checkout.session",
            "id": session_id,
            "url": f"https://checkout.test/{session_id}",
            "status": "open",
            "payment_status": "unpaid",
            "customer": form["customer"],
            "subscription": None,
            "mode": form["mode"],
            "payment_intent": None,
            "amount_total": form.get("line_items[0][price_data][unit_amount]")
            and int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form.get("line_items[0][price_data][currency]"),
            "asked": form,
        }
        return self.sessions[session_id]

    def session(self, _form: Json, session_id: str) -> Json:
        if session_id not in self.sessions:
            raise Fault(404, "invalid_request_error", code="resource_missing")
        return self.sessions[session_id]

    def expire(self, _form: Json, session_id: str) -> Json:
        session = self.session({}, session_id)
        if session["status"] != "open":
            raise Fault(400, "invalid_request_error", message="Only open sessions can be expired.")
        session |= {"status": "expired", "url": None}
        return session

    def portal(self, form: Json) -> Json:
        portal_id = self.id("bps")
        return {"object": "billing_portal.session", "id": portal_id, "url": f"https://portal.test/{form['customer']}"}

    def change(self, form: Json, subscription_id: str) -> Any:
        """A change of price as today's API does it; localstripe knows the bare swap, and invoices apart from it."""
        price = form.get("items[0][price]")
        if price is None:
            return self.shown(self.call("POST", f"/v1/subscriptions/{subscription_id}", form))
        before = self.call("GET", f"/v1/subscriptions/{subscription_id}")
        if form.get("payment_behavior") == "pending_if_incomplete" and before["customer"] in self.declined:
            self.pending[subscription_id] = {"subscription_items": [{"price": price}]}
            return self.shown(before)
        self.pending.pop(subscription_id, None)
        self.call("POST", f"/v1/subscriptions/{subscription_id}", {"items[0][plan]": price})
        whose = {"customer": before["customer"], "subscription": subscription_id}
        invoice = self.call("POST", "/v1/invoices", whose)
        self.call("POST", f"/v1/invoices/{invoice['id']}/pay")
        return self.shown(self.call("GET", f"/v1/subscriptions/{subscription_id}"))

    def make_schedule(self, form: Json) -> Json:
        schedule_id = self.id("sub_sched")
        subscription_id = form["from_subscription"]
        if any(one["subscription"] == subscription_id for one in self.schedules.values()):
            raise Fault(400, "invalid_request_error", message="The subscription has a schedule already.")
        self.schedules[schedule_id] = {
            "object": "subscription_schedule",
            "id": schedule_id,
            "status": "active",
            "subscription": subscription_id,
            "phases": [],
        }
        return self.schedules[schedule_id]

    def set_schedule(self, form: Json, schedule_id: str) -> Json:
        schedule = self.schedules[schedule_id]
        phases, start = [], 0
        for number in range(2):
            start = int(form.get(f"phases[{number}][start_date]", start))
            phases.append({"start_date": start, "items": [{"price": form[f"phases[{number}][items][0][price]"]}]})
            start = int(form.get(f"phases[{number}][end_date]", 0))
        schedule["phases"] = phases
        return schedule

    def release(self, _form: Json, schedule_id: str) -> Json:
        return self.schedules.pop(schedule_id) | {"status": "released", "subscription": None}

    def list_disputes(self, form: Json) -> Json:
        data = [one for one in self.disputes if one["charge"] == form["charge"]]
        return {"object": "list", "data": data, "has_more": False}

    # --- what a test makes happen ---

    def pay(self, form: Json, session_id: str) -> Json:
        """Somebody types a card into Checkout."""
        session = self.sessions[session_id]
        card = {"number": form.get("card", GOOD_CARD), "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        pairs = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}
        method = self.call("POST", "/v1/payment_methods", pairs)["id"]
        customer = session["customer"]
        self.call("POST", f"/v1/payment_methods/{method}/attach", {"customer": customer})
        default = {"invoice_settings[default_payment_method]": method}
        self.call("POST", f"/v1/customers/{customer}", default)
        if session["mode"] == "payment":
            return self._pay_once(session, method)
        plan = {"customer": customer, "items[0][plan]": session["asked"]["line_items[0][price]"]}
        sold = ("user_id", "plan", "plan_price")
        plan |= {f"metadata[{name}]": session["asked"][f"subscription_data[metadata][{name}]"] for name in sold}
        subscription = self.call("POST", "/v1/subscriptions", plan)
        session["subscription"] = subscription["id"]
        if subscription["status"] == "active":
            session |= {"status": "complete", "payment_status": "paid"}
        return session

    def _pay_once(self, session: Json, method: str) -> Json:
        """The session's own payment intent is made when somebody pays, as Stripe does since 2022."""
        asked = session["asked"]
        intent = {"amount": session["amount_total"], "currency": session["currency"], "customer": session["customer"]}
        intent |= {"payment_method": method, "confirm": "true"}
        intent["metadata[reference]"] = asked["payment_intent_data[metadata][reference]"]
        try:
            made = self.call("POST", "/v1/payment_intents", intent)
        except Fault:
            return session  # declined: the page stays, another card may be tried
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": made["id"], "url": None}
        return session

    def decline(self, form: Json) -> Json:
        self.declined.add(form["customer"])
        return {}

    def delete_customer(self, form: Json) -> Json:
        """Somebody deletes a customer in the dashboard; that is also how one of the other mode looks."""
        self.gone.add(form["customer"])
        return {}

    def forget_session(self, _form: Json, session_id: str) -> Json:
        del self.sessions[session_id]
        return {}

    def dispute(self, form: Json) -> Json:
        self.disputes = [one for one in self.disputes if one["charge"] != form["charge"]]
        self.disputes.append({"object": "dispute", "id": self.id("dp"), **form})
        return {}

    def fault(self, form: Json) -> Json:
        self.faults += [form] * int(form["times"])
        return {}

    def forget(self, _form: Json) -> Json:
        """A day has passed: idempotency keys are not known any more."""
        self.answers.clear()
        return {}

    def history(self, _form: Json) -> Json:
        return {"requests": self.requests}

    def reset(self, _form: Json) -> Json:
        self.call("DELETE", "/_config/data")
        self.clear()
        self.call("POST", "/v1/products", {"id": "prod_plans", "name": "Plans", "type": "service"})
        return {}


_ROUTES: list[tuple[str, str, Any]] = [
    (r"/v1/checkout/sessions", "POST", World.make_session),
    (r"/v1/checkout/sessions/(\w+)", "GET", World.session),
    (r"/v1/checkout/sessions/(\w+)/expire", "POST", World.expire),
    (r"/v1/billing_portal/sessions", "POST", World.portal),
    (r"/v1/subscriptions/(\w+)", "POST", World.change),
    (r"/v1/invoices/create_preview", "POST", stripe_prices.preview),
    (r"/v1/subscription_schedules", "POST", World.make_schedule),
    (r"/v1/subscription_schedules/(\w+)", "POST", World.set_schedule),
    (r"/v1/subscription_schedules/(\w+)/release", "POST", World.release),
    (r"/v1/prices/(\w+)", "GET", stripe_prices.price),
    (r"/v1/disputes", "GET", World.list_disputes),
    (r"/_front/checkout/(\w+)/pay", "POST", World.pay),
    (r"/_front/decline", "POST", World.decline),
    (r"/_front/checkout/(\w+)/forget", "POST", World.forget_session),
    (r"/_front/gone", "POST", World.delete_customer),
    (r"/_front/dispute", "POST", World.dispute),
    (r"/_front/fault", "POST", World.fault),
    (r"/_front/forget", "POST", World.forget),
    (r"/_front/requests", "GET", World.history),
    (r"/_front/reset", "POST", World.reset),
]


class Front(BaseHTTPRequestHandler):
    world: World
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *_arguments: Any) -> None:
        """Silent: the tests ask for the requests."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        url = urlsplit(self.path)
        form = parse_qsl((url.query + "&" + raw.decode()).strip("&"), keep_blank_values=True)
        with self.world.lock:
            status, body = self._answer(url.path, form, raw)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, form: list[tuple[str, str]], raw: bytes) -> tuple[int, bytes]:
        world, key = self.world, self.headers.get("Idempotency-Key", "")
        if path.startswith("/v1/"):
            names = ("Authorization", "Stripe-Version")
            seen = {"method": self.command, "path": path, "key": key, "form": dict(form)}
            world.requests.append(seen | {name: self.headers.get(name, "") for name in names})
            if world.faults:
                fault = world.faults.pop(0)
                time.sleep(float(fault.get("delay", 0)))
                return int(fault["status"]), b'{"error": {"type": "api_error", "message": "broken"}}'
            if key in world.answers:
                first, status, body = world.answers[key]
                return (status, body) if first == raw else (400, b'{"error": {"type": "idempotency_error"}}')
        try:
            status, body = 200, json.dumps(world.handle(self.command, path, form)).encode()
        except Fault as fault_:
            status, body = fault_.status, json.dumps(fault_.body).encode()
        if key and self.command == "POST":
            world.answers[key] = raw, status, body
        return status, body


def main() -> None:
    port = free_port()
    command = (sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch")
    with Process(command, port, log_path=Path(os.devnull)).running():
        Front.world = World(f"http://127.0.0.1:{port}")
        Front.world.reset({})
        server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_address[1]} http://127.0.0.1:{port}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

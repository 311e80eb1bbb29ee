"""Histories of many customers: repeated, shuffled, late and lost notifications, then reconcile, against a model.

The demo's world is what the provider would hold; the model is written from the rules, without looking at the code that
derives. Runs are seeded; a failure prints ``HISTORY_SEED``, which can be given again, as can ``HISTORY_COUNT``.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from billing import metering
from billing import providers
from billing.models import DemoObject
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import WebhookEvent
from billing.payments import customers
from billing.payments import repair
from billing.payments import subscriptions
from billing.payments import sync
from billing.payments import webhooks
from billing.providers.base import Event
from billing.providers.demo import actions
from conftest import make_user

pytestmark = pytest.mark.django_db(transaction=True)

SEED = int(os.environ.get("HISTORY_SEED") or random.SystemRandom().randrange(2**32))
COUNT = int(os.environ.get("HISTORY_COUNT") or 25)
PLANS = ["premium_starter", "premium_pro", "premium_ultra", "unlimited"]


class Post:
    """The way from the provider to us: it keeps what is sent, and hands it over as it likes."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.waiting: list[Event] = []
        self.handed: list[Event] = []
        self.really = webhooks.receive

    def keep(self, _name: str, event: Event) -> None:
        self.waiting.append(event)

    def deliver(self) -> None:
        """Some of what waits, in any order; some are lost, some come twice, and old ones come again."""
        self.dice.shuffle(self.waiting)
        batch = [self.waiting.pop() for _ in range(self.dice.randint(0, len(self.waiting)))]
        batch = [event for event in batch if self.dice.random() > 0.25]
        batch += self.dice.sample(batch, len(batch) // 2)
        if self.handed:
            batch += self.dice.sample(self.handed, min(2, len(self.handed)))
        self.dice.shuffle(batch)
        for event in batch:
            self.really("demo", event)
            self.handed.append(event)


class Life:
    """One customer's doings at the provider."""

    def __init__(self, user: User, dice: random.Random) -> None:
        self.user, self.dice = user, dice
        self.customer = customers.of(user)
        self.provider = providers.active()
        self.moves: list[Callable[[], object]] = [
            self.subscribe,
            self.fail,
            self.renew,
            self.renew,
            self.change,
            self.cancel,
            self.resume,
            self.end,
            self.pay,
            self.give_up,
            self.refund,
            self.dispute,
            self.card,
        ]

    def step(self) -> str:
        move = self.dice.choice(self.moves)
        move()
        return move.__name__

    def things(self, kind: str, **data: Any) -> list[DemoObject]:
        rows = DemoObject.objects.filter(customer_id=self.customer.customer_id, kind=kind).order_by("created_at", "pk")
        return [row for row in rows if all(row.data[name] == value for name, value in data.items())]

    def live(self) -> Any:
        rows = [row for row in self.things("subscription") if row.data["status"] != "canceled"]
        return self.provider.retrieve_subscription(rows[0].pk) if rows else None

    def session(self) -> str:
        return self.provider.create_checkout(
            self.customer.customer_id,
            user_id=self.user.pk,
            plan=(plan := self.dice.choice(PLANS)),
            price_id=f"price_demo_{plan}",
            success_url="/",
            cancel_url="/",
            key=str(self.dice.random()),
        ).id

    def subscribe(self) -> None:
        if self.live() is None:
            actions.pay_checkout(self.session())

    def fail(self) -> None:
        actions.fail_checkout(self.session())

    def renew(self) -> None:
        if live := self.live():
            actions.end_period(live.id)

    def change(self) -> None:
        live = self.live()
        if live is None or live.status != "active":
            return
        here, there = providers.tier_of("demo", live.price_id) or "", self.dice.choice(PLANS)
        price = f"price_demo_{there}"
        if PLANS.index(there) < PLANS.index(here):
            self.provider.downgrade(live, price_id=price, key="")
        elif not self.things("customer")[0].data["declines"]:
            self.provider.upgrade(live, price_id=price, key="")

    def cancel(self) -> None:
        if live := self.live():
            self.provider.cancel(live, at_once=False, key="")

    def resume(self) -> None:
        if live := self.live():
            self.provider.keep(live, key="")

    def end(self) -> None:
        live = self.live()
        if live and self.dice.random() < 0.4:
            self.provider.cancel(live, at_once=True, key="")

    def pay(self) -> None:
        actions.set_card(self.customer.customer_id, declines=False)
        for row in self.things("invoice", status="open"):
            actions.pay_invoice(row.pk)

    def give_up(self) -> None:
        if live := self.live():
            actions.give_up(live.id)

    def refund(self) -> None:
        rows = [row for row in self.things("intent") if row.data["refunded"] < row.data["amount"]]
        if rows and self.dice.random() < 0.5:
            row = self.dice.choice(rows)
            left = row.data["amount"] - row.data["refunded"]
            amount = self.dice.choice([left, max(1, left // 2)])
            self.provider.refund(row.pk, amount=amount, key=str(self.dice.random()))

    def dispute(self) -> None:
        rows = self.things("intent")
        if rows and self.dice.random() < 0.5:
            actions.dispute(self.dice.choice(rows).pk, is_lost=self.dice.random() < 0.6)

    def card(self) -> None:
        actions.set_card(self.customer.customer_id, declines=self.dice.random() < 0.5)

    # --- what must be true here in the end, from the rules ---

    def expected(self) -> dict[str, Any]:
        intents = {row.pk: row.data for row in self.things("intent")}
        paid = self.things("invoice", status="paid")
        return {
            "subscription": self.expected_subscription(intents),
            "payments": sorted(self.expected_payment(row, intents) for row in self.things("invoice")),
            "periods": sorted(f"{row.pk}:{line['id']}" for row in paid for line in row.data["lines"]),
        }

    def expected_subscription(self, intents: dict[str, Any]) -> tuple[Any, ...] | None:
        rows = self.things("subscription")
        if not rows:
            return None
        row = next((one for one in rows if one.data["status"] != "canceled"), rows[-1])
        tier = row.data["price"].removeprefix("price_demo_")
        periods = [
            one
            for one in self.things("invoice", status="paid", subscription=row.pk)
            if not one.data["lines"][0]["is_proration"]
        ]
        last = max(periods, key=lambda one: (datetime.fromisoformat(one.data["lines"][0]["end"]), one.created_at))
        gone = self.goes_back(intents[last.data["intent"]])
        runs = datetime.fromisoformat(last.data["lines"][0]["end"]) > timezone.now()
        lost = row.data["status"] == "canceled" or (gone and runs)
        pending = row.data["pending_price"].removeprefix("price_demo_")
        return (
            row.pk,
            tier,
            row.data["status"],
            row.data["cancel_at_period_end"],
            "" if pending == tier else pending,
            "basic" if lost else tier,
        )

    def goes_back(self, intent: dict[str, Any]) -> bool:
        return bool(intent["disputed"] or (intent["amount"] and intent["refunded"] == intent["amount"]))

    def expected_payment(self, row: DemoObject, intents: dict[str, Any]) -> tuple[str, int, str, int]:
        intent = intents.get(row.data["intent"])
        if intent is None:
            return row.pk, row.data["amount"], {"open": "failed", "void": "canceled"}[row.data["status"]], 0
        status = "succeeded"
        if intent["disputed"]:
            status = "disputed"
        elif intent["refunded"]:
            status = "refunded" if intent["refunded"] == intent["amount"] else "partially_refunded"
        return row.pk, row.data["amount"], status, intent["refunded"]

    def found(self) -> dict[str, Any]:
        row = Subscription.objects.filter(user=self.user).first()
        tier = metering.tier_of(self.user.pk)
        payments = Payment.objects.filter(user=self.user)
        periods = Grant.objects.filter(user=self.user, kind="period")
        return {
            "subscription": row
            and (
                row.stripe_subscription_id,
                row.tier,
                row.status,
                row.cancel_at_period_end,
                row.pending_plan,
                tier,
            ),
            "payments": sorted(payments.values_list("provider_id", "amount", "status", "refunded_amount")),
            "periods": sorted(periods.values_list("key", flat=True)),
        }


def live_a_life(user: User, seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Life, list[str]]:
    dice = random.Random(seed)
    post = Post(dice)
    with monkeypatch.context() as patched:
        patched.setattr(webhooks, "receive", post.keep)
        life, done = Life(user, dice), []
        for _ in range(dice.randint(4, 18)):
            done.append(life.step())
            post.deliver()
    return life, done


@pytest.mark.parametrize("number", range(COUNT))
def test_a_history_ends_as_the_model_says(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = SEED + number
    life, done = live_a_life(make_user(f"user{number}"), seed, monkeypatch)
    report = repair.reconcile(everybody=True)
    assert report.failed == {}
    assert life.found() == life.expected(), f"HISTORY_SEED={seed} HISTORY_COUNT=1: {' '.join(done)}"
    assert repair.reconcile(everybody=True).repaired == {}, "the second time there is nothing left to do"
    assert not WebhookEvent.objects.exclude(state__in=["done", "ignored"]).exists()
    assert not [row for row in metering_findings() if row]


def metering_findings() -> list[Any]:
    from billing.metering import proof

    return list(proof.check())


def test_a_planted_fault_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: an end that is not read turns histories red."""
    real = sync._copy

    def forgetful(row: Subscription, current: Any, *others: Any) -> None:
        real(row, current, *others)
        if current.status == "canceled":
            row.status = Subscription.Status.ACTIVE

    monkeypatch.setattr(sync, "_copy", forgetful)
    wrong = 0
    for number in range(12):
        life, _done = live_a_life(make_user(f"user{number}"), 7_000 + number, monkeypatch)
        repair.reconcile(everybody=True)
        wrong += life.found() != life.expected()
    assert wrong > 0


def test_the_plans_are_those_of_the_settings() -> None:
    assert list(settings.TIERS[1:]) == PLANS
    assert subscriptions.known(User()).tier == "basic"

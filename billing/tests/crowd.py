"""The concurrency proof's machinery: a crowd of clients, faults, and a checker that shares no code with the product.

Every user has a balance for 10 requests and sends 40, each twice under one key, from many threads at once. Some clients
die between hold and settlement, some settle again and again, while a sweeper, resets and an observer run beside them.
The same crowd and the same checker are turned on broken engines, to show that they can fail.
"""

from __future__ import annotations

import queue
import random
import threading
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db import connections
from django.db.models import F
from django.db.models import Sum
from django.utils import timezone

from billing import metering
from billing.metering import minutes
from billing.metering.tokens import quotas
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.llm.prices import Charge

REQUESTS = 40
BALANCE = 10
PROMPT, ANSWER = 100, 890
AMOUNT = 1000  # 100 × 1.1 + 890
PRICE = Decimal("0.0000015")
"""Dollars of a token."""
LIMIT = BALANCE * AMOUNT
THREADS = 16
REFUSALS = (metering.TokenLimitExceeded, metering.PlatformLimitReached, minutes.MinuteLimitExceeded)


class Held(Protocol):
    """What a crowd must know of a hold."""

    @property
    def amount(self) -> int: ...

    @property
    def created(self) -> bool: ...


class Engine:
    """The real thing, for tokens; the broken ones override a part, other books all of it."""

    unit = "tokens"
    amount = AMOUNT
    """Of one request."""

    @property
    def limit(self) -> int:
        """What a user may use at once."""
        return BALANCE * self.amount

    def set_limit(self, settings: Any) -> None:
        """Give the smallest plan so much."""
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": self.limit}
        # Far away: money is counted beside the tokens, and the proof looks at both.
        settings.DAILY_COST_LIMIT = Decimal(1_000)

    def hold(self, user_id: UUID, key: str) -> Held:
        return metering.hold(
            user_id,
            key=key,
            prompt_tokens=PROMPT,
            max_tokens=ANSWER,
            feature="crowd",
            reference=key,
            cost=PRICE * AMOUNT,
        )

    def progress(self, key: str, tokens: int) -> None:
        metering.record_progress([metering.HoldProgress(key, 0, tokens)])

    def settle(self, key: str, tokens: int) -> bool:
        charge = Charge(PRICE * tokens, None, "catalogue")
        return metering.settle(key, prompt_tokens=0, completion_tokens=tokens, source="local", charge=charge)

    def sweep(self, *, everything: bool = False) -> None:
        metering.sweep(timezone.now() + timedelta(days=1) if everything else None)

    def reset(self, user_id: UUID) -> None:
        quotas.open_window(user_id, timezone.now())

    def reset_on_time(self, user_id: UUID) -> None:
        """The window ends now; two beats notice it."""
        TokenQuota.objects.filter(pk=user_id).update(reset_at=timezone.now() - timedelta(seconds=1))
        quotas.reset_due()
        quotas.reset_due()

    def has_reset(self) -> bool:
        """Whether somebody's balance began anew in this run."""
        return TokenQuota.objects.filter(window__gt=1).exists()

    def used(self) -> list[int]:
        """What each user has used."""
        return list(TokenQuota.objects.values_list("tokens_used", flat=True))

    def is_overspent(self) -> bool:
        """Whether somebody has more used and held at this moment than their limit."""
        balances = TokenQuota.objects.values_list("tokens_used", "tokens_held")
        return any(used + held > LIMIT for used, held in balances)

    def violations(self, users: Sequence[UUID]) -> list[str]:
        """What is wrong in the rows at the end."""
        return violations(users)


@dataclass
class Crowd:
    """One run. ``crashes`` is the share of requests that die with their hold; ``resets`` also opens new windows."""

    engine: Engine
    users: Sequence[UUID]
    seed: int
    crashes: float = 0.25
    resets: bool = False
    sweeper: bool = True
    full_price: bool = False
    created: Counter[UUID] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    trouble: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Everything at once, then one last sweep long after."""
        tasks: queue.SimpleQueue[tuple[UUID, str, int]] = queue.SimpleQueue()
        for task in self._tasks():
            tasks.put(task)
        done = threading.Event()
        companions = [self._loop(done, self._observe)]
        if self.sweeper:
            companions.append(self._loop(done, self.engine.sweep))
        if self.resets:
            companions.append(self._loop(done, self._reset_somebody))
        workers = [spawn(lambda: self._work(tasks)) for _ in range(THREADS)]
        for worker in workers:
            worker.join()
        done.set()
        for companion in companions:
            companion.join()
        if self.sweeper:
            self.engine.sweep(everything=True)

    def _tasks(self) -> list[tuple[UUID, str, int]]:
        tasks = [
            (user, f"{user}:{number}", attempt)
            for user in self.users
            for number in range(REQUESTS)
            for attempt in (1, 2)
        ]
        random.Random(self.seed).shuffle(tasks)
        return tasks

    def _loop(self, done: threading.Event, step: Callable[[], None]) -> threading.Thread:
        def loop() -> None:
            # SQLite's lock is not fair: who asks for it all the time starves the others.
            while not done.wait(0.003 if connection.vendor == "postgresql" else 0.03):
                self._guarded(step)

        return spawn(loop)

    def _work(self, tasks: queue.SimpleQueue[tuple[UUID, str, int]]) -> None:
        while True:
            try:
                task = tasks.get_nowait()
            except queue.Empty:
                return
            self._guarded(partial(self._request, *task))

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except REFUSALS:
            pass
        except Exception as error:
            with self._lock:
                self.trouble.add(f"error: {type(error).__name__}: {error}")

    def _request(self, user: UUID, key: str, attempt: int) -> None:
        dice = random.Random(f"{self.seed}:{key}:{attempt}")
        held = self.engine.hold(user, key)
        if held.created:
            with self._lock:
                self.created[user] += 1
        if dice.random() < 0.4:
            self.engine.progress(key, dice.randint(0, held.amount // 2))
        if dice.random() < self.crashes:
            return
        for _ in range(dice.choice((1, 1, 2))):
            tokens = held.amount if self.full_price else dice.randint(0, held.amount)
            if self.engine.settle(key, tokens):
                with self._lock:
                    self.settled[key] += 1

    def _observe(self) -> None:
        if self.engine.is_overspent():
            with self._lock:
                self.trouble.add("overspent: more used and held at one moment than the limit")

    def _reset_somebody(self) -> None:
        user = random.choice(self.users)
        random.choice((self.engine.reset, self.engine.reset_on_time))(user)

    def violations(self) -> list[str]:
        """What is wrong at the end, in words; empty when the run was sound."""
        return sorted(self.trouble | set(self._settled_twice()) | set(self.engine.violations(self.users)))

    def _settled_twice(self) -> list[str]:
        return (
            ["settled twice: a key reported success more than once"]
            if max(self.settled.values(), default=0) > 1
            else []
        )


def violations(users: Sequence[UUID]) -> list[str]:
    """The end state, added up row by row in Python, apart from the statements the product proves itself with."""
    found = set()
    entries = list(UsageEntry.objects.filter(user_id__in=users))
    windows: Counter[tuple[UUID, int]] = Counter()
    for entry in entries:
        if not entry.funded_by:
            windows[entry.user_id, entry.window] += entry.total_tokens
    if any(total > LIMIT for total in windows.values()):
        found.add("overspent: more in the ledger of one window than the limit")
    for quota in TokenQuota.objects.filter(pk__in=users):
        if quota.tokens_used != windows[quota.pk, quota.window]:
            found.add("used differs from the ledger")
        if quota.tokens_held:
            found.add("leaked: tokens are still held")
    booked = {entry.hold_id: entry.total_tokens for entry in entries}
    for hold in TokenHold.objects.filter(user_id__in=users):
        if hold.state != "settled":
            found.add("leaked: a hold is still open")
        elif booked.get(hold.pk) != hold.charged:
            found.add("a hold and its ledger row differ")
    for day in PlatformDay.objects.all():
        counted = TokenHold.objects.filter(platform_day=day.day).aggregate(total=Sum("charged"))["total"]
        if day.tokens_held or day.tokens_used != (counted or 0):
            found.add("the platform's day differs from its holds")
    return sorted(found)


def spawn(body: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            body()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class PartlyFunded(Engine):
    """Every fourth request was paid with an order before, and is held exactly; ``orders`` by user."""

    def __init__(self, orders: dict[UUID, str]) -> None:
        self.orders = orders

    def hold(self, user_id: UUID, key: str) -> Held:
        if int(key.rpartition(":")[2]) % 4:
            return super().hold(user_id, key)
        ttl = timedelta(seconds=settings.HOLD_TTL_SECONDS)
        order = self.orders[user_id]
        return metering.hold_exact(user_id, key=key, tokens=AMOUNT, feature="crowd", ttl=ttl, funded_by=order)


class ChecksThenActs(Engine):
    """Reads the balance, then takes from it: what happens in between is not seen."""

    def __init__(self) -> None:
        self._gate = threading.Barrier(8)

    def hold(self, user_id: UUID, key: str) -> Held:
        left = quotas.allowance(user_id).left or 0
        with suppress(threading.BrokenBarrierError):
            self._gate.wait(timeout=1)
        known = TokenHold.objects.filter(key=key).exists()
        if left < AMOUNT or known:
            return super().hold(user_id, key)
        TokenQuota.objects.filter(pk=user_id).update(tokens_held=F("tokens_held") + AMOUNT)
        now = timezone.now()
        row, created = TokenHold.objects.get_or_create(
            key=key,
            defaults={
                "user_id": user_id,
                "amount": AMOUNT,
                "max_tokens": ANSWER,
                "feature": "crowd",
                "created_at": now,
                "expires_at": now + timedelta(seconds=90),
            },
        )
        return metering.Hold(row.pk, key, AMOUNT, ANSWER, "held", created=created)


class SettlesUnguarded(Engine):
    """Charges whatever it is told to, as often as it is told."""

    def settle(self, key: str, tokens: int) -> bool:
        hold = TokenHold.objects.get(key=key)
        first = metering.settle(key, prompt_tokens=0, completion_tokens=tokens, source="local")
        if not first:
            TokenQuota.objects.filter(pk=hold.user_id).update(tokens_used=F("tokens_used") + tokens)
        return True


class ForgetsHeldOnReset(Engine):
    """A new window starts with nothing held, though holds are open."""

    def reset(self, user_id: UUID) -> None:
        TokenQuota.objects.filter(pk=user_id).update(tokens_used=0, tokens_held=0, window=F("window") + 1)

    reset_on_time = reset


class ForgetsTheWindow(Engine):
    """A reset that does not open a new window for the ledger."""

    def reset(self, user_id: UUID) -> None:
        TokenQuota.objects.filter(pk=user_id).update(tokens_used=0)

    reset_on_time = reset

"""What the house adds to a translated text.

    python -m bench.translation [--texts 200]

Against a bare call of the very same upstream (a DeepL of the tests, in this process): milliseconds of a text through
the service layer, which writes it down, holds, asks, settles and keeps it; and of metering alone. The goal is 10 ms
beyond metering at the median. Runs in a database of its own beside the configured one.
"""

# ruff: noqa: E402 - Django has to be set up before its models are imported
from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from bench import rounds
from billing import metering
from billing.metering.tokens import quotas
from translation.providers import registry
from translation.providers.base import Context
from translation.segments import Segment
from translation.services.texts import asking
from translation.services.texts import doing
from translation.services.texts.asking import Ask
from translation.tests.deepl_fake import FakeDeepL

TEXT = "The house is big and old, and nobody knows who built it. " * 4


def _bare() -> None:
    registry.get("deepl").translate([Segment(1, "", "paragraph", TEXT)], Context("uk", source="en"))


def _metering(user: User) -> None:
    key = uuid4().hex
    metering.hold_exact(user.pk, key=key, tokens=60, feature="translation", ttl=timedelta(minutes=10))
    metering.settle(key, source="local", prompt_tokens=60)


def _ours(user: User) -> None:
    doing.do(asking.begin(user, Ask(TEXT, "uk", source_lang="en"), client_id=uuid4().hex))


def _milliseconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _measure(user: User, texts: int) -> None:
    ways: dict[str, Callable[[], None]] = {
        "bare": _bare,
        "metering": lambda: _metering(user),
        "ours": lambda: _ours(user),
    }
    for work in ways.values():
        work()  # everything is imported, languages are known
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _number in range(texts):
        for name, work in ways.items():
            taken[name].append(_milliseconds(work))
    p50 = {name: statistics.median(times) for name, times in taken.items()}
    p95 = {name: statistics.quantiles(times, n=20)[-1] for name, times in taken.items()}
    for name in ways:
        print(f"  {name:<9} p50 {p50[name]:6.1f} ms   p95 {p95[name]:6.1f} ms")
    added = p50["ours"] - p50["bare"] - p50["metering"]
    print(f"  the house adds {added:.1f} ms beyond metering at the median of {texts} texts (10 at most)")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--texts", type=int, default=200)
    options = arguments.parse_args()

    original = connection.settings_dict["NAME"]
    test_name = "bench_translation"
    if connection.vendor == "sqlite":
        test_name = str(Path(original).with_name("bench_translation.sqlite3"))
    connection.settings_dict["TEST"]["NAME"] = test_name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    vendor = FakeDeepL()
    try:
        settings.TRANSLATION = replace(settings.TRANSLATION, deepl_api_key=vendor.key, deepl_api_base=vendor.url)
        print(rounds.versions())
        user = User.objects.create_user(username="bench_reader")
        quotas.change_tier(user.pk, "unlimited", timezone.now())
        _measure(user, options.texts)
    finally:
        vendor.close()
        connection.creation.destroy_test_db(original, verbosity=0)


if __name__ == "__main__":
    main()

"""One page of the list of users and one search, over a million users, against Django's stock list of the same table.

    python bench/admin_lists.py [--people 1000000] [--rounds 7]

Runs in a database of its own (``bench_admin``) beside the configured one, and drops it again. Both lists are asked in
the process, without the page around them: what differs is how rows are counted and searched.
"""

# ruff: noqa: E402 - Django has to be set up before its models are imported
from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

import django

django.setup()

from django.contrib import admin
from django.db import connection
from django.test import RequestFactory

from accounts.models import User

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Any]
else:
    StockAdmin = admin.ModelAdmin

_CHUNK = 10_000


class Stock(StockAdmin):
    """What one writes without thinking of a million rows."""

    list_display = ("__str__", "email")
    search_fields = ("username", "email")
    ordering = ("-id",)


def fill(people: int) -> None:
    """So many users; nobody signs in, so the hash is none."""
    for start in range(0, people, _CHUNK):
        User.objects.bulk_create(
            User(username=f"person{number}", email=f"person{number}@example.com", password="!")
            for number in range(start, min(start + _CHUNK, people))
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def page(model_admin: Any, asked: dict[str, str], actor: User) -> Callable[[], None]:
    """Asks for one page of a list: counts, searches, reads fifty rows."""
    request = RequestFactory().get("/admin/accounts/user/", asked)
    request.user = actor

    def ask() -> None:
        listed = model_admin.get_changelist_instance(request)
        assert len(list(listed.result_list)) > 0

    return ask


def milliseconds(ask: Callable[[], None]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


def main() -> int:
    """Print both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    before = str(connection.settings_dict["NAME"])
    connection.settings_dict["TEST"]["NAME"] = "bench_admin"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        fill(options.people)
        chief = User.objects.create_superuser(username="chief")
        lists = {"stock": Stock(User, admin.site), "house": admin.site.get_model_admin(User)}
        for what, asked in (("the first page", {}), ("a search", {"q": f"person{options.people - 1}"})):
            asks = {name: page(listed, asked, chief) for name, listed in lists.items()}
            taken: dict[str, list[float]] = {name: [] for name in asks}
            for _round in range(options.rounds):
                for name, ask in asks.items():
                    taken[name].append(milliseconds(ask))
            middle = {name: statistics.median(values) for name, values in taken.items()}
            print(
                f"{what}: stock {middle['stock']:.1f} ms, house {middle['house']:.1f} ms, "
                f"{middle['stock'] / middle['house']:.1f} × faster; {options.people:,} users, {connection.vendor}"
            )
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

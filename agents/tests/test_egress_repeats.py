from __future__ import annotations

import pytest

from agents.egress.repeats import TRIES
from agents.egress.repeats import Action
from agents.egress.repeats import Failure
from agents.egress.repeats import Repeat
from agents.egress.repeats import kind_of
from agents.egress.repeats import verdict

pytestmark = pytest.mark.any_stack

# Failure, seconds to wait, and what is done with calls that change nothing, have a key, and are never repeated.
TABLE: list[tuple[Failure, int | None, Action, Action, Action]] = [
    ("unsent", None, "again", "again", "again"),
    ("limited", 5, "again", "again", "again"),
    ("limited", 0, "again", "again", "again"),
    ("limited", 6, "failed", "failed", "failed"),
    ("limited", None, "failed", "failed", "failed"),
    ("unavailable", 5, "again", "again", "failed"),
    ("unavailable", 6, "failed", "failed", "failed"),
    ("unavailable", None, "failed", "failed", "failed"),
    ("lost", None, "again", "again", "unknown"),
    ("refused", None, "failed", "failed", "failed"),
    ("paused", 60, "failed", "failed", "failed"),
    ("answered", None, "failed", "failed", "failed"),
]
KINDS: tuple[Repeat, ...] = ("always", "keyed", "never")
CASES = [(kind, row[0], row[1], row[2 + number]) for row in TABLE for number, kind in enumerate(KINDS)]


@pytest.mark.parametrize(("kind", "failure", "retry_after", "action"), CASES)
def test_who_may_be_called_again(kind: Repeat, failure: Failure, retry_after: int | None, action: Action) -> None:
    assert verdict(kind, failure, tries=1, retry_after=retry_after).action == action


@pytest.mark.parametrize(
    ("kind", "failure", "in_doubt", "action"),
    [
        ("always", "lost", True, "failed"),
        ("keyed", "lost", False, "unknown"),
        ("keyed", "unsent", True, "unknown"),
        ("keyed", "unavailable", True, "unknown"),
        ("keyed", "answered", True, "failed"),
        ("never", "unsent", False, "failed"),
        ("always", "unsent", False, "failed"),
    ],
)
def test_after_the_last_try(kind: Repeat, failure: Failure, in_doubt: bool, action: Action) -> None:
    assert verdict(kind, failure, tries=TRIES, in_doubt=in_doubt).action == action
    assert TRIES == 3


def test_a_time_to_wait_is_waited_for_and_pauses_grow() -> None:
    assert verdict("keyed", "limited", tries=1, retry_after=4).wait == 4
    assert verdict("keyed", "lost", tries=1).wait < verdict("keyed", "lost", tries=2).wait


@pytest.mark.parametrize(
    ("method", "repeat", "kind"),
    [("get", "never", "always"), ("HEAD", "never", "always"), ("POST", "never", "never"), ("DELETE", "keyed", "keyed")],
)
def test_whoever_asks_only_may_ask_again(method: str, repeat: Repeat, kind: Repeat) -> None:
    assert kind_of(method, repeat) == kind

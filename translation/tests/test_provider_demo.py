"""The demo: marks texts, keeps what it must keep, and fails as it is told to."""

from __future__ import annotations

import time

import pytest

from translation.errors import Doubtful
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.providers import demo
from translation.providers.base import Context
from translation.segments import Segment

pytestmark = pytest.mark.any_stack


def _ask(*texts: str, **told: object) -> list[str]:
    batch = [Segment(number, "", "paragraph", text) for number, text in enumerate(texts, 7)]
    done = demo.DemoProvider().translate(batch, Context("uk", **told))  # type: ignore[arg-type]
    assert [outcome.number for outcome in done.outcomes] == [one.number for one in batch]
    return [outcome.text for outcome in done.outcomes]


def test_each_text_comes_back_marked_with_its_language_and_with_its_own_markers() -> None:
    assert _ask("One ⟦1⟧two⟦/1⟧ ⟦x2/⟧", "Three") == ["⟪uk⟫ One ⟦1⟧two⟦/1⟧ ⟦x2/⟧", "⟪uk⟫ Three"]


@pytest.mark.parametrize(("order", "error"), [("cut", Doubtful), ("quota", OutOfCredit), ("busy", Paused)])
def test_it_fails_as_the_text_or_the_instructions_say(order: str, error: type[ServiceError]) -> None:
    with pytest.raises(error):
        _ask("good", f"/demo fail {order}")
    with pytest.raises(error):
        _ask("good", instructions=f"please /demo fail {order}")


def test_a_busy_demo_is_free_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "BUSY_SECONDS", 0.05)
    with pytest.raises(Paused) as refused:
        _ask("/demo fail busy for once")
    assert refused.value.body()["retry_after"] == 1
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            assert _ask("/demo fail busy for once") == ["⟪uk⟫ /demo fail busy for once"]
            return
        except Paused:
            continue
    raise AssertionError("It stays busy.")


def test_one_part_fails_in_its_first_round_only() -> None:
    told = {"instructions": "/demo fail chunk 3"}
    assert _ask("a", chunk=2, **told) == ["⟪uk⟫ a"]
    with pytest.raises(Refused):
        _ask("a", chunk=3, **told)
    assert _ask("a", chunk=3, round=2, **told) == ["⟪uk⟫ a"]


def test_a_slow_demo_ends_when_it_is_no_longer_wanted() -> None:
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        _ask("/demo fail slow", check=check)

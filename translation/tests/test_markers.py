"""The algebra of markers, over all that a translator can do to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translation import markers

pytestmark = pytest.mark.any_stack

WORDS = st.text(st.characters(exclude_characters="⟦⟧", codec="utf-8"), max_size=8)


@st.composite
def sources(draw: st.DrawFn, depth: int = 3) -> str:
    """A text as a reader of files makes it: every number once, stretches nested."""
    numbers = iter(range(1, 10_000))

    def stretch(level: int) -> str:
        parts = [draw(WORDS)]
        for _ in range(draw(st.integers(0, 2))):
            number = next(numbers)
            if level and draw(st.booleans()):
                parts.append(markers.opening(number) + stretch(level - 1) + markers.closing(number))
            else:
                parts.append(markers.void(number))
            parts.append(draw(WORDS))
        return "".join(parts)

    return stretch(depth)


@pytest.mark.parametrize(
    ("source", "target", "problems"),
    [
        ("a ⟦1⟧b⟦/1⟧ ⟦x2/⟧", "⟦x2/⟧ ⟦1⟧б⟦/1⟧ а", ()),
        ("⟦1⟧a⟦2⟧b⟦/2⟧⟦/1⟧", "⟦2⟧b⟦/2⟧⟦1⟧a⟦/1⟧", ()),
        ("a", "а", ()),
        ("a ⟦1⟧b⟦/1⟧", "а б", (markers.MISSING,)),
        ("a ⟦1⟧b⟦/1⟧", "а ⟦1⟧б", (markers.MISSING, markers.CROSSED)),
        ("a ⟦1⟧b⟦/1⟧", "а ⟦/1⟧б⟦1⟧", (markers.CROSSED,)),
        ("a ⟦x1/⟧", "а ⟦x1/⟧⟦x1/⟧", (markers.REPEATED,)),
        ("a", "а ⟦x7/⟧", (markers.UNKNOWN,)),
        ("a ⟦x1/⟧", "а ⟦x1⟧", (markers.MISSING, markers.TORN)),
        ("⟦1⟧a⟦/1⟧⟦2⟧b⟦/2⟧", "⟦1⟧а⟦2⟧⟦/1⟧б⟦/2⟧", (markers.CROSSED,)),
    ],
)
def test_what_does_not_fit_has_a_name(source: str, target: str, problems: tuple[str, ...]) -> None:
    assert markers.fits(source, target) == problems


@pytest.mark.parametrize(
    ("source", "target", "mended"),
    [
        ("a ⟦1⟧b⟦/1⟧ ⟦x2/⟧", "а ⟦1⟧б ⟦x2/⟧", "а б ⟦x2/⟧⟦1⟧⟦/1⟧"),
        ("a ⟦1⟧b⟦/1⟧ ⟦x2/⟧", "⟦1⟧а⟦/1⟧ ⟦x2⟧ ⟦x9/⟧", "⟦1⟧а⟦/1⟧ x2 ⟦x2/⟧"),
        ("⟦1⟧a⟦/1⟧⟦2⟧b⟦/2⟧", "⟦1⟧а⟦2⟧⟦/1⟧б⟦/2⟧", "⟦1⟧а⟦/1⟧б⟦2⟧⟦/2⟧"),
        ("⟦x1/⟧ a", "⟦x1/⟧ а ⟦x1/⟧", "⟦x1/⟧ а "),
    ],
)
def test_what_does_not_fit_is_put_back_plainly(source: str, target: str, mended: str) -> None:
    assert markers.put_back(source, target) == mended


@given(sources(), st.data())
def test_put_back_always_fits(source: str, data: st.DataObject) -> None:
    """Moved, lost, doubled and invented at random: tags that pile up at the end are none of it."""
    parts = markers.split(source)
    pool = st.sampled_from([*parts, "⟦9⟧", "⟦/1⟧", "⟦x1/⟧", "⟧", "⟦x", "слово"])
    target = "".join(data.draw(st.lists(pool, max_size=2 * len(parts) + 2)))
    assert markers.fits(source, markers.put_back(source, target)) == ()


@given(sources())
def test_what_fits_is_left_alone(source: str) -> None:
    assert markers.fits(source, source) == ()
    assert markers.put_back(source, source) == source
    assert "".join(markers.split(source)) == source
    assert not markers.BRACKETS.search(markers.plain(source))


@given(sources(), st.data())
def test_whatever_is_lost_doubled_or_swapped_is_seen(source: str, data: st.DataObject) -> None:
    parts = markers.split(source)
    marks = [number for number, part in enumerate(parts) if markers.MARKER.fullmatch(part)]
    if not marks:
        return
    at = data.draw(st.sampled_from(marks))
    assert markers.MISSING in markers.fits(source, "".join(parts[:at] + parts[at + 1 :]))
    assert markers.REPEATED in markers.fits(source, "".join([*parts, parts[at]]))


@given(st.text(st.sampled_from("ab⟦⟧/x12")))
def test_brackets_of_the_text_itself_come_back(text: str) -> None:
    escaped, brackets = markers.escape(text)
    assert markers.fits(escaped, escaped) == ()
    assert markers.restore(escaped, brackets) == text

"""ДСТУ 8302:2015, description by description; works and people are made up for these tests."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.bibliography import dstu
from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference

pytestmark = pytest.mark.any_stack

_ONE = Name("Коваль", "Марія Ігорівна")
_TWO = Name("Жук", "Жан-Поль")
_THREE = Name("Ґудзь", "О.П.")
_FOUR = Name("Іваненко", "Яна")


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (
            Reference(
                "book", Kind.BOOK, "Мова степу", (_ONE,), publisher="Обрій", place="Київ", year=2018, page_count="320",
                genre="монографія",
            ),
            "Коваль М. І. Мова степу : монографія. Київ : Обрій, 2018. 320 с.",
        ),
        (
            Reference(
                "three", Kind.BOOK, "Мова степу.", (_ONE, _TWO, _THREE), publisher="Обрій", place="Київ", year=2018,
                edition="2-ге", page_count="320",
            ),
            "Коваль М. І., Жук Ж.-П., Ґудзь О. П. Мова степу. 2-ге вид. Київ : Обрій, 2018. 320 с.",
        ),
        (
            Reference(
                "four", Kind.BOOK, "Мова степу", (_ONE, _TWO, _THREE, _FOUR), (Name("Лис", "Ада"),), publisher="Обрій",
                place="Київ", year=2018,
            ),
            "Мова степу / М. І. Коваль та ін. ; за ред. А. Лис. Київ : Обрій, 2018.",
        ),
        (
            Reference("edited", Kind.BOOK, "Збірка", (), (Name("Лис", "Ада"),), place="Львів", year=2001),
            "Збірка / за ред. А. Лис. Львів, 2001.",
        ),
        (
            Reference(
                "article", Kind.ARTICLE, "Чи росте трава?", (_ONE, _TWO), container="Вісник лук", year=2020,
                volume="12", issue="3", pages="101-118", doi="10.5555/g",
            ),
            "Коваль М. І., Жук Ж.-П. Чи росте трава? Вісник лук. 2020. Т. 12, № 3. С. 101–118. DOI: https://doi.org/10.5555/g",
        ),
        (
            Reference(
                "english", Kind.ARTICLE, "On grass", (Name("Miller", "Ann B."),), container="Journal of Meadows",
                year=2020, volume="12", issue="3", pages="101—118", language="en-GB",
            ),
            "Miller A. B. On grass. Journal of Meadows. 2020. Vol. 12, no. 3. P. 101–118.",
        ),
        (
            Reference("number", Kind.ARTICLE, "On grass", (Name("Miller", "A."),), container="Meadows", pages="e12"),
            "Miller A. On grass. Meadows. n. d. e12.",
        ),
        (
            Reference(
                "chapter", Kind.CHAPTER, "Роса", (_FOUR,), container="Вода в полі", publisher="Обрій", place="Київ",
                year=2015, pages="20-40",
            ),
            "Іваненко Я. Роса. Вода в полі. Київ : Обрій, 2015. С. 20–40.",
        ),
        (
            Reference(
                "thesis", Kind.THESIS, "Роса", (_FOUR,), place="Одеса", year=2002, page_count="150",
                genre="дис. ... канд. геогр. наук : 11.00.01",
            ),
            "Іваненко Я. Роса : дис. ... канд. геогр. наук : 11.00.01. Одеса, 2002. 150 с.",
        ),
        (
            Reference(
                "page", Kind.PAGE, "Погода", (Name(literal="Служба погоди"),), container="Степ", year=2023,
                url="https://example.org/x", accessed=date(2026, 1, 2),
            ),
            "Служба погоди. Погода. Степ. 2023. URL: https://example.org/x (дата звернення: 02.01.2026).",
        ),
        (Reference("bare", Kind.BOOK, "Без нічого"), "Без нічого. б. р."),
    ],
    ids=lambda value: value.key if isinstance(value, Reference) else "",
)  # fmt: skip
def test_a_description(reference: Reference, text: str) -> None:
    assert dstu.entry(reference) == text


def test_the_list_follows_the_ukrainian_alphabet_and_latin_comes_after() -> None:
    names = ["Іваненко", "Ґудзь", "Дяк", "Гай", "Young", "Їжак", "Adams", "Йосипенко", "Зозуля", "Єва"]
    found = dstu.listed([Reference(name, Kind.BOOK, "Назва", (Name(name),)) for name in names])
    assert [one.key for one in found] == [
        "Гай", "Ґудзь", "Дяк", "Єва", "Зозуля", "Іваненко", "Їжак", "Йосипенко", "Adams", "Young",
    ]  # fmt: skip


_SHORT = st.text(max_size=9)


@given(
    st.builds(
        Reference,
        key=st.just("k"),
        kind=st.sampled_from(Kind),
        title=st.text(min_size=1, max_size=30),
        authors=st.lists(
            st.builds(Name, st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)), max_size=5
        ).map(tuple),
        container=st.text(max_size=9),
        pages=st.text(max_size=9),
        year=st.none() | st.integers(0, 3000),
    )
)
def test_whatever_a_catalogue_says_there_is_a_description(reference: Reference) -> None:
    assert isinstance(dstu.entry(reference), str)

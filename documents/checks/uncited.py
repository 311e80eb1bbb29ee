"""Sentences that state what needs a source: figures, years, and what others are said to have found."""

from __future__ import annotations

from enum import StrEnum

import regex  # type: ignore[import-untyped]

from documents.checks import figures

_OWN_PARTS = regex.compile(
    r"\b(?:sections?|chapters?|tables?|figures?|fig\.|appendix|steps?|parts?|"
    r"розділ\w*|підрозділ\w*|глав\w*|таблиц\w*|табл\.|рисун\w*|рис\.|додат\w*|етап\w*|крок\w*|частин\w*)\s*№?\s*\d+(?:\.\d+)*"
    r"|\b\d{1,2}(?:st|nd|rd|th|-?\p{Cyrillic}{1,3})?[ -](?:centur\w+|столітт\w*)",
    regex.IGNORECASE,
)
"""Figures by which a text counts its own parts, and those of centuries, which state nothing."""
_YEAR = regex.compile(r"(?<!\d)(?:1[4-9]|20)\d{2}(?!\d)")
_SHARE = regex.compile(
    r"\b(?:per ?cent|half of|(?:a|one|two) (?:third|quarter)s? of|twice as|threefold|tenfold|"
    r"відсотк\w*|половин\w* (?:з )?\p{L}+|третин\w*|чверт\w*|у?двічі|у?втричі)\b",
    regex.IGNORECASE,
)
_WHO = (
    r"studies|research(?:ers)?|scientists|scholars|experts|surveys?|statistics|evidence|data|meta-analys[ei]s|"
    r"дослідження|досліджень|науковці|вчені|учені|дослідники|експерти|фахівці|статистика|опитування|дані"
)
_SAYS = (
    r"shows?|showed|shown|finds?|found|suggests?|suggested|indicates?|indicated|proves?|proved|proven|confirms?|"
    r"confirmed|demonstrates?|demonstrated|agree|argue|reveals?|revealed|"
    r"показ\w*|свідч\w*|довод\w*|довел\w*|вияв\w*|встанов\w*|підтвердж\w*|підтверд\w*|вважа\w*|стверджу\w*|"
    r"зазнача\w*|демонстру\w*"
)
_IN_GENERAL = (
    r"according to (?:studies|research|statistics|experts|data|the data)|"
    r"it is (?:well[- ])?(?:known|established|proven) that|it has been (?:shown|proven|found|established)|"
    r"за даними|згідно з (?:даними|дослідженн\w*|статистик\w*)|(?:загально)?відомо, що|"
    r"(?:доведено|встановлено), що"
)
_OTHERS = regex.compile(rf"\b(?:(?:{_WHO})(?: \p{{L}}+){{0,2}} (?:{_SAYS})|{_IN_GENERAL})", regex.IGNORECASE)


class Needs(StrEnum):
    """What in a sentence needs a source."""

    FIGURE = "figure"
    YEAR = "year"
    OTHERS = "others"


def needs(text: str) -> Needs | None:
    """The first of these that a sentence states; None where it needs no source."""
    if _OTHERS.search(text):
        return Needs.OTHERS
    rest = without_own_parts(text)
    without_years = _YEAR.sub("", rest)
    if figures.asserted(without_years) or _SHARE.search(without_years):
        return Needs.FIGURE
    return Needs.YEAR if _YEAR.search(rest) else None


def without_own_parts(text: str) -> str:
    """Without the numbers of its own tables and chapters, and of centuries."""
    return str(_OWN_PARTS.sub("", text))

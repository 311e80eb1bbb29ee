"""Figures of a text, however they are written: 1,500 is 1.5 thousand, three is 3, and 12 % is 12 percent."""

from __future__ import annotations

from decimal import Decimal

import regex  # type: ignore[import-untyped]

_NUMBER = regex.compile(
    r"(?<![\p{L}\d])\d{1,3}(?:[ \u00a0\u202f,.']\d{3})+(?![\d])(?:[.,]\d+)?|(?<![\p{L}\d])\d+(?:[.,]\d+)?"
)
_NAMED = regex.compile(r"\p{L}[-\u2010\u2011]")
_OF_A_NAME = 2
"""Digits behind a word and a hyphen, as in "COVID-19" and "Omega-3": they count nothing."""
_AFTER = regex.compile(r"[\s\u00a0\u202f-]*(\p{L}+)")
_WORD = regex.compile(r"\p{L}+")
_SCALES = {
    "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "bn": 1_000_000_000,
    "тис": 1_000, "тисяча": 1_000, "тисячі": 1_000, "тисяч": 1_000,
    "млн": 1_000_000, "мільйон": 1_000_000, "мільйона": 1_000_000, "мільйони": 1_000_000, "мільйонів": 1_000_000,
    "млрд": 1_000_000_000, "мільярд": 1_000_000_000, "мільярда": 1_000_000_000, "мільярдів": 1_000_000_000,
}  # fmt: skip
_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "twice": 2, "double": 2, "doubled": 2, "tripled": 3, "threefold": 3,
    "один": 1, "одна": 1, "одне": 1, "два": 2, "дві": 2, "двох": 2, "три": 3, "трьох": 3, "чотири": 4,
    "чотирьох": 4, "п'ять": 5, "п'яти": 5, "шість": 6, "шести": 6, "сім": 7, "семи": 7, "вісім": 8, "восьми": 8,
    "дев'ять": 9, "десять": 10, "десяти": 10, "двадцять": 20, "тридцять": 30, "сорок": 40, "п'ятдесят": 50,
    "сто": 100, "удвічі": 2, "вдвічі": 2, "втричі": 3, "утричі": 3,
}  # fmt: skip
_SHARES = {
    "half": "50",
    "third": "33",
    "quarter": "25",
    "половина": "50",
    "половину": "50",
    "третина": "33",
    "чверть": "25",
}
_PERCENT = regex.compile(r"\s*(?:%|percent|per cent|відсот|процент)")


def asserted(text: str) -> set[Decimal]:
    """Figures that a sentence states in digits; these must stand in what it quotes."""
    return {value for value, _ in _digits(text)}


def given(text: str) -> set[Decimal]:
    """Everything in a quote that a figure may be taken from: digits, and numbers as words."""
    found = asserted(text)
    words = [match.group().casefold() for match in _WORD.finditer(text.replace("\u2019", "'"))]
    words += [match.group().casefold() for match in regex.finditer(r"\p{L}+'\p{L}+", text.replace("\u2019", "'"))]
    found |= {Decimal(_WORDS[word]) for word in words if word in _WORDS}
    found |= {Decimal(_SHARES[word]) for word in words if word in _SHARES}
    return found


def missing(claim: str, quote: str) -> list[str]:
    """Figures of the claim that the quote does not have, as they are written there."""
    there = given(quote)
    return [written for value, written in _digits(claim) if value not in there and not _is_share(value, claim, there)]


def _is_share(value: Decimal, claim: str, there: set[Decimal]) -> bool:
    """A third is 33 or 33.3 percent."""
    return bool(_PERCENT.search(claim)) and value.to_integral_value() == 33 and Decimal(33) in there


def _digits(text: str) -> list[tuple[Decimal, str]]:
    found = []
    for match in _NUMBER.finditer(text):
        written = match.group()
        if (
            len(written) <= _OF_A_NAME
            and _NAMED.match(text, max(0, match.start() - 2), match.start())
            and text[match.end() : match.end() + 1] != "%"
        ):
            continue
        value = _value(written)
        after = _AFTER.match(text, match.end())
        if after and (scale := _SCALES.get(after.group(1).casefold())):
            value, written = value * scale, f"{written} {after.group(1)}"
        found.append((value.normalize(), written))
    return found


def _value(written: str) -> Decimal:
    """A comma or a point before three digits parts thousands, any other begins the decimals."""
    plain = regex.sub(r"[ \u00a0\u202f']", "", written)
    marks = [char for char in plain if char in ",."]
    if not marks:
        return Decimal(plain)
    last = max(plain.rfind(","), plain.rfind("."))
    parts_thousands = len(set(marks)) == 1 and len(plain) - last - 1 == 3 and plain[0] != "0" and last <= 3
    if len(set(marks)) == 1 and len(marks) > 1:
        parts_thousands = True
    if parts_thousands:
        return Decimal(plain.replace(",", "").replace(".", ""))
    return Decimal(plain[:last].replace(",", "").replace(".", "") + "." + plain[last + 1 :])

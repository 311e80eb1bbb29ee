"""What is changed in a style before it is rendered, and in a text after it was.

The styles (https://github.com/citation-style-language/styles) are under CC BY-SA 3.0: they are read from their package
as they are, and changed in memory. Each change says what is wrong without it in citeproc-py 0.11.1, seen 2026-12-01.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import regex  # type: ignore[import-untyped]
from lxml import etree

_CSL = "http://purl.org/net/xbiblio/csl"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MONTHS = (
    "січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня", "листопада",
    "грудня",
)  # fmt: skip
_ORDINALS = {"01": "-ше", "02": "-ге", "03": "-тє", "07": "-ме", "08": "-ме"} | {
    str(number): "-те" for number in range(11, 20)
}
"""Of an edition ("2-ге видання"); of all other numbers "-те"."""
_RUSSIAN = {"под ред.": "за ред.", "Вып.": "Вид.", "[Электронный ресурс]": "[Електронний ресурс]"}
"""Words that stand in the style of the GOST itself, and how a Ukrainian text has them."""


def corrected(path: Path, locale: str) -> bytes:
    """The style of a file as it is rendered for a locale."""
    style = etree.parse(path, etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True)).getroot()
    for change in _CHANGES:
        change(style)
    if locale.startswith("en"):
        _capitalise_labels(style)
    if locale == "uk-UA":
        _translate_russian(style)
        style.append(_ukrainian())
    return etree.tostring(style, encoding="utf-8")


def _all(style: Any, tag: str) -> Iterator[Any]:
    return style.iter(f"{{{_CSL}}}{tag}")  # type: ignore[no-any-return]


def _suffix_years(style: Any) -> None:
    """A style that asks for letters after years, and leaves their place to the processor, gets one."""
    citation = next(_all(style, "citation"))
    if citation.get("disambiguate-add-year-suffix") != "true":
        return
    if any(text.get("variable") == "year-suffix" for text in _all(style, "text")):
        return
    for date in list(_all(style, "date")):
        if date.get("variable") == "issued":
            date.addnext(_element("text", variable="year-suffix"))


def _space_dates(style: Any) -> None:
    """A delimiter of a locale's date is not read, "2026Jan2"; a year that stands alone has nothing around it."""
    for date in _all(style, "date"):
        if delimiter := date.attrib.pop("delimiter", ""):
            parts = list(date)
            year = next(place for place, part in enumerate(parts) if part.get("name") == "year")
            for place, part in enumerate(parts):
                if place != year:
                    part.set("suffix" if place < year else "prefix", delimiter)
        elif date.get("form") == "text" and date.get("variable"):
            # Its own parts hide those of the locale, with what stands between them.
            for part in list(date):
                date.remove(part)


def _join_places(style: Any) -> None:
    """A colon between a place and a publisher stands there also without a place: ". : Springer"."""
    for text in list(_all(style, "text")):
        before = text.getprevious()
        if text.get("value") == ": " and before is not None and before.get("variable") == "publisher-place":
            before.set("suffix", ": ")
            text.getparent().remove(text)


def _leave_order_of_list(style: Any) -> None:
    """Several works of one citation stand as in the list, which we put in order (:mod:`.ordering`)."""
    citation = next(_all(style, "citation"))
    for sort in list(citation.iter(f"{{{_CSL}}}sort")):
        citation.remove(sort)


def _name_editors_once(style: Any) -> None:
    """Editors who stand in an author's place are named again behind the title: "(Eds.) … (A. Miller, Eds.)"."""
    editors = [names for names in _all(style, "names") if "editor" in names.get("variable", "").split()]
    in_place = [names for names in editors if next(names.iterancestors(f"{{{_CSL}}}substitute"), None) is not None]
    for names in editors if in_place else ():
        if names in in_place:
            continue
        choose, branch = _element("choose"), _element("if", variable="author")
        names.getparent().replace(names, choose)
        branch.append(names)
        choose.append(branch)
        if "apa" in _id(style):  # where a chapter without authors begins with its title
            chapter = _element("else-if", type="chapter paper-conference", match="any")
            chapter.append(copy.deepcopy(names))
            choose.append(chapter)


def _count_pages(style: Any) -> None:
    """How a label of a count is written cannot be asked of it: "320." for "320 p."."""
    for label in list(_all(style, "label")):
        if label.get("variable") == "number-of-pages":
            label.getparent().replace(label, _element("text", term="number-of-pages", form=label.get("form", "long")))


def _place_theses(style: Any) -> None:
    """What stands before the number of a thesis stands there without one, "(Publication)"; and the GOST's style sets
    a thesis as an article, "Роса // 2002."."""
    for text in list(_all(style, "text")):
        if text.get("value") == "publication":
            text.getparent().remove(text)
    kinds = [branch for branch in style.iter() if "type" in branch.attrib and not branch.get("variable")]
    books = [branch for branch in kinds if {"book", "motion_picture", "song"} < set(branch.get("type").split())]
    articles = [branch for branch in kinds if {"article-journal", "thesis"} < set(branch.get("type").split())]
    if "gost" not in _id(style):
        return
    articles[0].set("type", articles[0].get("type").replace(" thesis", ""))
    books[0].set("type", f"{books[0].get('type')} thesis")
    title = next(text for text in _all(books[0], "text") if text.get("macro") == "title")
    title.addnext(_element("text", variable="genre", prefix=": "))


def _capitalise_labels(style: Any) -> None:
    """A label has no language, and what has none is not written as a title: "(ed.)" for "(Ed.)"."""
    for label in _all(style, "label"):
        if label.get("text-case") == "title":
            label.set("text-case", "capitalize-first")


def _translate_russian(style: Any) -> None:
    for text in style.iter():
        for attribute in ("value", "prefix"):
            value = text.get(attribute)
            for word, translated in _RUSSIAN.items():
                if value and word in value:
                    text.set(attribute, value.replace(word, translated))
    for term in _all(style, "term"):
        if term.get("name") == "accessed" and term.text == "дата обращения":
            term.text = "дата звернення"


def _ukrainian() -> Any:
    """Over the locale of the package: "С. 1—9" for "с. 1–9", "2026. 02 січ." for "2 січня 2026", "2е вид."."""
    locale = _element("locale")
    locale.set(_LANG, "uk-UA")
    date = etree.SubElement(locale, f"{{{_CSL}}}date", form="text")
    for name, suffix in (("day", " "), ("month", " "), ("year", "")):
        etree.SubElement(date, f"{{{_CSL}}}date-part", name=name, suffix=suffix)
    terms = etree.SubElement(locale, f"{{{_CSL}}}terms")
    _add_term(terms, "page", "с.")
    _add_term(terms, "page", "с.", form="short")
    _add_term(terms, "page-range-delimiter", "\u2013")
    for number, month in enumerate(_MONTHS, 1):
        _add_term(terms, f"month-{number:02}", month)
    _add_term(terms, "ordinal", "-те")
    for number, ending in _ORDINALS.items():  # type: ignore[assignment]
        _add_term(terms, f"ordinal-{number}", ending)
    return locale


def _add_term(terms: Any, name: str, text: str, **attributes: str) -> None:
    term = _element("term", name=name, **attributes)
    term.text = text
    terms.append(term)


def _id(style: Any) -> str:
    return str(style.findtext(f".//{{{_CSL}}}id"))


def _element(tag: str, **attributes: str) -> Any:
    return etree.Element(f"{{{_CSL}}}{tag}", attributes)


_CHANGES = (
    _suffix_years, _space_dates, _join_places, _leave_order_of_list, _name_editors_once, _count_pages, _place_theses,
)  # fmt: skip

_COMMA_AFTER = regex.compile("(?P<quote>’?”)(?P<stop>[,.])")
_SHUT = "\ue001"
"""Ends what is in italics (:mod:`.rendering`)."""
_STOPPED = regex.compile(rf"(?<!\.)(?P<end>[.?!…]{_SHUT}?[”’»]?{_SHUT}?)\.(?!\.)")
_ASKED = regex.compile(r"(?P<end>[?!])[,.](?P<quote>’?”)")
_NOTHING = regex.compile(r",\s*(?=[\])])|(?<=[\[(])\s+|(?<=[.;:]) ,(?= )")
_GAPS = regex.compile(r" {2,}")


def finish(text: str, locale: str) -> str:
    """A rendered text with one stop where there were two, no comma around what is missing, and, in American
    English, stops and commas inside the quotation marks."""
    if locale == "en-US":
        text = _COMMA_AFTER.sub(r"\g<stop>\g<quote>", text)
        text = _ASKED.sub(r"\g<end>\g<quote>", text)
    return str(_GAPS.sub(" ", _NOTHING.sub("", _STOPPED.sub(r"\g<end>", text)))).strip()

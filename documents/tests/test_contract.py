"""The writing contract: whatever a model answers, no citation stands in a text that is not a source's own words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import llm
from core.llm.json_answers import NotFit
from documents import blocks
from documents.checks import uncited
from documents.checks.support import Lamp
from documents.checks.support import Reason
from documents.checks.uncited import Needs
from documents.writing import contract
from documents.writing.contract import Fault
from documents.writing.contract import Written
from documents.writing.sources import Passage
from documents.writing.sources import Source
from documents.writing.sources import Sources

pytestmark = pytest.mark.any_stack

_SOIL = (
    "Dry soils lost carbon in four years. Rain did not bring it back. With drip irrigation 40% of the water was saved."
)
_BOOK = "Урожайність озимої пшениці за прямої сівби становила 4,9 т/га."
_SOURCES = Sources.of(
    [
        Source("S1", "Soil and carbon", "Muster", 2020, (Passage(_SOIL),)),
        Source("S2", "Обробіток ґрунту", "Прикладенко", 2021, (Passage("Vorwort."), Passage(_BOOK, "с. 7"))),
        Source("S3", "A title alone", "Beispiel", 2019),
    ]
)
_GOOD = {"s": "S1", "quote": "Dry soils lost carbon in four years.", "claim": "Dry soils lost carbon."}


def _sentence(text: str, *citations: Any) -> dict[str, Any]:
    return {"t": text, "c": list(citations)}


def _text(*sentences: Any) -> dict[str, Any]:
    return {"kind": "text", "blocks": [{"kind": "paragraph", "s": list(sentences)}]}


def _read(*sentences: Any) -> Written:
    return contract.read(_text(*sentences), _SOURCES)


class _Model:
    def __init__(self, *answers: Any) -> None:
        self.answers = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in answers]
        self.asked: list[Sequence[llm.Message]] = []

    def __call__(self, messages: Sequence[llm.Message]) -> str:
        self.asked.append(messages)
        return self.answers.pop(0)


class TestCitations:
    def test_what_holds_is_data_beside_the_sentence(self) -> None:
        written = contract.read(_text(_sentence("Dry soils lose carbon.", _GOOD)), _SOURCES, first=5)
        (citation,) = written.citations
        assert (citation.number, citation.source, citation.locator) == (5, "S1", "")
        assert (citation.quote, citation.claim) == (_GOOD["quote"], _GOOD["claim"])
        assert (citation.support.lamp, citation.support.reason) == (Lamp.AMBER, Reason.NOT_JUDGED)
        assert blocks.stored(written.blocks) == [
            {"kind": "paragraph", "s": [{"t": "Dry soils lose carbon.", "c": [{"s": "S1", "n": 5}]}]}
        ]
        assert (written.problems, written.uncited) == ((), ())

    def test_the_place_is_told_by_the_passage_and_the_words_by_the_source(self) -> None:
        quote = "урожайність озимої пшениці за прямої сівби становила 4.9 т/га"
        given_ = {"s": "S2", "quote": quote, "claim": "Урожайність становила 4,9 т/га.", "locator": "с. 99"}
        (citation,) = _read(_sentence("Урожайність становила 4,9 т/га.", given_)).citations
        assert (citation.quote, citation.locator) == (_BOOK.rstrip("."), "с. 7")

    @pytest.mark.parametrize(
        ("wrong", "fault"),
        [
            ({"s": "S99"}, Fault.UNKNOWN),
            ({"s": ""}, Fault.UNKNOWN),
            ({"s": "Muster 2020"}, Fault.UNKNOWN),
            ({"s": "S3"}, Fault.NO_TEXT),
            ({"quote": ""}, Fault.NO_QUOTE),
            ({"quote": None}, Fault.NO_QUOTE),
            ({"quote": "Dry soils"}, Fault.NO_QUOTE),
            ({"quote": " ".join([_SOIL] * 5)}, Fault.NO_QUOTE),
            ({"quote": "Wet soils gained nitrogen in seven years."}, Fault.NOT_IN_SOURCE),
            ({"quote": _BOOK}, Fault.NOT_IN_SOURCE),
            ({"claim": ""}, Fault.NO_CLAIM),
        ],
    )
    def test_what_does_not_hold_is_dropped_and_its_sentence_marked(self, wrong: Any, fault: Fault) -> None:
        written = _read(_sentence("Dry soils lose carbon.", _GOOD | wrong))
        assert written.citations == ()
        assert [problem.fault for problem in written.problems] == [fault]
        (sentence,) = blocks.sentences(written.blocks)
        assert (sentence.marks, sentence.lacks) == ((), "dropped")

    @pytest.mark.parametrize(
        "reference",
        ["[1]", "[S1]", "[1, 2]", "[12, с. 5]", "(S1)", "(Smith, 2020)", "(Smith & Müller, 2020a, p. 4)",
         "(Smith et al., 2020; Jones, 2019)", "(Шевченко та ін., 2021, с. 5)", "(World Health Organization, 2020)",
         "(see J. Smith and O’Brien 1998)"],
    )  # fmt: skip
    def test_a_reference_in_the_text_is_none(self, reference: str) -> None:
        written = _read(_sentence(f"Dry soils lose carbon {reference}."), reference)
        (sentence,) = blocks.sentences(written.blocks)
        assert (sentence.text, sentence.lacks) == ("Dry soils lose carbon.", "dropped")
        assert {problem.fault for problem in written.problems} == {Fault.WRITTEN}
        assert written.problems[0].detail == reference

    @pytest.mark.parametrize(
        "text",
        ["A value of [0, 1] is usual.", "It began (in Kyiv and elsewhere).", "Spring came (May 2020) late.",
         "The state (it gained independence in 1991) grew.", "An interval (a, b) is open."],
    )  # fmt: skip
    def test_what_only_stands_in_brackets_stays(self, text: str) -> None:
        written = _read(_sentence(text))
        assert [sentence.text for sentence in blocks.sentences(written.blocks)] == [text]
        assert written.problems == ()

    def test_a_figure_of_the_sentence_that_no_quote_holds_is_red(self) -> None:
        water = {"s": "S1", "quote": "With drip irrigation 40% of the water was saved.", "claim": "40% was saved."}
        told = {
            "Drip irrigation saved 40% of the water.": Lamp.AMBER,
            "Drip irrigation saved 60% of it.": Lamp.RED,
            "In 2020 drip irrigation saved 40%.": Lamp.AMBER,
            "As table 3 shows, 40% was saved.": Lamp.AMBER,
        }
        written = _read(*(_sentence(text, water) for text in told))
        assert [citation.support.lamp for citation in written.citations] == list(told.values())
        red = written.citations[1].support
        assert (red.reason, red.detail) == (Reason.FIGURE, "60")

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["S1", "S2", "S3", "S99", ""]),
                st.sampled_from([_GOOD["quote"], _BOOK, "Nothing of this stands anywhere."]),
                st.sampled_from(["Dry soils lose carbon.", "So [4] it is (Smith, 2020).", "[S1]"]),
            ),
            max_size=8,
        )
    )
    def test_marks_and_citations_are_the_same_in_both_directions(self, told: list[tuple[str, str, str]]) -> None:
        sentences = [_sentence(text, {"s": key, "quote": quote, "claim": "A claim."}) for key, quote, text in told]
        written = _read("A beginning.", *sentences)
        marks = [(mark.number, mark.source) for one in blocks.sentences(written.blocks) for mark in one.marks]
        assert marks == [(citation.number, citation.source) for citation in written.citations]
        assert [number for number, _ in marks] == list(range(1, len(marks) + 1))
        assert not any("[" in one.text or "Smith" in one.text for one in blocks.sentences(written.blocks))
        assert all(_SOURCES.find(one.source, one.quote) for one in written.citations)


class TestUncited:
    @pytest.mark.parametrize(
        ("text", "needs"),
        [
            ("Yields fell by 12 percent.", Needs.FIGURE),
            ("Two thirds of the farms closed.", Needs.FIGURE),
            ("Врожайність зросла на 5,2 т/га.", Needs.FIGURE),
            ("Третина респондентів не відповіла.", Needs.FIGURE),
            ("The law was passed in 1998.", Needs.YEAR),
            ("Закон ухвалено 1998 року.", Needs.YEAR),
            ("Studies show that sleep matters.", Needs.OTHERS),
            ("Recent research has clearly shown an effect.", Needs.OTHERS),
            ("It is well known that water boils.", Needs.OTHERS),
            ("Дослідження показують, що сон важливий.", Needs.OTHERS),
            ("За даними міністерства, шкіл побільшало.", Needs.OTHERS),
            ("Науковці довели цей зв'язок.", Needs.OTHERS),
            ("This section asks what sleep is.", None),
            ("Table 3 and section 2.1 say more.", None),
            ("Таблиця 3 і розділ 2 пояснюють це.", None),
            ("Отже, сон важливий для уваги.", None),
            ("The study of language is old.", None),
            ("COVID-19 changed schools in the 21st century.", None),
            ("У 21-му столітті школи змінилися.", None),
        ],
    )
    def test_what_needs_a_source(self, text: str, needs: Needs | None) -> None:
        assert uncited.needs(text) == needs
        written = _read(_sentence(text))
        assert [one.needs for one in written.uncited] == ([needs] if needs else [])
        (sentence,) = blocks.sentences(written.blocks)
        assert sentence.lacks == ("uncited" if needs else "")

    def test_what_is_cited_needs_none_and_a_table_of_figures_does(self) -> None:
        table = {"kind": "table", "caption": "Water [2]", "header": ["Year", "Saved"], "rows": [["2020", "40 %"]]}
        written = contract.read([_sentence("Studies show that dry soils lose carbon.", _GOOD), table], _SOURCES)
        assert written.uncited == (contract.Uncited("Water", Needs.FIGURE),)


class TestShapes:
    @pytest.mark.parametrize(
        "document",
        [
            _text(_sentence("One.", _GOOD), _sentence("Two.")),
            {"blocks": [{"type": "paragraph", "sentences": [{"text": "One.", "citations": [_GOOD]}, "Two."]}]},
            [[{"t": "One.", "c": _GOOD}, "Two."]],
            [{"t": "One.", "c": [_GOOD]}, {"t": "Two."}],
            {"paragraphs": [{"s": [{"t": "**One.**", "c": [{"key": "S1"} | _GOOD]}, {"t": " `Two.`\n"}]}]},
        ],
    )
    def test_a_text_is_read_in_each_of_its_shapes(self, document: Any) -> None:
        written = contract.read(document, _SOURCES)
        assert blocks.stored(written.blocks) == [
            {"kind": "paragraph", "s": [{"t": "One.", "c": [{"s": "S1", "n": 1}]}, {"t": "Two."}]}
        ]

    def test_markdown_becomes_blocks(self) -> None:
        table = "| Year | Loss |\n|---|:-:|\n| a | b | c |\n| d |"
        text = f"# Soil\nFirst *line*\nand second. Third.\n\n1. One\n2. Two\n\n{table}\nEnd."
        written = contract.read({"blocks": [text]}, _SOURCES)
        assert blocks.stored(written.blocks) == [
            {"kind": "heading", "level": 2, "t": "Soil"},
            {"kind": "paragraph", "s": [{"t": "First *line* and second."}, {"t": "Third."}]},
            {"kind": "list", "ordered": True, "items": [[{"t": "One"}], [{"t": "Two"}]]},
            {"kind": "table", "header": ["Year", "Loss"], "rows": [["a", "b"], ["d", ""]]},
            {"kind": "paragraph", "s": [{"t": "End."}]},
        ]

    def test_a_sentence_without_an_end_is_parted(self) -> None:
        written = _read(_sentence("Soil is old. " * 400, _GOOD))
        sentences = list(blocks.sentences(written.blocks))
        assert len(sentences) > 1
        assert [bool(one.marks) for one in sentences] == [False] * (len(sentences) - 1) + [True]

    @pytest.mark.parametrize("document", [None, [], {}, "", 7, {"blocks": [{}, {"kind": "list"}, None]}, ["[1]"]])
    def test_where_there_is_no_text_it_is_told(self, document: Any) -> None:
        with pytest.raises(NotFit, match="no text"):
            contract.read(document, _SOURCES)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=30),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        ["blocks", "kind", "s", "t", "c", "quote", "claim", "items", "rows", "header", "level"]
                    ),
                    inner | st.sampled_from(["table", "list", "heading"]),
                    max_size=4,
                )
            ),
            max_leaves=20,
        )
    )
    def test_whatever_comes_is_blocks_or_no_text(self, document: Any) -> None:
        try:
            written = contract.read(document, _SOURCES)
        except NotFit:
            return
        assert blocks.read(blocks.stored(written.blocks)) == written.blocks


class TestGivenBack:
    _ASKED = (llm.Message("system", contract.RULES), llm.Message("user", _SOURCES.told()))

    def test_a_model_is_told_twice_what_does_not_hold(self) -> None:
        invented = _GOOD | {"s": "S99"}
        model = _Model(_text(_sentence("A.", invented)), "no JSON", _text(_sentence("A.", _GOOD)))
        written = contract.write(self._ASKED, model, _SOURCES)
        assert len(written.citations) == 1
        told = [messages[-1].content for messages in model.asked[1:]]
        assert "there is no source S99; the sources are S1, S2." in told[0]
        assert "no JSON" in told[1]

    def test_a_model_that_goes_on_inventing_gets_nothing_into_the_text(self) -> None:
        stubborn = _text(
            _sentence("Dry soils lose carbon (Smith, 2020).", _GOOD | {"s": "S99"}),
            _sentence("Rain helps.", _GOOD | {"quote": "Rain brought all of the carbon back at once."}),
            _sentence("Dry soils lost carbon.", _GOOD),
        )
        model = _Model(*[stubborn] * 5)
        written = contract.write(self._ASKED, model, _SOURCES)
        assert len(model.asked) == 3
        assert [citation.source for citation in written.citations] == ["S1"]
        assert [one.lacks for one in blocks.sentences(written.blocks)] == ["dropped", "dropped", ""]
        assert "Smith" not in json.dumps(blocks.stored(written.blocks))

    def test_the_best_answer_counts_and_vetoes_are_told_too(self) -> None:
        wrong = _GOOD | {"claim": "Dry soils lost carbon in 9 years."}
        model = _Model(
            _text(_sentence("A.", wrong), _sentence("B.", wrong)),
            _text(_sentence("A.", wrong)),
            _text(_sentence("A.", wrong), _sentence("C.", _GOOD | {"s": "S7"}), _sentence("D.")),
        )
        written = contract.write(self._ASKED, model, _SOURCES)
        assert [one.text for one in blocks.sentences(written.blocks)] == ["A."]
        assert written.citations[0].support.reason is Reason.FIGURE
        assert '"A." with S1: the quote does not hold this figure: 9.' in model.asked[1][-1].content

    def test_a_model_without_any_text_is_an_error(self) -> None:
        with pytest.raises(NotFit):
            contract.write(self._ASKED, _Model("no", "no", "no"), _SOURCES)

    def test_only_what_can_be_quoted_is_told(self) -> None:
        entries = json.loads(_SOURCES.told().splitlines()[1])
        assert [entry["key"] for entry in entries] == ["S1", "S2"]

    def test_the_schema_is_one_that_providers_hold_models_to(self) -> None:
        def check(schema: Any) -> None:
            for part in schema.get("anyOf", [schema]):
                if part.get("type") == "object":
                    assert part["additionalProperties"] is False
                    assert sorted(part["required"]) == sorted(part["properties"])
                    for inner in part["properties"].values():
                        check(inner)
                if part.get("type") == "array":
                    check(part["items"])

        check(contract.SCHEMA.schema)

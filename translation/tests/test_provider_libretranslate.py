"""LibreTranslate as a provider, against one that answers as its source says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from translation import translating
from translation.errors import KeyRejected
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch
from translation.providers.base import Context
from translation.providers.base import Translated
from translation.providers.libretranslate import LibreTranslateProvider
from translation.segments import Segment
from translation.tests.libretranslate_fake import FakeLibreTranslate

pytestmark = pytest.mark.any_stack


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeLibreTranslate]:
    made = FakeLibreTranslate(key="k")
    settings.TRANSLATION = replace(
        settings.TRANSLATION, libretranslate_url=f"{made.url}/", libretranslate_api_key=made.key
    )
    yield made
    made.close()


def _ask(*texts: str, target: str = "uk", **told: Any) -> Translated:
    segments = [Segment(number, "", "paragraph", text) for number, text in enumerate(texts, 3)]
    return translating.run(LibreTranslateProvider(), segments, Context(target, **told))


def test_texts_come_back_by_number_with_markers_as_text(server: FakeLibreTranslate) -> None:
    done = _ask("The ⟦1⟧red house⟦/1⟧ is big", "Two")
    assert [(one.number, one.text) for one in done.outcomes] == [
        (3, "[uk] The ⟦1⟧red house⟦/1⟧ is big"),
        (4, "[uk] Two"),
    ]
    assert done.detected == "en"
    assert server.asked[0] | {"q": []} == {"q": [], "source": "auto", "target": "uk", "format": "text", "api_key": "k"}


def test_a_marker_that_is_torn_is_put_back_and_flagged(
    server: FakeLibreTranslate, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"translatedText": ["Велике ⟦1⟧ червоне"], "detectedLanguage": []}
    monkeypatch.setattr(server, "translate", lambda _asked: (200, answer))
    (done,) = _ask("The ⟦1⟧red house⟦/1⟧").outcomes
    assert done.flags == ("marker_missing", "marker_crossed")
    assert "⟦1⟧" in done.text and "⟦/1⟧" in done.text


def test_its_pairs_and_its_limit_are_its_own(server: FakeLibreTranslate) -> None:
    able = LibreTranslateProvider().capabilities()
    assert able.sources == {"en", "uk", "es", "pt-BR", "zh-Hans"}
    assert able.targets_by_source is not None
    assert able.targets_by_source["uk"] == {"en", "uk"}
    assert able.max_bytes == 2_000
    done = _ask(*["word " * 300] * 3, source="en")
    assert [len(asked["q"]) for asked in server.asked] == [1, 1, 1]
    assert len(done.outcomes) == 3
    _ask("One", target="zh", source="en-GB")
    assert (server.asked[-1]["source"], server.asked[-1]["target"]) == ("en", "zh-Hans")


def test_a_text_over_its_limit_goes_in_halves_where_it_can(server: FakeLibreTranslate) -> None:
    LibreTranslateProvider().capabilities()
    server.limit = 1_000
    assert len(_ask("a " * 400, "b " * 400, source="en").outcomes) == 2
    with pytest.raises(TooMuch):
        _ask("a " * 900, source="en")


@pytest.mark.parametrize(
    ("status", "sentence", "error"),
    [
        (400, "xx is not supported", Refused),
        (400, "Please contact the server operator to get an API key", KeyRejected),
        (403, "Invalid API key", KeyRejected),
        (429, "Slowdown: 80 per 1 minute", Paused),
        (500, "Cannot translate text: out of memory", ServiceError),
        (503, "", Paused),
    ],
)
def test_its_refusals_in_our_words(
    server: FakeLibreTranslate, status: int, sentence: str, error: type[ServiceError]
) -> None:
    server.refusal = (status, sentence)
    with pytest.raises(ServiceError) as refused:
        _ask("One")
    assert type(refused.value) is error
    assert "memory" not in refused.value.sentence
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer", [[], {}, {"translatedText": "one"}, {"translatedText": [None]}, {"translatedText": []}]
)
def test_an_odd_answer_is_no_crash(server: FakeLibreTranslate, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(server, "translate", lambda _asked: (200, answer))
    with pytest.raises(ServiceError):
        _ask("One")


def test_where_nobody_listens_nothing_was_sent(server: FakeLibreTranslate) -> None:
    server.close()
    with pytest.raises(Paused):
        _ask("One")

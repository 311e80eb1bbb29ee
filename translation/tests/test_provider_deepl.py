"""DeepL as a provider, against a DeepL that counts: what is asked, what is billed, and how it fails."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from translation import languages
from translation.errors import Doubtful
from translation.errors import Gone
from translation.errors import KeyRejected
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import Refused
from translation.errors import ServiceError
from translation.errors import TooMuch
from translation.providers.base import Context
from translation.providers.base import Handle
from translation.providers.base import Translated
from translation.providers.deepl import client
from translation.providers.deepl.adapter import DeepLProvider
from translation.segments import Segment
from translation.tests.deepl_fake import FORMAL
from translation.tests.deepl_fake import MINIMUM
from translation.tests.deepl_fake import FakeDeepL


def _ask(*texts: str, target: str = "uk", **told: Any) -> Translated:
    batch = [Segment(number, "", "paragraph", text) for number, text in enumerate(texts, 5)]
    return DeepLProvider().translate(batch, Context(target, **told))


def test_texts_come_back_by_number_with_what_they_cost(vendor: FakeDeepL) -> None:
    done = _ask("One & two", "Three", title="Title", after=["Four"])
    assert [(one.number, one.text) for one in done.outcomes] == [(5, "[UK] One & two"), (6, "[UK] Three")]
    assert (done.detected, done.billed, vendor.billed) == ("en", 14, 14)
    form = next(one.form for one in vendor.asked if one.path == "/v2/translate")
    assert form["context"] == "Title\nFour"
    assert "tag_handling" not in form


@pytest.mark.parametrize(
    "text",
    ["My name ⟦1⟧is⟦/1⟧ Michael", "⟦1⟧a ⟦2⟧b < c⟦/2⟧⟦/1⟧ & ⟦x3/⟧", "⟦x1/⟧", 'plain <b>"x"</b> &amp;'],
)
def test_markers_go_as_tags_and_come_back(vendor: FakeDeepL, text: str) -> None:
    done = _ask(text, "⟦x9/⟧")
    assert [one.text for one in done.outcomes] == [f"[UK] {text}", "[UK] ⟦x9/⟧"]
    sent = next(one.form for one in vendor.asked if one.path == "/v2/translate")["text"][0]
    assert "⟦" not in sent


def test_more_than_it_takes_at_once_is_not_sent(vendor: FakeDeepL) -> None:
    with pytest.raises(TooMuch):
        _ask(*["a"] * 51)
    with pytest.raises(TooMuch):
        _ask("ї" * 60_000)
    assert vendor.count("/v2/translate") == 0


@pytest.mark.parametrize("formality", ["", "more", "less"])
def test_every_language_takes_every_formality(vendor: FakeDeepL, formality: Any) -> None:
    provider = DeepLProvider()
    known = provider.capabilities()
    offered = [code for code in languages.ALL if languages.closest(code, known.targets)]
    assert len(offered) > 35
    for code in offered:
        done = provider.translate([Segment(1, "", "paragraph", "One")], Context(code, formality=formality))
        assert done.outcomes[0].text.endswith("One"), code
    assert {code.upper() for code in known.formal} == FORMAL
    assert vendor.count("/v2/languages") == 2


def test_what_it_offers_goes_on_to_hold_when_it_is_down(vendor: FakeDeepL, monkeypatch: pytest.MonkeyPatch) -> None:
    before = DeepLProvider().capabilities()
    monkeypatch.setattr("translation.providers.remembered.FRESH_SECONDS", -1)
    DeepLProvider().capabilities()
    vendor.orders.statuses = [400] * 9
    assert DeepLProvider().capabilities() == before
    assert "uk" in before.targets and "en" not in before.targets


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Refused), (403, KeyRejected), (404, Gone), (413, TooMuch), (429, Paused), (456, OutOfCredit),
     (500, Doubtful), (503, Paused), (504, Doubtful), (529, Paused)],
)  # fmt: skip
def test_its_refusals_in_our_words_and_nothing_is_asked_twice(
    vendor: FakeDeepL, tmp_path: Path, status: int, error: type[ServiceError]
) -> None:
    DeepLProvider().capabilities()
    vendor.orders.statuses = [status] * 2
    with pytest.raises(ServiceError) as refused:
        _ask("One")
    assert type(refused.value) is error
    with pytest.raises(error):
        _begin(tmp_path)
    assert (vendor.count("/v2/translate"), vendor.count("/v2/document"), vendor.billed) == (1, 1, 0)


def _begin(folder: Path, content: bytes = b"Hello", name: str = "letter.docx") -> Handle:
    file = folder / "source"
    file.write_bytes(content)
    return DeepLProvider().begin(file, Context("uk", filename=name))


def test_a_document_is_uploaded_once_billed_by_the_minimum_and_fetched_once(vendor: FakeDeepL, tmp_path: Path) -> None:
    vendor.orders.looks = 2
    handle = _begin(tmp_path)
    assert vendor.documents[handle.id].name == "letter.docx"
    assert handle.key not in repr(handle)
    provider = DeepLProvider()
    with pytest.raises(Paused):
        provider.fetch(handle, io.BytesIO())
    assert [provider.look(handle).state for _ in range(3)] == ["working", "working", "done"]
    assert provider.look(handle).billed == MINIMUM == vendor.billed
    result = io.BytesIO()
    provider.fetch(handle, result)
    assert result.getvalue() == b"translated:Hello"
    for again in (provider.look, lambda known: provider.fetch(known, io.BytesIO())):
        with pytest.raises(Gone):
            again(handle)


def test_an_upload_whose_answer_is_lost_is_a_doubt_and_is_not_repeated(vendor: FakeDeepL, tmp_path: Path) -> None:
    DeepLProvider().capabilities()
    vendor.orders.cut = 1
    with pytest.raises(Doubtful):
        _begin(tmp_path)
    assert vendor.count("/v2/document") == 1


def test_an_answer_that_is_slower_than_the_sdk_waits_is_waited_for(
    vendor: FakeDeepL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK alone gives up after ten seconds and uploads again; the same here in small."""
    monkeypatch.setattr("deepl.http_client.min_connection_timeout", 0.2)
    vendor.orders.slow = 0.7
    assert _begin(tmp_path).id == "D1"
    assert vendor.count("/v2/document") == 1


def test_where_nobody_listens_nothing_was_sent(vendor: FakeDeepL, tmp_path: Path) -> None:
    DeepLProvider().capabilities()
    vendor.close()
    with pytest.raises(Paused):
        _begin(tmp_path)


def test_a_document_that_failed_there_says_so(vendor: FakeDeepL, tmp_path: Path) -> None:
    vendor.orders.fails = "Source and target language are equal."
    looked = DeepLProvider().look(_begin(tmp_path))
    assert looked.state == "failed"
    assert "written in the language" in looked.message


def test_too_many_documents_that_were_not_fetched(vendor: FakeDeepL, tmp_path: Path) -> None:
    for _ in range(3):
        _begin(tmp_path)
    with pytest.raises(Paused):
        _begin(tmp_path)


def test_copies_of_glossaries(vendor: FakeDeepL) -> None:
    provider = DeepLProvider()
    name = provider.copy_glossary("words", "en-US", "uk", {"house": "дім"})
    _ask("house", source="en", glossary_id=name)
    assert vendor.asked[-1].form["glossary_id"] == name
    provider.drop_glossary(name)
    provider.drop_glossary(name)
    assert vendor.glossaries == {}


def test_an_odd_answer_is_no_crash(vendor: FakeDeepL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "_translate", lambda form: (200, {"translations": [{"text": form["text"][0]}]}))
    with pytest.raises(Doubtful):
        _ask("One")
    monkeypatch.setattr(vendor, "_translate", lambda _form: (200, {"translations": []}))
    with pytest.raises(ServiceError):
        _ask("One")
    client.client.cache_clear()

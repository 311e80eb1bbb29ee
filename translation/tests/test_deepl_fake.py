"""The judge of our DeepL: the vendor's own SDK, left as it is, takes it for the real one."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator

import deepl
import pytest
from deepl import http_client

from translation.tests.deepl_fake import MINIMUM
from translation.tests.deepl_fake import FakeDeepL

pytestmark = pytest.mark.any_stack


@pytest.fixture
def vendor() -> Iterator[FakeDeepL]:
    made = FakeDeepL()
    yield made
    made.close()


@pytest.fixture
def sdk(vendor: FakeDeepL, monkeypatch: pytest.MonkeyPatch) -> deepl.DeepLClient:
    monkeypatch.setattr(http_client._BackoffTimer, "BACKOFF_INITIAL", 0.01)
    monkeypatch.setattr(http_client._BackoffTimer, "BACKOFF_MAX", 0.01)
    return deepl.DeepLClient(vendor.key, server_url=vendor.url)


def test_texts_and_languages(sdk: deepl.DeepLClient, vendor: FakeDeepL) -> None:
    said = sdk.translate_text(["One", "Two"], target_lang="UK", formality="prefer_more")
    assert isinstance(said, list)
    assert [one.text for one in said] == ["[UK] One", "[UK] Two"]
    assert [one.billed_characters for one in said] == [3, 3]
    assert said[0].detected_source_lang == "EN"
    assert vendor.billed == 6
    targets = {language.code: language.supports_formality for language in sdk.get_target_languages()}
    assert targets["DE"] and not targets["UK"] and "EN-GB" in targets
    assert "EN" in {language.code for language in sdk.get_source_languages()}
    assert ("EN", "UK") in {(one.source_lang.upper(), one.target_lang.upper()) for one in sdk.get_glossary_languages()}


def test_a_document_from_upload_to_its_one_download(sdk: deepl.DeepLClient, vendor: FakeDeepL) -> None:
    handle = sdk.translate_document_upload(b"Hello", filename="a.docx", target_lang="UK")
    with pytest.raises(deepl.DocumentNotReadyException):
        http_client.max_network_retries, kept = 0, http_client.max_network_retries
        try:
            sdk.translate_document_download(handle, io.BytesIO())
        finally:
            http_client.max_network_retries = kept
    assert sdk.translate_document_get_status(handle).status.value == "translating"
    status = sdk.translate_document_get_status(handle)
    assert status.done
    assert status.billed_characters == MINIMUM == vendor.billed
    result = io.BytesIO()
    sdk.translate_document_download(handle, result)
    assert result.getvalue() == b"translated:Hello"
    with pytest.raises(deepl.DeepLException, match="Not found"):
        sdk.translate_document_download(handle, io.BytesIO())


def test_glossaries(sdk: deepl.DeepLClient, vendor: FakeDeepL) -> None:
    made = sdk.create_glossary("words", "EN", "UK", {"house": "дім"})
    assert made.entry_count == 1
    said = sdk.translate_text("house", source_lang="EN", target_lang="UK", glossary=made.glossary_id)
    assert not isinstance(said, list)
    sdk.delete_glossary(made)
    assert vendor.glossaries == {}
    with pytest.raises(deepl.GlossaryNotFoundException):
        sdk.get_glossary(made.glossary_id)


def test_its_refusals(sdk: deepl.DeepLClient, vendor: FakeDeepL) -> None:
    with pytest.raises(deepl.DeepLException, match="formality"):
        sdk.translate_text("One", target_lang="UK", formality="more")
    vendor.orders.statuses = [456]
    with pytest.raises(deepl.QuotaExceededException):
        sdk.translate_text("One", target_lang="UK")
    vendor.orders.statuses = [429, 503, 529]
    sdk.translate_text("One", target_lang="UK")
    with pytest.raises(deepl.AuthorizationException):
        deepl.DeepLClient("wrong", server_url=vendor.url).translate_text("One", target_lang="UK")


def test_the_sdk_alone_uploads_a_document_as_often_as_it_gets_no_answer(
    sdk: deepl.DeepLClient, vendor: FakeDeepL
) -> None:
    vendor.orders.cut = 2
    began = time.monotonic()
    sdk.translate_document_upload(b"Hello", filename="a.docx", target_lang="UK")
    assert time.monotonic() - began < 20
    assert vendor.count("/v2/document") == 3
    assert vendor.billed == 3 * MINIMUM

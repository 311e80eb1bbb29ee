"""What can be had: prices for everybody, services, languages; and people's glossaries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from translation import passages
from translation.models import Glossary
from translation.models import GlossaryCopy
from translation.tests.deepl_fake import FakeDeepL

PRICES = [
    # service, plan, characters, units, cost
    ("deepl", "Kintsugi Basic", 0, 0, "0.00"),
    ("deepl", "Kintsugi Basic", 1, 1, "0.05"),
    ("deepl", "Kintsugi Basic", 1800, 1, "0.05"),
    ("deepl", "Kintsugi Basic", 1801, 2, "0.10"),
    ("deepl", "Kintsugi Basic", 50_000, 28, "1.40"),
    ("otranslator", "Kintsugi Epic", 1801, 2, "0.20"),
    ("otranslator", "Kintsugi Epic", 1_000_000, 556, "55.60"),
    ("llm", "", 5000, 3, "0.00"),
    ("libretranslate", "", 5000, 3, "0.00"),
    ("demo", "", 5000, 3, "0.00"),
]
GLOSSARY = {
    "name": "Words",
    "source_lang": "en",
    "target_lang": "uk",
    "entries": [{"source": "house", "target": "дім"}, {"source": "house ", "target": "будинок"}],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("service", "plan", "chars", "units", "cost"), PRICES)
def test_prices_are_for_everybody_and_of_every_service(
    service: str, plan: str, chars: int, units: int, cost: str
) -> None:
    told = JsonClient().get(f"/api/translation/pricing?service={service}&char_count={chars}").json()
    assert (told["service"], told["plan"]) == (service, plan)
    assert (told["estimated_chunks"], told["estimated_cost"], told["currency"]) == (units, cost, "USD")
    assert Decimal(told["estimated_cost"]) == units * Decimal(told["price_per_1800_chars"])
    assert (told["billed_chars"], told["is_on"]) == (chars, service == "demo")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "billed", "units", "cost"),
    [
        ("format=docx", 50_000, 28, "1.40"),
        ("format=txt", 5_300, 3, "0.15"),
        ("format=pdf&pages=101", 150_000, 84, "4.20"),
        ("format=.DOCX", 50_000, 28, "1.40"),
    ],
)
def test_beside_it_what_a_file_costs_that_deepl_takes_whole(query: str, billed: int, units: int, cost: str) -> None:
    told = JsonClient().get(f"/api/translation/pricing?service=deepl&char_count=5300&{query}").json()
    assert (told["estimated_chunks"], told["estimated_cost"]) == (3, "0.15")
    assert (told["minimum_chars"], told["billed_chars"]) == (50_000, billed)
    assert (told["billed_chunks"], told["billed_cost"]) == (units, cost)
    assert "50,000 characters ($1.40)" in told["note"]


@pytest.mark.django_db
def test_what_no_price_can_be_told_of() -> None:
    for query in ("service=magic", "char_count=-1", "char_count=many"):
        assert JsonClient().get(f"/api/translation/pricing?{query}").status_code == 400


def test_services_say_what_they_are_and_what_they_lack(alice: User, vendor: FakeDeepL) -> None:
    client = signed_in(alice)
    told = {one["id"]: one for one in client.get("/api/translation/services").json()["results"]}
    assert list(told) == ["deepl", "otranslator", "llm", "libretranslate", "demo"]
    assert told["deepl"]["is_on"] and told["deepl"]["formats"]["docx"]["minimum_chars"] == 50_000
    assert told["otranslator"]["reason"] == "OTRANSLATOR_API_KEY is not set."
    assert (told["demo"]["real"], told["demo"]["is_on"]) == (False, True)
    assert all(one["keeps_data"] for one in told.values() if one["is_on"])


def test_languages_are_those_of_the_service(alice: User, vendor: FakeDeepL) -> None:
    client = signed_in(alice)
    told = client.get("/api/translation/languages").json()
    assert told["service"] == "deepl"
    by_code = {one["code"]: one for one in told["results"]}
    assert by_code["uk"] == {
        "code": "uk", "name": "Ukrainian", "native_name": "Українська",
        "source": True, "target": True, "formality": False, "glossary": True,
    }  # fmt: skip
    assert by_code["de"]["formality"] and by_code["en"]["target"]
    assert "eo" not in by_code
    assert client.get("/api/translation/languages?service=demo").json()["service"] == "demo"
    client.get("/api/translation/languages")
    assert vendor.count("/v2/languages") == 2  # once for both kinds, for a day


def test_a_glossary_is_made_changed_used_and_deleted_with_its_copies(alice: User, vendor: FakeDeepL) -> None:
    client = signed_in(alice)
    made = client.post("/api/translation/glossaries", GLOSSARY)
    assert made.status_code == 201, made.content
    glossary = made.json()
    assert glossary["entries"] == [{"source": "house", "target": "будинок"}]
    assert client.post("/api/translation/glossaries", GLOSSARY).json()["code"] == "glossary_name_taken"
    asked = {"text": "house", "target_lang": "uk", "glossary": glossary["id"]}
    for _ in range(2):
        assert client.post("/api/translation", asked).status_code == 200
    assert len(vendor.glossaries) == GlossaryCopy.objects.count() == 1
    path = f"/api/translation/glossaries/{glossary['id']}"
    changed = client.patch(path, {"entries": [{"source": "house", "target": "оселя"}]})
    assert changed.json()["entry_count"] == 1
    assert client.post("/api/translation", asked).status_code == 200
    assert [one["entries"] for one in vendor.glossaries.values()] == ["house\tоселя"]
    mismatch = client.post("/api/translation", asked | {"target_lang": "de"})
    assert (mismatch.status_code, mismatch.json()["code"]) == (400, "glossary_mismatch")
    assert client.delete(path).status_code == 204
    assert not vendor.glossaries
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("content", "entries"),
    [
        ("house\tдім\ncar\tавто\n".encode(), 2),
        ("\ufeffhouse;дім\r\n\r\ncar;авто\r\n".encode(), 2),
        ('"big, red house",великий дім\n'.encode(), 1),
        ("house,дім\n".encode("cp1251"), 1),
        (b"house\n", 0),
        (b"", 0),
        (b"\x00\x01\x02\xff", 0),
    ],
)
def test_a_glossary_comes_from_a_table(alice: User, content: bytes, entries: int) -> None:
    fields = {key: GLOSSARY[key] for key in ("name", "source_lang", "target_lang")}
    file = SimpleUploadedFile("words.csv", content)
    answer = signed_in(alice).post("/api/translation/glossaries/import", fields | {"file": file}, format="multipart")
    assert answer.status_code == (201 if entries else 415 if b"\x00" in content else 400), answer.content
    assert Glossary.objects.count() == bool(entries)
    if entries:
        assert answer.json()["entry_count"] == entries
        assert answer.json()["entries"][0]["target"].endswith("дім")


def test_a_stranger_has_no_part_in_a_glossary(alice: User, charlie: User) -> None:
    made = signed_in(alice).post("/api/translation/glossaries", GLOSSARY).json()
    stranger = signed_in(charlie)
    path = f"/api/translation/glossaries/{made['id']}"
    for answer in (stranger.get(path), stranger.patch(path, {"name": "x"}), stranger.delete(path)):
        assert answer.status_code == 404
    asked: dict[str, Any] = {"text": "house", "target_lang": "uk", "glossary": made["id"]}
    assert stranger.post("/api/translation", asked).status_code == 404
    assert stranger.get("/api/translation/glossaries").json()["results"] == []


@pytest.mark.any_stack
@pytest.mark.parametrize(
    "text",
    ["One", " a \n\n b\n", "\n", "⟦1⟧ x ⟦", "word " * 3_000, "Sentence one. " * 900, "line\n" * 2_000, "a" * 9_000],
)
def test_a_text_that_is_taken_apart_is_the_same_again(text: str) -> None:
    taken = passages.split(text)
    assert taken.joined({}) == text
    assert taken.joined({one.number: one.text for one in taken.segments}) == text
    assert all(len(one.text) <= 4_100 for one in taken.segments)

"""Documents through the front door: made, listed, changed, deleted; and the file of requirements."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from conftest import JsonClient
from core.models import StoredFile
from documents.models import Document
from documents.tests import kit
from documents.tests.factories import make_document
from documents.tests.factories import make_outline
from documents.tests.kit import NEW
from documents.tests.kit import PATH

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("desk")]


def docx(*paragraphs: str) -> bytes:
    import docx as word

    made = word.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def upload(client: JsonClient, document: Any, content: bytes, name: str = "rules.txt") -> Any:
    path = f"{PATH}/{document}/custom-requirements/upload"
    return client.post(path, {"file": SimpleUploadedFile(name, content)}, format="multipart")


class TestMaking:
    def test_a_draft_with_what_was_said_of_it(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client, kind="thesis", language="uk", target_pages=40)
        assert document["status"] == "draft"
        assert document["outline"] == {"version": 0, "sections": []}
        assert (document["kind"], document["language"], document["target_pages"]) == ("thesis", "uk", 40)
        assert (document["requirements"], document["run"], document["words"]) == (None, None, 0)
        assert kit.seen(alice_client, document["id"]) == document

    def test_markup_and_what_cannot_be_seen_is_taken_out(self, alice_client: JsonClient) -> None:
        document = kit.made(
            alice_client,
            title="Bees\u202e <b>in</b>\ncities",
            topic="<scr<b>ipt>alert(1)</scr</b>ipt>Where p < 0.05 and q > 1\x07, bees live<!-- no -->",
        )
        assert document["title"] == "Bees in cities"
        assert document["topic"] == "Where p < 0.05 and q > 1, bees live"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""), ("title", "<b></b>"), ("title", "x" * 501), ("topic", "too short"), ("target_pages", 0),
            ("target_pages", 201), ("language", "xx"), ("kind", "poem"), ("citation_style", "../apa"),
            ("citation_style", "mla"), ("additional_requirements", "x" * 5001),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused_by_field(self, alice_client: JsonClient, field: str, value: Any) -> None:
        answer = alice_client.post(PATH, NEW | {field: value})
        assert answer.status_code == 400
        assert list(answer.json()["details"]) == [field]
        assert not Document.objects.exists()

    def test_a_model_that_is_not_there(self, alice_client: JsonClient) -> None:
        assert alice_client.post(PATH, NEW | {"model": "gone-9"}).json()["code"] == "unknown_model"

    def test_the_same_client_id_makes_one(self, alice_client: JsonClient, bob_client: JsonClient) -> None:
        first = kit.made(alice_client, client_id="mine")
        assert kit.made(alice_client, client_id="mine")["id"] == first["id"]
        assert kit.made(bob_client, client_id="mine")["id"] != first["id"]
        other = alice_client.post(PATH, NEW | {"client_id": "mine", "title": "Another"})
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


class TestListing:
    def test_ones_own_newest_first_by_cursor_and_by_offset(
        self, alice_client: JsonClient, alice: User, bob: User
    ) -> None:
        titles = [f"Number {number}" for number in range(5)]
        for title in titles:
            make_document(alice, title=title)
        make_document(bob)
        page = alice_client.get(f"{PATH}?limit=3").json()
        rest = alice_client.get(page["next"]).json()
        assert [one["title"] for one in page["results"] + rest["results"]] == titles[::-1]
        page = alice_client.get(f"{PATH}?limit=2&offset=2").json()
        assert [one["title"] for one in page["results"]] == ["Number 2", "Number 1"]
        assert page["previous"] == f"{PATH}?limit=2&offset=0"
        last = alice_client.get(page["next"]).json()
        assert ([one["title"] for one in last["results"]], last["next"]) == (["Number 0"], None)
        assert alice_client.get(f"{PATH}?offset=-1").status_code == 400

    def test_the_queries_of_a_list_are_few(
        self, alice_client: JsonClient, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(20):
            make_outline(make_document(alice), f"Section of {number}")
        with django_assert_max_num_queries(3):
            assert len(alice_client.get(PATH).json()["results"]) == 20


class TestChanging:
    def test_put_writes_all_and_patch_what_is_named(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client, kind="report", target_pages=7)["id"]
        changed = alice_client.patch(f"{PATH}/{document}", {"title": "<i>Wasps</i>"}).json()
        assert (changed["title"], changed["kind"], changed["target_pages"]) == ("Wasps", "report", 7)
        replaced = alice_client.put(f"{PATH}/{document}", {"title": "Ants", "topic": "How ants live in walls"}).json()
        assert (replaced["title"], replaced["kind"], replaced["target_pages"]) == ("Ants", "essay", 10)
        assert alice_client.put(f"{PATH}/{document}", {"title": "Ants"}).status_code == 400
        assert alice_client.patch(f"{PATH}/{document}", {"title": None}).status_code == 400
        assert kit.seen(alice_client, document) == replaced

    def test_while_it_is_written_only_what_no_prompt_depends_on(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client)["id"]
        kit.begun(alice_client, "outline", document)
        refused = alice_client.patch(f"{PATH}/{document}", {"topic": "Something else altogether"})
        assert (refused.status_code, refused.json()["code"]) == (409, "run_running")
        assert upload(alice_client, document, b"Rules").json()["code"] == "run_running"
        assert alice_client.patch(f"{PATH}/{document}", {"title": "Another", "topic": NEW["topic"]}).status_code == 200

    def test_a_deleted_one_is_gone_and_what_is_written_of_it_ends(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client, client_id="mine")["id"]
        job = kit.begun(alice_client, "outline", document)
        assert alice_client.delete(f"{PATH}/{document}").status_code == 204
        assert alice_client.get(f"{PATH}/{document}").status_code == 404
        assert alice_client.get(PATH).json()["results"] == []
        assert kit.status(alice_client, job)["status"] == "cancelled"
        assert kit.made(alice_client, client_id="mine")["id"] != document, "the name is free again"
        assert kit.work() == 0

    def test_a_stranger_finds_nothing(self, charlie_client: JsonClient, alice: User) -> None:
        document = make_document(alice)
        make_outline(document, "First")
        path = f"{PATH}/{document.pk}"
        for answer in (
            charlie_client.get(path),
            charlie_client.put(path, NEW),
            charlie_client.patch(path, {"title": "Mine"}),
            charlie_client.delete(path),
            charlie_client.get(f"{path}/sections/1"),
            charlie_client.put(f"{path}/outline", {"version": 1, "sections": [{"title": "a", "target_words": 50}]}),
            upload(charlie_client, document.pk, b"Rules"),
        ):
            assert answer.status_code == 404
        document.refresh_from_db()
        assert (document.title, document.outline_version, document.requirements_text) == ("Bees in cities", 1, "")
        assert not StoredFile.objects.exists()


class TestRequirements:
    def test_the_text_of_a_word_document(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client)["id"]
        answer = upload(alice_client, document, docx("Write plainly.", "Є" * 600), "rules.docx")
        said = answer.json()
        assert (answer.status_code, said["characters"], said["truncated"]) == (200, 615, False)
        assert (said["preview"][:15], len(said["preview"]), len(said["digest"])) == ("Write plainly.\n", 500, 64)
        assert kit.seen(alice_client, document)["requirements"] == said

    def test_another_one_takes_its_place(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client)["id"]
        first = upload(alice_client, document, b"At most ten pages.").json()
        second = upload(alice_client, document, b"At most <b>five</b> pages.").json()
        assert (second["preview"], second["digest"] != first["digest"]) == ("At most five pages.", True)
        assert StoredFile.objects.count() == 1

    @pytest.mark.parametrize(
        ("content", "name", "status", "code"),
        [
            (b"\x89PNG\r\n\x1a\n" + b"0" * 64, "rules.png", 415, "unsupported_type"),
            (b"MZ\x90\x00" + b"\x00" * 64, "rules.txt", 400, "executable_refused"),
            (b"PK\x03\x04" + b"0" * 64, "rules.docx", 400, None),
            (b"<b></b> <!-- nothing -->", "rules.txt", 422, "requirements_unreadable"),
            (b"", "rules.txt", 400, None),
        ],
    )
    def test_what_cannot_be_read_changes_nothing(
        self, alice_client: JsonClient, content: bytes, name: str, status: int, code: str | None
    ) -> None:
        document = kit.made(alice_client)["id"]
        upload(alice_client, document, b"Keep these.")
        answer = upload(alice_client, document, content, name)
        assert answer.status_code == status, answer.json()
        assert code in (None, answer.json()["code"])
        assert kit.seen(alice_client, document)["requirements"]["preview"] == "Keep these."
        assert StoredFile.objects.count() == 1

    def test_more_than_ten_megabytes(self, alice_client: JsonClient) -> None:
        document = kit.made(alice_client)["id"]
        answer = upload(alice_client, document, b"a" * (10 * 1024 * 1024 + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")

    def test_ten_in_an_hour(self, alice_client: JsonClient, settings: Settings) -> None:
        settings.RATE_LIMIT_ENABLED = True
        document = kit.made(alice_client)["id"]
        for _ in range(10):
            assert upload(alice_client, document, b"Rules").status_code == 200
        assert upload(alice_client, document, b"Rules").status_code == 429

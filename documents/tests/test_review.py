"""A document that is written, in its owner's hands: sources, citations, edits, the style pass, and files of it."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from pypdf import PdfReader

from accounts.models import User
from conftest import JsonClient
from core.files import services as files
from documents import printing
from documents.models import DocumentCitation
from documents.models import DocumentExport
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.services import exporting
from documents.tests import kit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("desk")]
_measure = printing.measure


@pytest.fixture
def paper(alice_client: JsonClient) -> dict[str, Any]:
    """A document by the demo."""
    found = kit.outlined(alice_client, title="Про бджіл", language="uk")
    kit.begun(alice_client, "document", found["id"])
    kit.work()
    found = kit.seen(alice_client, found["id"])
    assert found["status"] == "completed"
    return found


def section_of(client: JsonClient, paper: dict[str, Any], number: int) -> dict[str, Any]:
    return dict(client.get(f"{kit.PATH}/{paper['id']}/sections/{number}").json())


def cited(client: JsonClient, paper: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"{kit.PATH}/{paper['id']}/citations", query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def edited(client: JsonClient, paper: dict[str, Any], section: dict[str, Any], content: Any = None) -> Any:
    body = {"content": content or section["styled"], "version": section["version"]}
    return client.patch(f"{kit.PATH}/{paper['id']}/sections/{section['number']}", body)


def with_citation(client: JsonClient, paper: dict[str, Any]) -> tuple[dict[str, Any], int, int]:
    """A section, and where in it (block, sentence) something is cited."""
    number = cited(client, paper)[0]["section"]
    section = section_of(client, paper, number)
    for place, block in enumerate(section["styled"]):
        for index, sentence in enumerate(block.get("s", [])):
            if sentence.get("c"):
                return section, place, index
    raise AssertionError("Nothing is cited.")


class TestEdits:
    def test_an_edited_sentence_is_to_be_judged_anew_and_the_others_stay(
        self, alice_client: JsonClient, paper: dict[str, Any]
    ) -> None:
        section, block, sentence = with_citation(alice_client, paper)
        before = {one["id"]: one for one in cited(alice_client, paper)}
        content = section["styled"]
        content[block]["s"][sentence]["t"] += " So it is."
        number = content[block]["s"][sentence]["c"][0]["n"]
        answer = edited(alice_client, paper, section, content)
        assert answer.status_code == 200, answer.content
        assert answer.json()["version"] == section["version"] + 1
        after = cited(alice_client, paper)
        for one in after:
            is_it = (one["section"], one["number"]) == (section["number"], number)
            support = one["lamps"]["support"]
            if is_it:
                assert (support["lamp"], support["reasons"]) == ("grey", ["edited"])
                assert one["sentence"].endswith("So it is.")
            elif one["section"] != section["number"]:
                assert one == before[one["id"]]
        late = edited(alice_client, paper, section, content)
        assert (late.status_code, late.json()["code"]) == (409, "section_changed")

    def test_a_citation_may_be_added_and_goes_with_its_mark(
        self, alice_client: JsonClient, paper: dict[str, Any]
    ) -> None:
        section, block, sentence = with_citation(alice_client, paper)
        key = DocumentSource.objects.filter(document=paper["id"]).order_by("-id")[0].key
        content = section["styled"]
        content[block]["s"][sentence]["c"] = [{"s": key, "n": 99}]
        assert edited(alice_client, paper, section, content).status_code == 200
        found = [one for one in cited(alice_client, paper) if one["section"] == section["number"]]
        new = next(one for one in found if one["number"] == 99)
        assert (new["source"], new["lamps"]["support"]["lamp"]) == (key, "grey")
        asked = alice_client.post(f"{kit.PATH}/{paper['id']}/citations/{new['id']}/recheck").json()
        assert asked["lamps"]["exists"]["reasons"] == ["demo"]
        assert asked["lamps"]["support"]["lamp"] == "grey", "it rests on no words"

    @pytest.mark.parametrize(
        ("marks", "said"),
        [([{"s": "S900", "n": 90}], "S900"), ([{"s": "S1", "n": 90}, {"s": "S1", "n": 90}], "one number")],
    )
    def test_what_cites_nothing_is_refused_whole(
        self, alice_client: JsonClient, paper: dict[str, Any], marks: list[Any], said: str
    ) -> None:
        section, block, sentence = with_citation(alice_client, paper)
        before = DocumentCitation.objects.count()
        content = section["styled"]
        content[block]["s"][sentence]["c"] = marks
        answer = edited(alice_client, paper, section, content)
        assert answer.status_code == 400
        assert said in str(answer.json()["details"])
        assert DocumentCitation.objects.count() == before

    def test_the_style_pass_is_taken_back_sentence_by_sentence(
        self, alice_client: JsonClient, paper: dict[str, Any]
    ) -> None:
        path = f"{kit.PATH}/{paper['id']}/sections/1/style"
        section = section_of(alice_client, paper, 1)
        old = [one for block in section["content"] for one in block.get("s", [])]
        new = [one for block in section["styled"] for one in block.get("s", [])]
        [changed, *_rest] = [index for index, one in enumerate(old) if one["t"] != new[index]["t"]]
        found = alice_client.post(path, {"revert": [changed]}).json()
        now = [one for block in found["styled"] for one in block.get("s", [])]
        assert now[changed]["t"] == old[changed]["t"]
        assert alice_client.post(path, {"revert": [999]}).status_code == 400


class TestCitations:
    def test_they_are_listed_in_the_order_of_reading_in_few_statements(
        self, alice_client: JsonClient, paper: dict[str, Any], django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(6):
            found = cited(alice_client, paper)
        assert [(one["section"], one["number"]) for one in found] == sorted(
            (one["section"], one["number"]) for one in found
        )
        assert cited(alice_client, paper, lamp="red") == []
        assert len(cited(alice_client, paper, lamp="amber")) == len(found)
        first = alice_client.get(f"{kit.PATH}/{paper['id']}/citations", {"limit": 1}).json()
        second = alice_client.get(first["next"]).json()
        assert [one["id"] for one in first["results"] + second["results"]] == [one["id"] for one in found[:2]]

    def test_read_it_is_green_under_a_name_and_a_veto_is_not_read_away(
        self, alice_client: JsonClient, alice: User, paper: dict[str, Any]
    ) -> None:
        one = cited(alice_client, paper)[0]
        path = f"{kit.PATH}/{paper['id']}/citations/{one['id']}"
        support = alice_client.post(f"{path}/confirm").json()["lamps"]["support"]
        assert (support["lamp"], support["method"]) == ("green", "person")
        assert support["detail"] in {alice.username, alice.display_name}
        row = DocumentCitation.objects.get(pk=one["id"])
        row.lamps["support"] |= {"lamp": "red", "reasons": ["figure"], "method": "computed"}
        row.save()
        refused = alice_client.post(f"{path}/confirm")
        assert (refused.status_code, refused.json()["code"]) == (409, "citation_wrong")

    def test_rechecked_it_is_compared_again(self, alice_client: JsonClient, paper: dict[str, Any]) -> None:
        one = cited(alice_client, paper)[0]
        row = DocumentCitation.objects.get(pk=one["id"])
        row.quote = "words that nobody wrote in any source of it"
        row.save()
        found = alice_client.post(f"{kit.PATH}/{paper['id']}/citations/{one['id']}/recheck").json()
        assert (found["lamps"]["support"]["lamp"], found["lamps"]["support"]["reasons"]) == ("red", ["not_in_source"])
        assert found["lamps"]["exists"]["lamp"] == "grey"


class TestFiles:
    def test_nothing_red_becomes_a_file_without_a_reason(self, alice_client: JsonClient, paper: dict[str, Any]) -> None:
        row = DocumentCitation.objects.filter(section__document=paper["id"])[0]
        row.lamps["support"] |= {"lamp": "red", "reasons": ["figure"]}
        row.save()
        path = f"{kit.PATH}/{paper['id']}/export"
        refused = alice_client.post(path, {"format": "docx"})
        assert (refused.status_code, refused.json()["code"]) == (409, "citations_unverified")
        assert refused.json()["citations"] == [str(row.pk)]
        reason = {"reason": "My own measurement."}
        assert alice_client.post(f"{kit.PATH}/{paper['id']}/citations/{row.pk}/override", reason).status_code == 200
        made = alice_client.post(path, {"format": "docx"})
        assert made.status_code == 200, made.content
        assert "My own measurement." in _words(made.json(), alice_client)

    def test_both_kinds_hold_the_same_and_are_made_once(
        self, alice_client: JsonClient, charlie_client: JsonClient, paper: dict[str, Any]
    ) -> None:
        path = f"{kit.PATH}/{paper['id']}/export"
        layout = {"preset": "dstu-3008"}
        made = {name: alice_client.post(path, {"format": name, "layout": layout}).json() for name in ("pdf", "docx")}
        reports = [one["report"] | {"pages": 0, "is_tagged": True, "standard": ""} for one in made.values()]
        assert reports[0] == reports[1]
        assert made["pdf"]["report"]["pages"] > 1
        again = alice_client.post(path, {"format": "pdf", "layout": layout}).json()
        assert again["id"] == made["pdf"]["id"]
        other = alice_client.post(path, {"format": "pdf", "layout": {"preset": "apa"}}).json()
        assert other["id"] != made["pdf"]["id"]
        assert charlie_client.get(made["pdf"]["download_url"]).status_code == 404
        assert "Про бджіл" in _words(made["docx"], alice_client)
        DocumentExport.objects.all().delete()
        gone = alice_client.get(made["pdf"]["download_url"])
        assert (gone.status_code, gone.json()["code"]) == (410, "export_gone")

    @pytest.mark.parametrize("layout", [{"size": 90}, {"font": "Wingdings"}, {"margins": {"left": 0}}])
    def test_a_page_that_cannot_be_set_is_refused(
        self, alice_client: JsonClient, paper: dict[str, Any], layout: dict[str, Any]
    ) -> None:
        answer = alice_client.post(f"{kit.PATH}/{paper['id']}/export", {"format": "pdf", "layout": layout})
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["layout"])

    def test_pages_are_those_of_the_printer(
        self, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch, paper: dict[str, Any]
    ) -> None:
        made = alice_client.post(f"{kit.PATH}/{paper['id']}/export", {"format": "pdf"}).json()
        monkeypatch.setattr(printing, "measure", _measure)
        counted = printing.measure(exporting.composed(DocumentSection.objects.all()[0].document))
        assert counted.text_pages < counted.pages <= made["report"]["pages"] + 2


def _words(made: dict[str, Any], client: JsonClient) -> str:
    row = DocumentExport.objects.select_related("file").get(pk=made["id"])
    assert row.file is not None
    answer = client.get(made["download_url"])
    assert (answer.status_code, str(row.file.pk) in answer["Location"]) == (302, True)
    data = files.read_bytes(row.file)
    assert len(data) == made["file_size"]
    if made["format"] == "pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)

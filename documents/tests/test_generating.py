"""Outlines and whole documents by the demo and by models that fail: what is made is made once, and paid once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from billing.metering.tokens import quotas
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from conftest import JsonClient
from core.jobs import sweeper
from core.models import Job
from core.models import StreamEvent
from documents import blocks
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentStep
from documents.services import exporting
from documents.services.running.steps import Steps
from documents.tests import kit
from documents.tests.factories import make_document
from documents.tests.factories import make_outline
from documents.tests.model_fake import FakeModel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("desk")]

SOON = timedelta(minutes=2)
CANARY = "Each chapter ends with the word zqx-heron."


def short(owner: User, *titles: str, **fields: Any) -> str:
    """A document with an outline of short sections."""
    document = make_document(owner, **fields)
    make_outline(document, *titles)
    DocumentSection.objects.filter(document=document).update(target_words=60)
    return str(document.pk)


def events(kind: str) -> list[dict[str, Any]]:
    rows = StreamEvent.objects.filter(type=kind).order_by("seq")
    return [json.loads(row.payload) for row in rows]


class TestOutlines:
    def test_the_demo_plans_as_many_words_as_the_pages_have(self, alice_client: JsonClient, alice: User) -> None:
        document = kit.made(alice_client, target_pages=3)
        job = kit.begun(alice_client, "outline", document["id"])
        assert kit.status(alice_client, job)["status"] == "queued"
        kit.work()
        found = kit.seen(alice_client, document["id"])
        assert (found["status"], found["is_demo"], found["outline"]["version"]) == ("outline_generated", True, 1)
        assert sum(one["target_words"] for one in found["outline"]["sections"]) == 900
        told = kit.status(alice_client, job)
        assert (told["status"], told["document_id"], told["run_kind"]) == ("completed", document["id"], "outline")
        assert told["tokens"] == found["tokens_used"] == UsageEntry.objects.get(user=alice).total_tokens > 0
        assert [one["status"] for one in events("job_started") + events("job_completed")] == ["queued", "completed"]
        usage = alice_client.get(f"/api/generate/usage/{alice.pk}").json()
        assert (usage["documents"], usage["calls"], usage["total_tokens"]) == (1, 1, told["tokens"])

    def test_what_is_no_outline_is_given_back_twice_and_then_it_fails(
        self, alice_client: JsonClient, models: FakeModel
    ) -> None:
        document = kit.made(alice_client, target_pages=2)["id"]
        answers = ["Certainly!", '{"sections": []}', json.dumps({"sections": [_section(words=1200)]})]
        models.says["document_outline"] = lambda _asked: answers[len(models.asked) - 1]
        job = kit.begun(alice_client, "outline", document)
        kit.work()
        told = kit.status(alice_client, job)
        assert (told["status"], told["error_code"], told["can"]) == ("failed", "outline_invalid", ["resume"])
        reasons = ["no JSON", "no sections in it"]
        assert [[reason in asked.text for reason in reasons] for asked in models.asked] == [
            [False, False],
            [True, False],
            [False, True],
        ]
        assert kit.seen(alice_client, document)["status"] == "draft"

        answers[:] = [json.dumps({"sections": [_section(words=580)]})] * 4
        assert alice_client.post(f"/api/jobs/{job}/resume").status_code == 200
        kit.work()
        assert [one["target_words"] for one in kit.seen(alice_client, document)["outline"]["sections"]] == [600]
        assert len(models.asked) == 4, "it was asked anew, and once"

    def test_a_person_reorders_adds_and_renames(self, alice_client: JsonClient, alice: User) -> None:
        document = short(alice, "One", "Two", "Three")
        path = f"{kit.PATH}/{document}/outline"
        ids = [one["id"] for one in kit.seen(alice_client, document)["outline"]["sections"]]
        wanted = [
            {"id": ids[2], "title": "<b>Third</b>", "target_words": 100},
            {"title": "New", "target_words": 50, "level": 2, "needs_sources": False},
            {"id": ids[0], "title": "One", "target_words": 60},
        ]
        said = alice_client.put(path, {"version": 1, "sections": wanted}).json()
        assert [(one["number"], one["title"], one["level"]) for one in said["sections"]] == [
            (1, "Third", 1),
            (2, "New", 2),
            (3, "One", 1),
        ]
        assert (said["version"], said["sections"][0]["id"], said["sections"][2]["id"]) == (2, ids[2], ids[0])
        new = DocumentSection.objects.get(document__pk=document, number=2)
        assert str(new.parent_id) == ids[2]
        late = alice_client.put(path, {"version": 1, "sections": wanted})
        assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "outline_changed", 2)
        foreign = alice_client.put(path, {"version": 2, "sections": [wanted[0] | {"id": ids[1]}]})
        assert (foreign.status_code, list(foreign.json()["details"])) == (400, ["sections"])

        DocumentSection.objects.filter(pk=ids[0]).update(status="completed")
        lost = alice_client.put(path, {"version": 2, "sections": wanted[:1]})
        assert (lost.status_code, lost.json()["code"], lost.json()["section"]) == (409, "section_written", 3)
        anew = alice_client.post("/api/generate/outline", {"document_id": document})
        assert (anew.status_code, anew.json()["code"]) == (409, "section_written")


def _section(words: int) -> dict[str, Any]:
    return {"title": "All of it", "goal": "Says all.", "words": words, "level": 1, "needs_sources": True}


class TestTheDemo:
    def test_a_whole_document_without_a_key(self, alice_client: JsonClient) -> None:
        document = kit.outlined(alice_client, title="Про бджіл", language="uk")["id"]
        job = kit.begun(alice_client, "document", document, client_id="once")
        assert kit.begun(alice_client, "document", document, client_id="once") == job
        assert kit.seen(alice_client, document)["status"] == "generating"
        kit.work()
        found = kit.seen(alice_client, document)
        assert (found["status"], found["stage"], found["is_demo"]) == ("completed", "", True)
        assert kit.status(alice_client, job)["progress"] == 100
        assert {one["status"] for one in found["outline"]["sections"]} == {"completed"}
        assert found["words"] == sum(one["words"] for one in found["outline"]["sections"]) > 400
        assert found["pages"] == sum(one["pages"] for one in found["outline"]["sections"]) > 0
        manuscript = exporting.composed(Document.objects.get())
        assert len(manuscript.entries) == DocumentCitation.objects.values("source").distinct().count() > 0
        for number in range(1, len(found["outline"]["sections"]) + 1):
            _is_whole(alice_client.get(f"{kit.PATH}/{document}/sections/{number}").json())
        assert not TokenHold.objects.filter(state="held").exists()
        again = alice_client.post("/api/jobs/generate/document-async", {"document_id": document})
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_write")


def _is_whole(section: dict[str, Any]) -> None:
    """Marks and citations are the same, each quote stands in its source, and nothing pretends to be real."""
    text = blocks.read(section["styled"])
    marks = [(mark.number, mark.source) for sentence in blocks.sentences(text) for mark in sentence.marks]
    rows = DocumentCitation.objects.filter(section=section["id"]).order_by("number").select_related("source")
    assert marks == [(row.number, row.source.key) for row in rows]
    assert bool(marks) == section["needs_sources"]
    assert section["styled"] != section["content"], "the style pass has changed something"
    sentences = {mark.number: sentence.text for sentence in blocks.sentences(text) for mark in sentence.marks}
    for row in rows:
        assert row.quote in row.source.passages[0]["text"]
        assert row.sentence == sentences[row.number]
        assert row.source.is_demo
        assert {name: lamp["lamp"] for name, lamp in row.lamps.items()} == {
            "exists": "grey",
            "metadata": "grey",
            "retraction": "grey",
            "support": "amber",
        }


class TestModels:
    def test_the_requirements_are_in_every_prompt_and_a_judge_reads_claim_and_quote_alone(
        self, alice_client: JsonClient, alice: User, models: FakeModel
    ) -> None:
        document = short(alice, "One", "Two", requirements_text=CANARY)
        kit.begun(alice_client, "document", document, requirements="Say “we”, never “I”.")
        kit.work()
        found = kit.seen(alice_client, document)
        assert found["status"] == "completed", (found["run"], models.asked[-1])
        writing = [asked for asked in models.asked if asked.schema != "citation_judgements"]
        assert {asked.schema for asked in writing} == {
            "document_queries", "document_plan", "document_text", "document_style", "document_summary",
        }  # fmt: skip
        assert all(CANARY in asked.text and "never “I”" in asked.text for asked in writing)
        judging = [asked for asked in models.asked if asked.schema == "citation_judgements"]
        assert {asked.model for asked in judging} == {"b"}, "not the one that wrote it"
        assert not any(CANARY in asked.text or "Bees" in asked.text for asked in judging)
        lamps = {row.lamps["support"]["lamp"] for row in DocumentCitation.objects.all()}
        assert lamps == {"green"}

    def test_a_model_is_asked_again_after_2_4_8_16_32_and_then_the_next(
        self, alice_client: JsonClient, models: FakeModel
    ) -> None:
        document = kit.made(alice_client)["id"]
        models.statuses["a"] = [429] * 6
        job = kit.begun(alice_client, "outline", document)
        waits = []
        while kit.work(ahead=SOON, at_most=1) and kit.status(alice_client, job)["status"] == "queued":
            waits.append(round((Job.objects.get(pk=job).run_at - timezone.now()).total_seconds()))
        assert [asked.model for asked in models.asked] == ["a"] * 6 + ["b"]
        assert waits == [2, 4, 8, 16, 32]
        assert kit.seen(alice_client, document)["status"] == "outline_generated"
        assert DocumentStep.objects.get(state="done").model == "b"
        assert not TokenHold.objects.filter(state="held").exists()
        assert UsageEntry.objects.filter(total_tokens__gt=0).count() == 1, "failures cost nothing"

    def test_a_section_that_fails_fails_the_run_and_resuming_begins_there(
        self, alice_client: JsonClient, alice: User, models: FakeModel
    ) -> None:
        document = short(alice, "One", "Two")
        models.says["document_plan"] = lambda asked: _plan_until(models, asked)
        job = kit.begun(alice_client, "document", document)
        kit.work()
        found = kit.seen(alice_client, document)
        assert (found["status"], found["run"]["error"]["code"]) == ("failed", "section_invalid")
        assert [one["status"] for one in found["outline"]["sections"]] == ["completed", "failed"]
        assert found["outline"]["sections"][1]["error"]["code"] == "section_invalid"
        assert events("job_failed")[-1]["error"]["code"] == "section_invalid"

        before = len(models.asked)
        del models.says["document_plan"]
        assert alice_client.post(f"/api/jobs/{job}/resume").json()["status"] == "queued"
        assert kit.seen(alice_client, document)["status"] == "generating"
        kit.work()
        assert kit.seen(alice_client, document)["status"] == "completed"
        assert models.asked[before].schema == "document_plan", "queries of this section were answered before"

    def test_whoever_runs_out_of_tokens_waits_and_goes_on(
        self, alice_client: JsonClient, alice: User, models: FakeModel
    ) -> None:
        document = short(alice, "One")
        quotas.allowance(alice.pk)
        TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=10**9)
        job = kit.begun(alice_client, "document", document)
        kit.work(ahead=SOON, at_most=1)
        found = kit.seen(alice_client, document)
        assert (found["status"], found["run"]["paused_for"]) == ("paused", "tokens")
        assert (len(models.asked), kit.status(alice_client, job)["paused_for"]) == (0, "tokens")
        kit.work(ahead=timedelta(hours=1), at_most=1)
        assert [one["status"] for one in events("job_progress")].count("paused") == 1, "told once"
        TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=0)
        kit.work(ahead=timedelta(hours=1))
        assert kit.seen(alice_client, document)["status"] == "completed"

    def test_pausing_and_cancelling(self, alice_client: JsonClient, alice: User, models: FakeModel) -> None:
        document = short(alice, "One")
        job = kit.begun(alice_client, "document", document)
        second = alice_client.post("/api/generate/section", {"document_id": document, "section_index": 1})
        assert (second.status_code, second.json()["code"]) == (409, "run_running")
        assert alice_client.post(f"/api/jobs/{job}/pause").status_code == 200
        found = kit.seen(alice_client, document)
        assert (found["status"], found["run"]["paused_for"], kit.work()) == ("paused", "owner", 0)
        assert alice_client.post(f"/api/jobs/{job}/resume").status_code == 200
        assert kit.seen(alice_client, document)["status"] == "generating"
        assert alice_client.post(f"/api/jobs/{job}/cancel").status_code == 200
        found = kit.seen(alice_client, document)
        assert (found["status"], found["run"]["status"]) == ("outline_generated", "cancelled")

        kit.begun(alice_client, "section", document, section_index=1, section_title="Uno")
        kit.work()
        found = kit.seen(alice_client, document)
        assert (found["status"], found["outline"]["sections"][0]["title"]) == ("completed", "Uno")

    def test_a_killed_process_costs_one_call_at_most_and_nothing_twice(
        self, alice_client: JsonClient, alice: User, models: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        document = short(alice, "One")
        job = kit.begun(alice_client, "document", document)
        paid, deaths = Steps._paid, iter([1, 3, 4])
        count, dies_at = 0, next(deaths)

        def die(self: Steps, *args: Any, **options: Any) -> None:
            nonlocal count, dies_at
            count += 1
            if count == dies_at:
                dies_at = count + next(deaths, 1_000)
                raise _Killed
            paid(self, *args, **options)

        monkeypatch.setattr(Steps, "_paid", die)
        for _ in range(3):
            with pytest.raises(_Killed):
                kit.work()
            Job.objects.filter(pk=job).update(lease_until=timezone.now() - SOON)
            sweeper.sweep()
        kit.work()
        assert kit.seen(alice_client, document)["status"] == "completed"
        done = DocumentStep.objects.filter(state="done").exclude(model="")
        assert len(models.asked) == done.count() + 3
        assert DocumentRun.objects.get().lost_calls == 3
        charged = UsageEntry.objects.filter(total_tokens__gt=0)
        assert (charged.count(), TokenHold.objects.filter(state="held").count()) == (done.count(), 0)
        assert Document.objects.get().tokens_used == sum(charged.values_list("total_tokens", flat=True))


class _Killed(BaseException):
    """As if the process had ended here."""


def _plan_until(models: FakeModel, asked: Any) -> str:
    """Of the first section a plan, of others none."""
    if '"title": "One", "goal"' in asked.text:
        kept = models.says.pop("document_plan")
        text = models.answer(asked)
        models.says["document_plan"] = kept
        return text
    return "I would rather not."


class TestStrangers:
    def test_nothing_is_written_for_them(self, charlie_client: JsonClient, alice: User) -> None:
        document = short(alice, "One")
        for path, more in (
            ("/api/generate/outline", {}),
            ("/api/generate/section", {"section_index": 1}),
            ("/api/jobs/generate/document-async", {}),
        ):
            assert charlie_client.post(path, {"document_id": document, **more}).status_code == 404
        assert charlie_client.get(f"/api/generate/usage/{alice.pk}").status_code == 404
        assert not DocumentRun.objects.exists()

    def test_a_job_is_its_owners(self, alice_client: JsonClient, charlie_client: JsonClient, alice: User) -> None:
        job = kit.begun(alice_client, "document", short(alice, "One"))
        assert charlie_client.get(f"/api/jobs/{job}/status").status_code == 404
        assert charlie_client.post(f"/api/jobs/{job}/cancel").status_code == 404

    def test_who_may_write(self, alice_client: JsonClient) -> None:
        (first, *_rest) = alice_client.get("/api/generate/models").json()["models"]
        assert (first["default"], first["available"]) == (True, True)

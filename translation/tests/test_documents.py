"""Documents from the door to the file, by the demo."""

from __future__ import annotations

import json
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from conftest import JsonClient
from core.models import Job
from core.models import PushNotice
from core.models import StoredFile
from core.models import StreamEvent
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.services.documents import sweeping
from translation.tests.document_kit import PATH
from translation.tests.document_kit import ask
from translation.tests.document_kit import asked
from translation.tests.document_kit import content_of
from translation.tests.document_kit import quoted
from translation.tests.document_kit import row
from translation.tests.document_kit import seen
from translation.tests.document_kit import start
from translation.tests.document_kit import translated
from translation.tests.document_kit import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]


def long_letter(parts: int) -> bytes:
    """A text that is cut into so many parts."""
    return b"\n\n".join((f"{number} " + "word " * 2_200).encode() for number in range(parts))


def events(kind: str = "translation.updated") -> list[dict[str, Any]]:
    return [json.loads(event.payload) for event in StreamEvent.objects.filter(type=kind).order_by("seq")]


def test_a_letter_is_quoted_started_and_fetched(alice: User, alice_client: JsonClient) -> None:
    found = quoted(alice_client)
    assert found["status"] == "pending"
    assert (found["service"], found["is_demo"], found["path"]) == ("demo", True, "in_place")
    assert found["quote"]["tokens"] == found["tokens_estimated"] > 0
    assert found["char_count"] == found["billed_chars"] == found["quote"]["others"][0]["characters"]
    assert not TokenHold.objects.exists(), "nothing is held before it starts"

    assert start(alice_client, found).json()["stage"] == "queued"
    work()
    done = seen(alice_client, found["id"])
    assert (done["status"], done["stage"], done["progress"]) == ("completed", "done", 100)
    text = content_of(done["files"]["result"]).decode()
    assert "⟪uk⟫ The first paragraph of a letter." in text
    assert "⟪uk⟫ The second one says more." in text
    assert done["tokens_charged"] == found["quote"]["tokens"]
    assert UsageEntry.objects.get().total_tokens == found["quote"]["tokens"]
    assert TokenQuota.objects.get(pk=alice.pk).tokens_held == 0
    answer = alice_client.get(f"{PATH}/{found['id']}/download")
    assert answer.status_code == 302
    assert alice_client.get(answer["Location"]).status_code == 200
    stages = [event["stage"] for event in events()]
    assert stages == ["inspecting", "ready", "queued", "working", "merging", "done"]
    assert events()[-1]["result_file_id"] == done["files"]["result"]
    expires = row(done).files_expire_at
    assert expires is not None
    assert timezone.now() + timedelta(days=29) < expires


def test_what_is_allowed_to_cost_so_much_starts_by_itself(alice_client: JsonClient) -> None:
    document = asked(alice_client, max_cost="0.10")
    work()
    assert seen(alice_client, document)["stage"] == "done"


def test_the_same_client_id_is_one_document(alice_client: JsonClient) -> None:
    first = ask(alice_client, client_id="mine")
    again = ask(alice_client, client_id="mine")
    assert first.json()["id"] == again.json()["id"]
    assert StoredFile.objects.count() == 1
    other = ask(alice_client, client_id="mine", target_lang="de")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


@pytest.mark.parametrize(
    ("values", "name", "status", "code"),
    [
        ({"target_lang": "xx"}, "a.txt", 400, "unsupported_language"),
        ({"target_lang": "en"}, "a.txt", 400, "same_language"),
        ({"service": "deepl"}, "a.txt", 400, "unknown_service"),
        ({"glossary": "01990000-0000-7000-8000-0000000000d0"}, "a.txt", 404, "not_found"),
        ({"max_cost": "-1"}, "a.txt", 400, "invalid"),
        ({}, "a.weird", 400, "unsupported_format"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    alice_client: JsonClient, values: dict[str, Any], name: str, status: int, code: str
) -> None:
    answer = ask(alice_client, name=name, **values)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Translation.objects.exists()
    assert not StoredFile.objects.exists()


def test_without_a_file_there_is_none(alice_client: JsonClient) -> None:
    answer = alice_client.post(PATH, {"target_lang": "uk"})
    assert (answer.status_code, answer.json()["code"]) == (400, "file_missing")


def test_another_price_is_shown_before_anything_begins(alice_client: JsonClient) -> None:
    found = quoted(alice_client)
    answer = start(alice_client, found, digest="0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    assert seen(alice_client, found["id"])["stage"] == "ready"
    Translation.objects.update(quoted_at=timezone.now() - timedelta(hours=25))
    answer = start(alice_client, found)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_expired")
    assert start(alice_client, seen(alice_client, found["id"])).status_code == 202, "there is a fresh one"


def test_started_twice_it_runs_once(alice_client: JsonClient) -> None:
    found = quoted(alice_client)
    assert start(alice_client, found).status_code == 202
    assert start(alice_client, found).status_code == 202
    work()
    assert start(alice_client, found).json()["code"] == "already_running"
    assert UsageEntry.objects.count() == 1


def test_a_part_that_fails_is_tried_again_alone(alice_client: JsonClient) -> None:
    done = translated(alice_client, long_letter(4) + b"\n\n/demo fail chunk 3", instructions="/demo fail chunk 3")
    assert (done["status"], done["error"]["code"]) == ("failed", "parts_failed")
    assert [chunk["state"] for chunk in done["chunks"]].count("failed") == 1
    assert done["chunks"][2]["error"]["message"]
    assert done["files"]["result"], "what is done can be fetched"
    charged = done["tokens_charged"]
    assert UsageEntry.objects.filter(total_tokens__gt=0).count() == len(done["chunks"]) - 1

    assert alice_client.post(f"{PATH}/{done['id']}/retry", {}).status_code == 202
    work()
    whole = seen(alice_client, done["id"])
    assert whole["stage"] == "done"
    assert whole["tokens_charged"] > charged
    assert whole["tokens_charged"] == whole["quote"]["tokens"], "what is done was not paid again"
    assert "⟪uk⟫ 2 word" in content_of(whole["files"]["result"]).decode()
    assert StoredFile.objects.filter(purpose="translation_result").count() == 1
    assert alice_client.post(f"{PATH}/{done['id']}/retry", {}).json()["code"] == "nothing_to_retry"


def test_without_tokens_it_waits_and_goes_on(alice: User, alice_client: JsonClient, settings: Settings) -> None:
    found = quoted(alice_client, long_letter(3))
    quota = TokenQuota.objects.get(pk=alice.pk)
    limits, tier = settings.TOKEN_LIMITS, quota.tier
    # A third is there, and a third comes with each window.
    settings.TOKEN_LIMITS = {**limits, tier: found["quote"]["tokens"] // 3 + 1}
    told = seen(alice_client, found["id"])["quote"]
    later = quota.reset_at + settings.TOKEN_RESET_INTERVALS[tier]
    assert (
        datetime.fromisoformat(told["finishes_at"]) == datetime.fromisoformat(told["others"][0]["finishes_at"]) == later
    )
    settings.TOKEN_LIMITS = limits
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=quota.tokens_limit - found["quote"]["tokens"] // 2)
    assert datetime.fromisoformat(seen(alice_client, found["id"])["quote"]["finishes_at"]) == quota.reset_at
    start(alice_client, found)
    work()
    waiting = seen(alice_client, found["id"])
    assert (waiting["status"], waiting["stage"]) == ("processing", "waiting_tokens")
    assert datetime.fromisoformat(waiting["quote"]["finishes_at"]) == quota.reset_at
    assert waiting["part_done"] == 1
    TokenQuota.objects.filter(pk=alice.pk).update(tokens_used=0)
    work(ahead=timedelta(hours=1))
    assert seen(alice_client, found["id"])["stage"] == "done"
    assert UsageEntry.objects.count() == len(waiting["chunks"])


def test_a_service_without_credit_is_not_asked_again_before_staff_said_so(alice_client: JsonClient) -> None:
    found = quoted(alice_client, long_letter(3), instructions="/demo fail quota")
    start(alice_client, found)
    work()
    waiting = seen(alice_client, found["id"])
    assert (waiting["stage"], waiting["error"]["code"]) == ("waiting_service", "service_quota")
    Translation.objects.update(error_code="", instructions="")
    work(ahead=timedelta(minutes=10))
    assert seen(alice_client, found["id"])["stage"] == "done"


def test_what_is_cut_off_is_asked_again_a_few_times_and_counted(alice_client: JsonClient) -> None:
    done = translated(alice_client, instructions="/demo fail cut")
    assert (done["status"], done["error"]["code"]) == ("failed", "service_doubtful")
    assert TranslationChunk.objects.get().doubtful == 4
    assert UsageEntry.objects.get().total_tokens == 0


def test_cancelled_it_costs_what_was_done(alice: User, alice_client: JsonClient) -> None:
    found = quoted(alice_client, long_letter(3))
    start(alice_client, found)
    work(at_most=2)
    answer = alice_client.post(f"{PATH}/{found['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert [chunk["state"] for chunk in answer.json()["chunks"]].count("done") == 1
    work(ahead=timedelta(hours=1))
    assert seen(alice_client, found["id"])["status"] == "cancelled"
    assert TokenQuota.objects.get(pk=alice.pk).tokens_held == 0
    assert UsageEntry.objects.filter(total_tokens__gt=0).count() == 1


def test_segments_are_corrected_and_the_file_is_built_again(alice_client: JsonClient) -> None:
    done = translated(alice_client)
    page = alice_client.get(f"{PATH}/{done['id']}/segments").json()
    assert [one["source"] for one in page["results"]] == [
        "The first paragraph of a letter.",
        "The second one says more.",
    ]
    number = page["results"][0]["number"]
    path = f"{PATH}/{done['id']}/segments/{number}"
    assert alice_client.patch(path, {"target": "Перший ⟦1⟧абзац"}).json()["code"] == "invalid"
    assert alice_client.patch(path, {"target": "Перший абзац листа."}).json()["is_edited"] is True
    assert alice_client.post(f"{PATH}/{done['id']}/rebuild").status_code == 202
    before = done["files"]["result"]
    work()
    again = seen(alice_client, done["id"])
    assert again["files"]["result"] != before
    assert "Перший абзац листа." in content_of(again["files"]["result"]).decode()
    assert not StoredFile.objects.filter(pk=before).exists()
    assert UsageEntry.objects.count() == 1, "it costs nothing"


def test_flagged_segments_alone_are_translated_once_more(alice_client: JsonClient) -> None:
    done = translated(alice_client)
    second = TranslationSegment.objects.order_by("number").last()
    assert second is not None
    TranslationSegment.objects.filter(pk=second.pk).update(state="flagged", flags=["length"], target="?")
    assert alice_client.get(f"{PATH}/{done['id']}/segments?state=flagged").json()["results"][0]["flags"] == ["length"]
    assert alice_client.post(f"{PATH}/{done['id']}/retry", {"flagged": True}).status_code == 202
    work()
    second.refresh_from_db()
    assert (second.state, second.target) == ("done", f"⟪uk⟫ {second.source}")
    first, again = UsageEntry.objects.order_by("created_at").values_list("total_tokens", flat=True)
    assert again < first, "only what is new is charged"


def test_a_sample_is_free_and_made_once(alice_client: JsonClient) -> None:
    found = quoted(alice_client)
    for _time in range(2):
        assert alice_client.post(f"{PATH}/{found['id']}/preview").status_code == 202
        work()
    sample = seen(alice_client, found["id"])["preview"]
    assert sample["is_demo"]
    assert sample["segments"][0]["target"] == "⟪uk⟫ The first paragraph of a letter."
    assert not UsageEntry.objects.exists()
    assert Job.objects.filter(kind="translation.preview").count() == 1


def test_deleted_it_is_gone_and_its_figures_stay(alice_client: JsonClient) -> None:
    done = translated(alice_client)
    assert alice_client.delete(f"{PATH}/{done['id']}").status_code == 204
    assert alice_client.get(f"{PATH}/{done['id']}").status_code == 404
    kept = Translation.objects.get()
    assert (kept.user, kept.name, kept.char_count) == (None, "", done["char_count"])
    assert not StoredFile.objects.exists()
    assert not TranslationSegment.objects.exists()
    assert events("translation.deleted") == [{"id": done["id"]}]


def test_when_its_time_is_over_the_file_is_gone_and_that_is_said(alice_client: JsonClient) -> None:
    found = quoted(alice_client)
    assert alice_client.get(f"{PATH}/{found['id']}/download").json()["code"] == "not_ready"
    start(alice_client, found)
    work()
    StoredFile.objects.update(expires_at=timezone.now())
    Translation.objects.update(files_expire_at=timezone.now())
    answer = alice_client.get(f"{PATH}/{found['id']}/download")
    assert (answer.status_code, answer.json()["code"]) == (410, "file_gone")
    sweeping.forget()
    assert not TranslationSegment.objects.exists()
    assert alice_client.get(f"{PATH}/{found['id']}/download").status_code == 410


def test_a_merge_that_nobody_began_is_begun_by_the_sweep(alice_client: JsonClient) -> None:
    found = quoted(alice_client)
    start(alice_client, found)
    work()
    Job.objects.filter(kind="translation.merge").delete()
    Translation.objects.update(status="processing", stage="working", result_file=None, completed_at=None)
    assert sweeping.sweep() == 1
    work()
    assert seen(alice_client, found["id"])["stage"] == "done"


def test_a_broken_file_says_so(alice_client: JsonClient) -> None:
    document = asked(alice_client, b"   \n", "blank.txt")
    work()
    found = seen(alice_client, document)
    assert (found["status"], found["error"]["code"]) == ("failed", "nothing_to_translate")
    assert not PushNotice.objects.exists()


ROUTES = [
    ("get", ""), ("delete", ""), ("post", "/preview"), ("post", "/start"), ("post", "/cancel"), ("post", "/retry"),
    ("get", "/download"), ("get", "/segments"), ("patch", "/segments/1"), ("post", "/rebuild"),
]  # fmt: skip


def test_a_stranger_finds_nothing(alice_client: JsonClient, charlie_client: JsonClient) -> None:
    done = translated(alice_client)
    body = {"quote_digest": done["quote"]["digest"], "target": "mine"}
    for method, route in ROUTES:
        kept = {} if method in {"get", "delete"} else {"data": body}
        answer = getattr(charlie_client, method)(f"{PATH}/{done['id']}{route}", **kept)
        assert (route, answer.status_code) == (route, 404)
    assert ask(charlie_client, file_id=str(row(done).source_file_id), file="").status_code in {400, 404}
    answer = charlie_client.post(PATH, {"target_lang": "uk", "file_id": str(row(done).source_file_id)})
    assert answer.status_code == 404
    assert seen(alice_client, done["id"])["stage"] == "done"


def test_looking_takes_few_statements(alice_client: JsonClient, django_assert_max_num_queries: Any) -> None:
    few, many = translated(alice_client), translated(alice_client, long_letter(5))
    for found in (few, many):
        with django_assert_max_num_queries(5):
            seen(alice_client, found["id"])
    with django_assert_max_num_queries(6):
        alice_client.get(f"{PATH}/{many['id']}/segments")


def test_the_source_is_told_by_its_words(alice_client: JsonClient) -> None:
    found = quoted(alice_client, ("Це перший абзац листа, і він українською.\n\n" * 3).encode(), target_lang="de",
                   source_lang="")  # fmt: skip
    assert (found["detected_lang"], found["detected_sure"]) == ("uk", True)
    same = asked(alice_client, ("Це перший абзац листа, і він українською.\n\n" * 3).encode(), source_lang="")
    work()
    assert seen(alice_client, same)["error"]["code"] == "same_language"

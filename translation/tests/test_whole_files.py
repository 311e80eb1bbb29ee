"""Documents that a service takes whole: uploaded once, asked for, fetched; what nobody can know is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.models import UsageEntry
from conftest import JsonClient
from translation.models import TranslationChunk
from translation.services.documents import callbacks
from translation.tests.document_kit import LETTER
from translation.tests.document_kit import PATH
from translation.tests.document_kit import content_of
from translation.tests.document_kit import quoted
from translation.tests.document_kit import seen
from translation.tests.document_kit import start
from translation.tests.document_kit import work
from translation.tests.otranslator_fake import KEY
from translation.tests.otranslator_fake import MARK
from translation.tests.otranslator_fake import FakeOTranslator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]
AHEAD = timedelta(minutes=2)


@pytest.fixture
def otranslator(settings: Settings) -> Iterator[FakeOTranslator]:
    """One that this site has a key for."""
    made = FakeOTranslator()
    settings.TRANSLATION = replace(settings.TRANSLATION, otranslator_api_key=KEY, otranslator_api_base=made.url)
    yield made
    made.close()


def begun(client: JsonClient, **values: Any) -> dict[str, Any]:
    """A letter that was agreed to on the path of whole files."""
    found = quoted(client, service="otranslator", path="native", **values)
    assert (found["service"], found["path"], found["cost"]) == ("otranslator", "native", "0.1000")
    assert start(client, found).status_code == 202
    return found


def test_a_file_goes_there_whole_and_comes_back(alice_client: JsonClient, otranslator: FakeOTranslator) -> None:
    found = begun(alice_client)
    work()
    part = TranslationChunk.objects.get()
    assert (part.state, part.vendor_id, part.progress) == ("sent", "task-1", 50)
    assert seen(alice_client, found["id"])["chunks"][0]["state"] == "sent"
    work(ahead=AHEAD)
    done = seen(alice_client, found["id"])
    assert (done["stage"], done["plan"]) == ("done", "Kintsugi Epic")
    assert content_of(done["files"]["result"]) == MARK + LETTER
    assert otranslator.uploads == [LETTER]
    assert otranslator.tasks["task-1"].languages == ("English", "Ukrainian")
    part.refresh_from_db()
    assert (part.doubtful, part.upload_attempt, str(part.vendor_price)) == (0, 1, "0.2500")
    assert UsageEntry.objects.get().total_tokens == done["quote"]["tokens"] == done["tokens_charged"]


@pytest.mark.parametrize("status", [429, 503])
def test_what_is_refused_for_now_is_sent_again_without_doubt(
    alice_client: JsonClient, otranslator: FakeOTranslator, status: int
) -> None:
    otranslator.failures = [status]
    found = begun(alice_client)
    work()
    assert seen(alice_client, found["id"])["stage"] == "waiting_service"
    work(ahead=AHEAD)
    assert seen(alice_client, found["id"])["stage"] == "done"
    assert (len(otranslator.uploads), TranslationChunk.objects.get().doubtful) == (1, 0)


@pytest.mark.parametrize("failure", [500, 504, "cut"])
def test_what_nobody_can_know_is_sent_once_more_and_counted(
    alice_client: JsonClient, otranslator: FakeOTranslator, failure: Any
) -> None:
    otranslator.failures = [failure]
    found = begun(alice_client)
    work(ahead=AHEAD)
    assert seen(alice_client, found["id"])["stage"] == "done"
    part = TranslationChunk.objects.get()
    assert (part.doubtful, part.upload_attempt) == (1, 2)
    assert len(otranslator.uploads) <= 1 + part.doubtful
    assert UsageEntry.objects.count() == 1, "the user is charged once"


def test_too_many_doubts_are_a_persons_matter(alice_client: JsonClient, otranslator: FakeOTranslator) -> None:
    otranslator.failures = [500] * 9
    found = begun(alice_client)
    work(ahead=AHEAD)
    failed = seen(alice_client, found["id"])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "service_doubtful")
    assert UsageEntry.objects.get().total_tokens == 0
    otranslator.failures = []
    alice_client.post(f"{PATH}/{found['id']}/retry", {})
    work(ahead=AHEAD)
    assert seen(alice_client, found["id"])["stage"] == "done"


@pytest.mark.parametrize(("status", "code"), [(402, "service_quota"), (401, "service_rejected_key")])
def test_without_credit_or_key_it_waits_for_staff(
    alice_client: JsonClient, otranslator: FakeOTranslator, status: int, code: str
) -> None:
    otranslator.failures = [status]
    found = begun(alice_client)
    work()
    waiting = seen(alice_client, found["id"])
    assert (waiting["stage"], waiting["error"]["code"]) == ("waiting_service", code)
    assert waiting["chunks"][0]["state"] == "waiting"
    work(ahead=timedelta(minutes=1))
    assert not otranslator.uploads, "nobody asks before staff said so"


def test_what_the_service_cannot_do_has_failed_and_costs_nothing(
    alice_client: JsonClient, otranslator: FakeOTranslator
) -> None:
    otranslator.terminated = {"letter.txt"}
    found = begun(alice_client)
    work(ahead=AHEAD)
    failed = seen(alice_client, found["id"])
    assert (failed["status"], failed["error"]["code"]) == ("failed", "service_refused")
    assert UsageEntry.objects.get().total_tokens == 0


def test_what_the_service_has_lost_is_sent_once_more(alice_client: JsonClient, otranslator: FakeOTranslator) -> None:
    found = begun(alice_client)
    work()
    otranslator.forgotten = {"task-1"}
    work(ahead=AHEAD)
    assert seen(alice_client, found["id"])["stage"] == "done"
    part = TranslationChunk.objects.get()
    assert (part.doubtful, part.vendor_id, len(otranslator.uploads)) == (1, "task-2", 2)
    assert UsageEntry.objects.count() == 1


def test_a_callback_only_makes_us_look(
    alice_client: JsonClient, otranslator: FakeOTranslator, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://kintsugi.example"
    begun(alice_client)
    work()
    part = TranslationChunk.objects.get()
    path = otranslator.callbacks[0].removeprefix("https://kintsugi.example")
    for wrong in ("/webhook/otranslator/nonsense", f"{path}x"):
        assert alice_client.post(wrong, {"taskId": part.vendor_id, "status": "Completed"}).status_code == 404
    assert alice_client.post(path, {"taskId": "another", "status": "Cancelled"}).status_code == 204
    assert work() > 0, "it is looked at now"
    part.refresh_from_db()
    assert part.state == "done"
    assert alice_client.post(path).status_code == 204, "a late one changes nothing"
    assert callbacks.poke(callbacks.token_of(part))


def test_only_so_many_lie_there_at_once(
    alice: User, alice_client: JsonClient, otranslator: FakeOTranslator, settings: Settings
) -> None:
    settings.TRANSLATION = replace(settings.TRANSLATION, deepl_at_once=2)
    otranslator.looks = 2
    for _number in range(4):
        begun(alice_client)
    work()
    states = list(TranslationChunk.objects.order_by("pk").values_list("state", flat=True))
    assert sorted(states) == ["sent", "sent", "waiting", "waiting"]
    work(ahead=AHEAD)
    assert set(TranslationChunk.objects.values_list("state", flat=True)) == {"done"}
    assert len(otranslator.uploads) == 4

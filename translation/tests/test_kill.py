"""Documents whose workers are killed at any point: the same file, paid once, uploaded as often as was in doubt.

``TRANSLATION_KILL_RUNS`` says of how many; the controls have to go red.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from conftest import JsonClient
from core.files import services as files
from core.models import StoredFile
from translation.models import Translation
from translation.models import TranslationChunk
from translation.services.documents import merging
from translation.tests import mortal
from translation.tests.document_kit import quoted
from translation.tests.document_kit import start
from translation.tests.document_kit import work
from translation.tests.otranslator_fake import KEY
from translation.tests.otranslator_fake import MARK
from translation.tests.otranslator_fake import FakeOTranslator
from translation.tests.test_documents import long_letter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]
logger = logging.getLogger(__name__)
RUNS = int(os.environ.get("TRANSLATION_KILL_RUNS", "2"))
SEED = int(os.environ.get("SEED", "1"))


@pytest.fixture
def otranslator(settings: Settings) -> Iterator[FakeOTranslator]:
    made = FakeOTranslator(latency=0.01)
    settings.TRANSLATION = replace(settings.TRANSLATION, otranslator_api_key=KEY, otranslator_api_base=made.url)
    yield made
    made.close()


def begin(client: JsonClient, count: int) -> None:
    """So many letters by our own path, and so many that a service takes whole; five at once are a person's most."""
    for number in range(count):
        content = f"Letter {number}\n\n".encode() + long_letter(3)
        assert start(client, quoted(client, content, f"own-{number}.txt", service="demo")).status_code == 202
        whole = f"Whole letter {number}.\n".encode()
        found = quoted(client, whole, f"whole-{number}.txt", service="otranslator", path="native")
        assert start(client, found).status_code == 202


def live(fake: FakeOTranslator, settings: Settings, **order: Any) -> Counter[str]:
    """Let processes work on them, and die."""
    given: dict[str, Any] = {
        "database": str(connection.settings_dict["NAME"]),
        "media": str(settings.MEDIA_ROOT),
        "otranslator": fake.url,
        "key": KEY,
        "seed": SEED,
    } | order
    done = subprocess.run(
        [sys.executable, "-m", "translation.tests.mortal", json.dumps(given)],
        check=False,
        capture_output=True,
        text=True,
        timeout=given.get("seconds", 240) + 120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Counter(json.loads(done.stdout.splitlines()[-1]))


def problems(fake: FakeOTranslator) -> list[str]:
    """What is not as it must be."""
    found = []
    uploads = Counter(fake.uploads)
    for translation in Translation.objects.all():
        parts = list(TranslationChunk.objects.filter(translation=translation))
        if translation.status != "completed" or translation.result_file is None:
            found.append(f"{translation.name} is {translation.stage} {translation.error_code}")
            continue
        assert translation.source_file is not None
        source = files.read_bytes(translation.source_file)
        made = files.read_bytes(translation.result_file)
        if translation.path == "native":
            if made != MARK + source:
                found.append(f"{translation.name} is another file")
            if uploads[source] > 1 + parts[0].doubtful:
                found.append(f"{translation.name} was uploaded {uploads[source]} times, {parts[0].doubtful} in doubt")
        elif made.decode().count("⟪uk⟫") != source.decode().count("\n\n") + 1:
            found.append(f"{translation.name} is another file")
        booked = UsageEntry.objects.filter(reference=str(translation.pk), total_tokens__gt=0)
        if booked.count() != len(parts):
            found.append(f"{translation.name} was paid {booked.count()} times for {len(parts)} parts")
        if translation.tokens_charged != translation.tokens_estimated:
            found.append(f"{translation.name} cost {translation.tokens_charged}, not {translation.tokens_estimated}")
    if TokenHold.objects.filter(state=TokenHold.State.HELD).exists():
        found.append("tokens are held for ever")
    if StoredFile.objects.filter(purpose="translation_result").count() != Translation.objects.count():
        found.append("there are files that nobody knows")
    return found


@pytest.mark.timeout(3600)
def test_whenever_its_worker_dies_a_document_ends_and_is_paid_once(
    alice: User, alice_client: JsonClient, otranslator: FakeOTranslator, settings: Settings
) -> None:
    begin(alice_client, RUNS)
    TokenQuota.objects.update(tokens_limit=-1)
    seen = live(otranslator, settings, death=0.01, in_call=0.1)
    logger.warning("%s, doubtful: %s", dict(seen), _doubts())
    assert seen["killed"] > 0, "or nothing was tried"
    assert problems(otranslator) == []


def _doubts() -> int:
    return sum(TranslationChunk.objects.values_list("doubtful", flat=True))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutant", mortal.MUTANTS)
@pytest.mark.skipif("TRANSLATION_KILL_RUNS" not in os.environ, reason="the controls take minutes")
def test_without_one_of_the_things_it_hangs_on_something_happens_twice(
    alice: User, alice_client: JsonClient, otranslator: FakeOTranslator, settings: Settings, mutant: str
) -> None:
    begin(alice_client, 2)
    TokenQuota.objects.update(tokens_limit=-1)
    live(otranslator, settings, mutant=mutant, death=0.002, in_call=0.4, seconds=120)
    assert problems(otranslator), f"nobody has noticed {mutant}"


def test_of_two_merges_one_file_is_kept(alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have made their file before either of them keeps it."""
    from core import jobs
    from core.jobs import claims
    from core.jobs.run import Run
    from core.models import Job

    start(alice_client, quoted(alice_client))
    work(at_most=2)
    assert Translation.objects.get().stage == "merging"
    job = Job.objects.get(kind="translation.merge")
    both_made = threading.Barrier(2, timeout=60)
    keep = merging._keep

    def late(*arguments: Any) -> None:
        both_made.wait()
        keep(*arguments)

    monkeypatch.setattr(merging, "_keep", late)
    ends: list[str] = []

    def merge(run: Run) -> None:
        try:
            merging.work(run)
            ends.append("kept")
        except jobs.LeaseLost:
            ends.append("lost")
        finally:
            connection.close()

    rows = Job.objects.all()
    first = claims.claim(rows, job.pk, lease=settings.TRANSLATION.retention, state="running")
    second = claims.claim(rows, job.pk, lease=settings.TRANSLATION.retention, state="running")
    assert first and second
    threads = [threading.Thread(target=merge, args=[Run(one, lease=60, timeout=60)]) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["kept", "lost"]
    assert StoredFile.objects.filter(purpose="translation_result").count() == 1
    assert Translation.objects.get().stage == "done"

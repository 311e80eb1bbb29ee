"""Documents whose workers are killed at any point: the same file, paid once, uploaded as often as was in doubt.

``make prove-translation`` is the long run: ``TRANSLATION_KILL_RUNS`` runs of each service, in each of them two workers
are killed fifty times, and the controls have to go red. Without it all services have one run of a few kills.
"""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from pytest_django.fixtures import Settings

from billing import metering
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from conftest import JsonClient
from core.files import blobs
from core.files import services as files
from core.models import StoredFile
from translation import limits
from translation.models import Translation
from translation.models import TranslationChunk
from translation.services.documents import merging
from translation.tests import mortal
from translation.tests.deepl_fake import FakeDeepL
from translation.tests.document_kit import quoted
from translation.tests.document_kit import start
from translation.tests.document_kit import work
from translation.tests.model_fake import FakeModel
from translation.tests.model_fake import say
from translation.tests.otranslator_fake import KEY
from translation.tests.otranslator_fake import MARK
from translation.tests.otranslator_fake import FakeOTranslator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("documents")]
logger = logging.getLogger(__name__)
RUNS = int(os.environ.get("TRANSLATION_KILL_RUNS", "0"))
SEED = int(os.environ.get("SEED", "1"))
KILLS = 50 if RUNS else 3
SERVICES = ("demo", "otranslator", "deepl", "llm")
FOUND_BY = {
    "no_doubts": ", 0 in doubt",
    "key_per_attempt": " was held ",
    "sent_twice": " was uploaded ",
    "paid_before_stored": " was paid ",
}
"""What is said of each mutant: another sentence would be another fault."""
WORD, RENDERED = "responsibility", "відповідальність"
"""Long ones of one token: a part is one call to a model."""


@dataclass(frozen=True)
class World:
    """Services, their addresses for other processes, and the one who has documents translated there."""

    otranslator: FakeOTranslator
    deepl: FakeDeepL
    model: FakeModel
    client: JsonClient

    def uploads(self, service: str) -> Counter[bytes]:
        return Counter(self.deepl.uploads if service == "deepl" else self.otranslator.uploads)


@pytest.fixture
def world(alice_client: JsonClient, vendor: FakeDeepL, model: FakeModel, settings: Settings) -> Iterator[World]:
    otranslator = FakeOTranslator(latency=0.01)
    settings.TRANSLATION = replace(
        settings.TRANSLATION, otranslator_api_key=KEY, otranslator_api_base=otranslator.url, deepl_at_once=8
    )
    # What lies at the service unfetched has expired there by the time that anybody asks.
    vendor.orders.most_unfetched = 1_000
    vendor.orders.render = lambda content: content if content.startswith(b"%PDF") else MARK + content
    model.answer = lambda asked: say({key: text.replace(WORD, RENDERED) for key, text in asked.segments.items()})
    yield World(otranslator, vendor, model, alice_client)
    otranslator.close()


def begin(world: World, service: str, number: int) -> None:
    """A document by this service, in three parts where its run is long; a part by our own path has 100 words."""
    name = f"{service}-{number}"
    if service == "deepl" and RUNS and number % 2:
        # A book is handed over in parts; all have the same look, and are told apart by their size of page.
        begun = quoted(world.client, book(number), f"{name}.pdf", service=service, path="native")
    elif service in {"deepl", "otranslator"}:
        begun = quoted(
            world.client, f"A whole letter {number}.\n".encode(), f"{name}.txt", service=service, path="native"
        )
    else:
        begun = quoted(world.client, own_letter(number), f"{name}.txt", service=service, path="in_place")
    assert (begun["service"], start(world.client, begun).status_code) == (service, 202)
    TokenQuota.objects.update(tokens_limit=-1)


def own_letter(number: int) -> bytes:
    """By our own path; paragraphs differ, so that the memory spares no call."""
    parts = 3 if RUNS else 1
    words = f"{WORD} " * (limits.CHUNK_CHARS // 20 // len(WORD))
    paragraphs = [f"{number} {part} {line} {words}" for part in range(parts) for line in range(18)]
    return "\n\n".join(paragraphs if RUNS else paragraphs[:2]).encode()


def book(number: int) -> bytes:
    """101 pages with a word on each."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        for page in range(101):
            pdf.add_blank_page(page_size=(300, 300))
            here = pdf.pages[page].obj
            here.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
            here.Contents = pdf.make_stream(b"BT /F 12 Tf 20 200 Td (Book %d has a page %d.) Tj ET" % (number, page))
        pdf.save(made)
    return made.getvalue()


def live(world: World, settings: Settings, **order: Any) -> Counter[str]:
    """Let processes work on them, and die."""
    ours = settings.TRANSLATION
    names = ("deepl_api_key", "deepl_api_base", "deepl_at_once", "otranslator_api_key", "otranslator_api_base")
    given: dict[str, Any] = {
        "database": str(connection.settings_dict["NAME"]),
        "media": str(settings.MEDIA_ROOT),
        "services": {name: getattr(ours, name) for name in names},
        "model": world.model.base_url,
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
    # Of whoever was killed in a call to a model, when its time is over.
    metering.sweep(timezone.now() + timedelta(days=1))
    return Counter(json.loads(done.stdout.splitlines()[-1]))


def problems(world: World) -> list[str]:
    """What is not as it must be."""
    found = []
    for translation in Translation.objects.all():
        if translation.status != "completed" or translation.result_file is None:
            found.append(f"{translation.name} is {translation.stage} {translation.error_code}")
            continue
        parts = list(TranslationChunk.objects.filter(translation=translation).order_by("number"))
        found += [f"{translation.name} {problem}" for problem in _of_file(world, translation, parts)]
        booked = UsageEntry.objects.filter(reference=str(translation.pk), total_tokens__gt=0)
        if booked.count() != len(parts):
            found.append(f"{translation.name} was paid {booked.count()} times for {len(parts)} parts")
        charged = booked.aggregate(sum=Sum("total_tokens"))["sum"]
        if translation.tokens_charged != charged or charged > translation.tokens_estimated:
            found.append(f"{translation.name} cost {charged}, not {translation.tokens_charged}")
        if translation.service == "llm":
            continue
        if charged != translation.tokens_estimated:
            found.append(f"{translation.name} cost {charged}, not {translation.tokens_estimated}")
        held = TokenHold.objects.filter(reference=str(translation.pk)).count()
        if held != len(parts):
            found.append(f"{translation.name} was held {held} times for {len(parts)} parts")
    if TokenHold.objects.filter(state=TokenHold.State.HELD).exists():
        found.append("tokens are held for ever")
    if StoredFile.objects.filter(purpose="translation_result").count() != Translation.objects.count():
        found.append("there are files that nobody knows")
    return found


def _of_file(world: World, translation: Translation, parts: list[TranslationChunk]) -> Iterator[str]:
    assert translation.source_file is not None
    assert translation.result_file is not None
    source = files.read_bytes(translation.source_file)
    made = files.read_bytes(translation.result_file)
    if translation.path == "in_place":
        word = RENDERED if translation.service == "llm" else "⟪uk⟫"
        least = source.decode().count(WORD) if word == RENDERED else source.decode().count("\n\n") + 1
        if made.decode().count(word) != least:
            yield "is another file"
        return
    uploads = world.uploads(translation.service)
    for part in parts:
        content = source if len(parts) == 1 else blobs.read(part.source_key).read(-1)
        if uploads[content] > 1 + part.doubtful:
            yield f"was uploaded {uploads[content]} times, {part.doubtful} in doubt"
    if len(parts) == 1 and made != MARK + source:
        yield "is another file"
    if len(parts) > 1:
        with pikepdf.open(io.BytesIO(made)) as pdf:
            if len(pdf.pages) != parts[-1].page_to:
                yield f"has {len(pdf.pages)} pages"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("services", [(one,) for one in SERVICES] * RUNS if RUNS else [SERVICES])
def test_whenever_its_worker_dies_a_document_ends_and_is_paid_once(
    world: World, settings: Settings, services: tuple[str, ...]
) -> None:
    seen: Counter[str] = Counter()
    while seen["killed"] < KILLS:
        for number in range(max(1, 4 // len(services))):
            for service in services:
                begin(world, service, seen["documents"] + number)
        seen["documents"] += 4
        danger = {"death": 0.02, "in_call": 0.15, "kills": KILLS - seen["killed"]}
        seen += live(world, settings, lease=5.0 if RUNS else 2.0, **danger)
        assert problems(world) == []
    logger.warning("%s: %s, doubtful: %s, uploads: %s", services, dict(seen), _doubts(), _uploads(world))


def _doubts() -> int:
    return sum(TranslationChunk.objects.values_list("doubtful", flat=True))


def _uploads(world: World) -> int:
    return len(world.deepl.uploads) + len(world.otranslator.uploads)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutant", mortal.MUTANTS)
@pytest.mark.skipif(not RUNS, reason="the controls take minutes")
def test_without_one_of_the_things_it_hangs_on_something_happens_twice(
    world: World, settings: Settings, mutant: str
) -> None:
    found: list[str] = []
    for number in range(5):
        for one in range(4):
            begin(world, mortal.MUTANTS[mutant], 4 * number + one)
        live(world, settings, mutant=mutant, death=0.005, in_call=0.4, kills=40, seconds=120)
        found = problems(world)
        if any(FOUND_BY[mutant] in problem for problem in found):
            break
    logger.warning("%s: %s", mutant, found)
    assert any(FOUND_BY[mutant] in problem for problem in found), f"nobody has noticed {mutant}: {found}"


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

"""A thousand notices of a process that is killed again and again: each arrives once, or its reason stands in a row."""

from __future__ import annotations

import collections
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kintsugi.config import BASE_DIR
from tests.kit.databases import migrated_database
from tests.kit.processes import environment
from tests.kit.processes import manage
from tests.kit.processes import wait_for
from tests.kit.push_service import Answer
from tests.kit.push_service import PushService

DEVICES, KILLS = 20, 3

SUBSCRIBE = """
import json, sys
from django.conf import settings
settings.PUSH_SCHEMES = ("http",)
from accounts.models import User
from core import push
from core.models import Job
from core.push import subscriptions
for number, browsers in enumerate(json.load(open({browsers!r}))):
    user = User.objects.create_user(username=f"user{{number}}")
    for browser in browsers:
        subscriptions.subscribe(user, endpoint=browser["endpoint"], **browser["keys"])
push.notify([
    push.Notice(user_id=pk, kind="message", tag="c:1", title="Tea", plain="New message", url="/app")
    for pk in User.objects.values_list("pk", flat=True)
])
"""

WORK = """
import time
from django.conf import settings
settings.PUSH_NETWORKS, settings.PUSH_SCHEMES = ["127.0.0.0/8"], ("http",)
from django.utils import timezone
from core.jobs import worker
from core.models import Job, PushNotice
from core.push import sending
{fault}
Job.objects.filter(state="running").update(state="queued", lease_until=None)
while job := Job.objects.filter(kind="core.send_push").exclude(state__in=["succeeded", "failed"]).first():
    if job.run_at <= timezone.now():
        worker.run_job(job.pk)
    time.sleep(0.05)
"""

TELL = """
import json
from core.models import Job, PushNotice, PushSubscription
print(json.dumps({
    "rows": list(PushNotice.objects.values_list("state", "error")),
    "open": PushNotice.objects.filter(finished_at=None).count(),
    "left": PushSubscription.objects.count(),
    "jobs": list(Job.objects.values_list("state", flat=True)),
}))
"""

SENDS_AGAIN = """
# A broken engine: what a lost process was sending is taken for what it had not begun.
sending._finish_many = lambda rows, reason, real=sending._finish_many: (
    rows.update(state="waiting") if reason == sending._LOST else real(rows, reason)
)
"""


@pytest.fixture
def service() -> Iterator[PushService]:
    running = PushService()
    yield running
    running.close()


def mood(number: int) -> Answer | None:
    """Ten in a hundred are put off, five have ended."""
    if number % 10 == 3:
        return 429, {"Retry-After": "1"}
    return (410, {}) if number % 20 == 7 else None


def _wait_for_more(service: PushService, requests: int) -> None:
    until = len(service.requests) + requests
    wait_for(lambda: len(service.requests) >= until, "Nothing was sent.")


def play(
    tmp_path: Path, service: PushService, *, people: int, fault: str = ""
) -> tuple[collections.Counter[str], dict[str, Any]]:
    """Subscribe, send, kill some times in mid-work; how often each notice was shown, and what the rows say."""
    service.moods = mood
    browsers = [[service.browser().subscription() for _ in range(DEVICES)] for _ in range(people)]
    listed = tmp_path / "browsers.json"
    listed.write_text(json.dumps(browsers))
    with migrated_database(tmp_path) as settings:
        env = environment(tmp_path, **settings)
        begun = manage("shell", "--no-imports", "-c", SUBSCRIBE.format(browsers=str(listed)), env=env, timeout=100)
        assert begun.returncode == 0, begun.stderr
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", WORK.format(fault=fault)]
        chance = random.Random(7)
        for killed in itertools.count(1):
            with subprocess.Popen(command, cwd=BASE_DIR, env=env, stderr=subprocess.DEVNULL) as worker:
                if killed <= KILLS:
                    _wait_for_more(service, chance.randrange(10, 60))
                    worker.kill()
                worker.wait(90)
            if killed > KILLS:
                break
        told = manage("shell", "--no-imports", "-c", TELL, env=env)
        assert told.returncode == 0, told.stderr
    shown = collections.Counter(n["id"] for b in service.browsers.values() for n in b.shown)
    return shown, json.loads(told.stdout)


@pytest.mark.timeout(300)
def test_each_of_a_thousand_arrives_once_or_its_reason_is_a_row(tmp_path: Path, service: PushService) -> None:
    shown, told = play(tmp_path, service, people=50)
    assert service.complaints == []
    assert set(shown.values()) == {1}
    reasons = collections.Counter(error for _state, error in told["rows"])
    lost = reasons["The process that sent it was lost; it may have arrived."]
    ended = reasons["The browser has ended its subscription."]
    assert (sum(reasons.values()), told["open"]) == (1000, 0)
    assert {state for state, error in told["rows"] if not error} == {"sent"}
    assert reasons[""] <= len(shown) <= reasons[""] + lost, (len(shown), reasons)
    assert reasons[""] + lost + ended == 1000, reasons
    assert ended > 0 < lost, reasons
    assert told["left"] == 1000 - ended
    assert set(told["jobs"]) == {"succeeded"}


@pytest.mark.timeout(300)
def test_control_an_engine_that_sends_again_is_found(tmp_path: Path, service: PushService) -> None:
    shown, _told = play(tmp_path, service, people=12, fault=SENDS_AGAIN)
    assert max(shown.values()) > 1

"""Documents through the front door, and jobs done at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from conftest import JsonClient
from core.jobs import worker
from core.models import Job

PATH = "/api/documents"
NEW = {"title": "Bees in cities", "topic": "How wild bees live in cities", "target_pages": 2}


def made(client: JsonClient, **values: Any) -> dict[str, Any]:
    """A new document."""
    answer = client.post(PATH, NEW | values)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def seen(client: JsonClient, document: Any) -> dict[str, Any]:
    """The document as its owner sees it."""
    answer = client.get(f"{PATH}/{document}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def begun(client: JsonClient, what: str, document: Any, **values: Any) -> str:
    """The id of the job that writes an ``outline``, a ``section``, or the ``document``."""
    path = "/api/jobs/generate/document-async" if what == "document" else f"/api/generate/{what}"
    answer = client.post(path, {"document_id": str(document), **values})
    assert answer.status_code == 202, answer.json()
    return str(answer.json()["job_id"])


def outlined(client: JsonClient, **values: Any) -> dict[str, Any]:
    """A document with an outline."""
    document = made(client, **values)
    begun(client, "outline", document["id"])
    work()
    return seen(client, document["id"])


def work(*, ahead: timedelta = timedelta(), at_most: int = 0, most: int = 200) -> int:
    """Do the jobs of documents that wait, as if ``ahead`` had passed at each; answers how many runs there were."""
    done = 0
    while done < most:
        due = Job.objects.filter(kind__startswith="documents.", state=Job.State.QUEUED)
        waiting = due.filter(run_at__lte=timezone.now() + ahead).order_by("run_at", "id").first()
        if waiting is None:
            return done
        Job.objects.filter(pk=waiting.pk).update(run_at=timezone.now())
        worker.run_job(waiting.pk)
        done += 1
        if done == at_most:
            return done
    raise AssertionError("it never ends")


def status(client: JsonClient, job: str) -> dict[str, Any]:
    """What the API says of a job."""
    answer = client.get(f"/api/jobs/{job}/status")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())

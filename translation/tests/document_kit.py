"""Documents through the front door, and jobs done at once."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from conftest import JsonClient
from core.files import services as files
from core.jobs import worker
from core.models import Job
from core.models import StoredFile
from translation.models import Translation

PATH = "/api/translation/documents"
LETTER = b"The first paragraph of a letter.\n\nThe second one says more.\n"


def ask(client: JsonClient, content: bytes = LETTER, name: str = "letter.txt", **values: Any) -> Any:
    """The answer to a document that comes along."""
    body = {"target_lang": "uk", "source_lang": "en", "file": SimpleUploadedFile(name, content), **values}
    return client.post(PATH, body, format="multipart")


def asked(client: JsonClient, content: bytes = LETTER, name: str = "letter.txt", **values: Any) -> str:
    """Its id."""
    answer = ask(client, content, name, **values)
    assert answer.status_code == 202, answer.json()
    return str(answer.json()["id"])


def work(*, ahead: timedelta = timedelta(), at_most: int = 0, most: int = 400) -> int:
    """Do the jobs of translation that wait, and those they make, as if ``ahead`` had passed; answers how many."""
    done = 0
    while done < most:
        due = Job.objects.filter(kind__startswith="translation.", state=Job.State.QUEUED)
        waiting = list(due.filter(run_at__lte=timezone.now() + ahead).order_by("run_at", "id")[:1])
        if not waiting:
            return done
        Job.objects.filter(pk=waiting[0].pk).update(run_at=timezone.now())
        worker.run_job(waiting[0].pk)
        done += 1
        if done == at_most:
            return done
    raise AssertionError("it never ends")


def seen(client: JsonClient, document: str) -> dict[str, Any]:
    """The document as its owner sees it."""
    answer = client.get(f"{PATH}/{document}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def quoted(client: JsonClient, content: bytes = LETTER, name: str = "letter.txt", **values: Any) -> dict[str, Any]:
    """A document that was read, and waits."""
    document = asked(client, content, name, **values)
    work()
    found = seen(client, document)
    assert found["stage"] == "ready", found["error"]
    return found


def start(client: JsonClient, found: dict[str, Any], **quote: Any) -> Any:
    """Agree to what is quoted."""
    digest = quote.get("digest") or found["quote"]["digest"]
    return client.post(f"{PATH}/{found['id']}/start", {"quote_digest": digest})


def translated(client: JsonClient, content: bytes = LETTER, name: str = "letter.txt", **values: Any) -> dict[str, Any]:
    """A document that was translated to its end, however that is."""
    found = quoted(client, content, name, **values)
    assert start(client, found).status_code == 202
    work(ahead=timedelta(minutes=1))
    return seen(client, found["id"])


def content_of(file_id: str) -> bytes:
    """The bytes of a file."""
    return files.read_bytes(StoredFile.objects.get(pk=UUID(file_id)))


def row(found: dict[str, Any]) -> Translation:
    """Its row."""
    return Translation.objects.get(pk=found["id"])


def docx(*paragraphs: str) -> bytes:
    """A document of a word processor."""
    import docx as word

    made = word.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()

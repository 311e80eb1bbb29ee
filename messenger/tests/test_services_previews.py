from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from core.jobs import worker
from core.jobs.models import Job
from core.models import StreamEvent
from messenger import opengraph
from messenger.models import Conversation
from messenger.models import LinkPreview
from messenger.models import Message
from messenger.services import messages
from messenger.services import previews
from messenger.tests.factories import make_direct

PAGE = b"""<!doctype html><html><head><meta charset="utf-8"><title>Not this</title>
<meta property="og:title" content="Tea &amp; biscuits"><meta property="og:site_name" content="The Tea Site">
<meta name="description" content="How to make tea."></head><body><title>Nor this</title></body></html>"""


class Site:
    """A site on loopback; ``before`` runs while a page is being asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.before()
                status, headers, body = outer.pages[self.path]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_args: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def page(self, path: str, body: bytes = PAGE, status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"Content-Type": "text/html"} | named, body)
        return self.url + path


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    settings.LINK_PREVIEW_NETWORKS = ["127.0.0.0/8"]
    site = Site()
    yield site
    site.http.shutdown()
    site.http.server_close()


@pytest.fixture
def talk(alice: User, bob: User) -> Conversation:
    return make_direct(alice, bob)


def work() -> list[str]:
    """Do the jobs that wait, as a worker does; the states they end in."""
    jobs = list(Job.objects.filter(kind=previews.KIND, state=Job.State.QUEUED))
    for job in jobs:
        worker.run_job(job.pk)
    return [Job.objects.get(pk=job.pk).state for job in jobs]


def test_a_link_gets_its_preview_from_a_worker(alice: User, talk: Conversation, site: Site) -> None:
    link = site.page("/tea")
    said = messages.send(alice, conversation_id=talk.pk, content=f"Look: {link}.").message
    assert (said.link_preview, site.asked) == (None, [])
    assert work() == ["succeeded"]
    row = Message.objects.get()
    wanted = {
        "url": link,
        "title": "Tea & biscuits",
        "description": "How to make tea.",
        "site_name": "The Tea Site",
    }
    assert row.link_preview == wanted
    assert row.is_edited is False
    event = StreamEvent.objects.get(type="message.updated")
    assert (event.subject, event.seq) == (row.pk, 2)
    assert '"title":"Tea & biscuits"' in event.payload


def test_a_page_is_fetched_once_for_everybody(alice: User, bob: User, talk: Conversation, site: Site) -> None:
    link = site.page("/tea")
    for actor in (alice, bob):
        messages.send(actor, conversation_id=talk.pk, content=link)
        work()
    assert site.asked == ["/tea"]
    assert Message.objects.exclude(link_preview__isnull=True).count() == 2
    LinkPreview.objects.update(fetched_at=timezone.now() - timedelta(days=8))
    previews.fetch(link)
    assert site.asked == ["/tea"] * 2
    LinkPreview.objects.update(fetched_at=timezone.now() - timedelta(days=31))
    assert previews.delete_old() == 1


def test_the_work_for_a_link_does_not_hold_the_link(alice: User, talk: Conversation, site: Site) -> None:
    messages.send(alice, conversation_id=talk.pk, content=site.page("/canary-4c1e"))
    assert "canary" not in str(Job.objects.filter(kind=previews.KIND).values())
    assert work() == ["succeeded"]
    assert site.asked == ["/canary-4c1e"]
    assert "canary" not in str(LinkPreview.objects.values())
    assert "canary-4c1e" in str(Message.objects.values_list("link_preview"))


@pytest.mark.parametrize("meanwhile", ["edited", "deleted"])
def test_nothing_is_shown_when_the_message_changed_meanwhile(
    alice: User, talk: Conversation, site: Site, meanwhile: str
) -> None:
    link = site.page("/tea")
    said = messages.send(alice, conversation_id=talk.pk, content=link).message
    job = Job.objects.get(kind=previews.KIND)
    if meanwhile == "edited":
        messages.edit(alice, message_id=said.id, content="Never mind")
    else:
        messages.delete(alice, message_id=said.id)
    events = StreamEvent.objects.count()
    assert worker.run_job(job.pk) is True
    assert site.asked == []
    assert previews.attach(said.id, link) is False
    assert Message.objects.get().link_preview is None
    assert StreamEvent.objects.count() == events


@pytest.mark.django_db(transaction=True)
def test_an_edit_during_the_fetch_wins(alice: User, bob: User, site: Site, settings: Settings) -> None:
    settings.LINK_PREVIEWS = False  # no worker but this one
    talk = make_direct(alice, bob)
    link = site.page("/tea")
    said = messages.send(alice, conversation_id=talk.pk, content=link).message

    def edit() -> None:
        messages.edit(alice, message_id=said.id, content="Never mind")
        connections.close_all()

    site.before = edit
    assert previews.attach(said.id, link) is False
    assert site.asked == ["/tea"]
    assert Message.objects.get().link_preview is None


def test_an_edit_changes_the_preview_with_the_link(alice: User, talk: Conversation, site: Site) -> None:
    first, second = site.page("/tea"), site.page("/coffee", b"<title>Coffee</title>")
    said = messages.send(alice, conversation_id=talk.pk, content=first).message
    work()
    kept = messages.edit(alice, message_id=said.id, content=f"See {first}")
    assert kept.link_preview is not None
    assert messages.edit(alice, message_id=said.id, content=second).link_preview is None
    work()
    assert Message.objects.get().link_preview == {
        "url": second,
        "title": "Coffee",
        "description": "",
        "site_name": "",
    }


def test_what_is_no_page_has_no_preview(alice: User, talk: Conversation, site: Site) -> None:
    links = [
        site.page("/gone", status=404),
        site.page("/picture", Content_Type="image/png"),
        site.page("/silent", b"<p>No title</p>"),
        site.page("/away", status=302, Location="http://10.0.0.1/tea"),
        "http://10.255.255.1/inside",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1.nip.invalid/",
    ]
    for link in links:
        messages.send(alice, conversation_id=talk.pk, content=link)
    assert set(work()) == {"succeeded"}
    assert Message.objects.filter(link_preview__isnull=True).count() == len(links)
    assert LinkPreview.objects.filter(preview__isnull=True).count() == len(links)


def test_loopback_is_not_asked(alice: User, talk: Conversation, site: Site, settings: Settings) -> None:
    settings.LINK_PREVIEW_NETWORKS = []
    messages.send(alice, conversation_id=talk.pk, content=site.page("/tea"))
    assert work() == ["succeeded"]
    assert site.asked == []


@pytest.mark.django_db
def test_a_page_is_read_at_its_beginning_only(site: Site) -> None:
    link = site.page("/long", PAGE + b"x" * 3_000_000)
    preview = previews.fetch(link)
    assert preview is not None
    assert preview["title"] == "Tea & biscuits"


def test_it_can_be_switched_off(alice: User, talk: Conversation, settings: Settings) -> None:
    settings.LINK_PREVIEWS = False
    messages.send(alice, conversation_id=talk.pk, content="https://example.com/")
    assert not Job.objects.filter(kind=previews.KIND).exists()


@pytest.mark.parametrize(
    ("body", "charset", "title"),
    [
        (b"<title> Two\n lines </title>", "", "Two lines"),
        ("<title>Чай</title>".encode("windows-1251"), "windows-1251", "Чай"),
        ('<meta charset="koi8-r"><title>Чай</title>'.encode("koi8-r"), "", "Чай"),
        ("<title>茶</title>".encode(), "nonsense", "茶"),
        (b"<title>" + b"x" * 300, "", "x" * 199 + "…"),
        (b"<title>a\x00\xe2\x80\xaeb</title>", "utf-8", "a b"),
        (b"<title>Before</title><![<!", "", "Before"),
        (b"<title></title>", "", None),
        (b"", "", None),
    ],
)
def test_a_page_says_its_title(body: bytes, charset: str, title: str | None) -> None:
    said = opengraph.describe(opengraph.Source(body, charset))
    assert (said and said["title"]) == title

"""The outbox, against a mail server nobody here wrote (aiosmtpd)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from typing import cast

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session
from django.utils import timezone

from accounts.models import User
from core import mail
from core.jobs import worker
from core.mail import services
from core.models import Job
from core.models import OutgoingMail
from tests.kit.processes import free_port

pytestmark = pytest.mark.django_db
LETTER = mail.Letter(
    subject="Вхід",
    paragraphs=("Hello <b>there</b>", "Second & last."),
    button=mail.Button("Sign in", "https://chat.example.org/app/magic#token=canary-55"),
    after=("Works once.",),
)


@dataclass
class Post:
    """A mail server: what it took, and what it says next."""

    taken: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the server's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipients:
            return self.recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        content = cast("bytes", envelope.original_content)
        self.taken.append(email.message_from_bytes(content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    handler = Post()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield handler
    controller.stop()


def write(**changes: Any) -> OutgoingMail:
    return mail.send("test.letter", LETTER, to="dora@example.com", language="en", **changes)


def run() -> bool:
    """One try of the only job, whenever it is due."""
    job = Job.objects.get()
    with time_machine.travel(max(job.run_at, timezone.now()) + timedelta(seconds=1), tick=False):
        return worker.run_job(job.pk)


def state(row: OutgoingMail) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.error


def test_a_letter_arrives_as_text_and_html_and_is_forgotten(post: Post) -> None:
    row = write()
    assert run()
    [letter] = post.taken
    assert (letter["Subject"], letter["To"], letter["Auto-Submitted"]) == ("Вхід", "dora@example.com", "auto-generated")
    assert letter["Message-ID"] == f"<{row.pk}@localhost>"
    text = letter.get_body(("plain",))
    html = letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hello <b>there</b>" in text.get_content()
    assert "token=canary-55" in text.get_content()
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in html.get_content()
    assert 'href="https://chat.example.org/app/magic#token=canary-55"' in html.get_content()
    row.refresh_from_db()
    assert (row.state, row.recipient, row.content) == ("sent", None, None)
    assert not run()


def test_what_waits_is_encrypted(post: Post) -> None:
    write()
    stored = str(OutgoingMail.objects.extra(select={"raw": "content", "whom": "recipient"}).values("raw", "whom"))
    assert "canary-55" not in stored
    assert "dora" not in stored
    assert "enc1:" in stored


def test_a_server_that_is_busy_is_asked_again(post: Post) -> None:
    post.answers = ["451 later", "421 later"]
    row = write()
    assert run()
    assert (state(row)[0], post.taken) == ("waiting", [])
    assert run()
    assert run()
    assert state(row) == ("sent", "")
    assert len(post.taken) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"recipients": ["550 nobody"]}, "The mail server refuses the address (550)."),
        ({"answers": ["554 spam"]}, "The mail server refuses the letter (554)."),
    ],
)
def test_a_refusal_is_final_and_says_why(post: Post, said: dict[str, list[str]], sentence: str) -> None:
    vars(post).update(said)
    row = write()
    assert run()
    assert state(row) == ("failed", sentence)
    assert row.content is None
    assert Job.objects.get().state == Job.State.SUCCEEDED


def test_a_recipient_that_is_put_off_is_tried_again(post: Post) -> None:
    post.recipients = ["450 greylisted"]
    row = write()
    run()
    run()
    assert state(row)[0] == "sent"


def test_a_server_that_is_away_is_given_up_in_the_end(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    row = write()
    for _ in range(services.ATTEMPTS):
        assert state(row)[0] == "waiting"
        assert run()
    assert state(row) == ("failed", "The mail server could not be used (ConnectionRefusedError).")
    assert row.recipient is None


def test_a_letter_is_not_sent_when_its_link_is_over(post: Post) -> None:
    row = write(expires_at=timezone.now() + timedelta(minutes=10))
    Job.objects.update(run_at=timezone.now() + timedelta(minutes=11))
    run()
    assert (state(row)[0], post.taken) == ("failed", [])


def test_a_process_that_dies_after_the_handover_sends_the_same_letter_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = write()
    with monkeypatch.context() as patch:
        patch.setattr(services, "_finish", _die)
        run()
    run()
    assert state(row)[0] == "sent"
    assert len({letter["Message-ID"] for letter in post.taken}) == 1


def _die(*_arguments: Any) -> None:
    raise SystemError("killed")


def test_what_nobody_could_send_is_given_up_and_old_rows_go(post: Post) -> None:
    row = write()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert services.forget() == 1
    assert state(row)[0] == "failed"
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        services.forget()
    assert not OutgoingMail.objects.exists()


def test_the_check_signs_in_and_sends_nothing(post: Post, settings: Any) -> None:
    mail.check()
    assert post.taken == []
    settings.EMAIL_PORT = free_port()
    with pytest.raises(OSError):
        mail.check()


def test_a_letter_goes_with_its_user(alice: User) -> None:
    write(user=alice)
    alice.delete()
    assert not OutgoingMail.objects.exists()


def test_without_a_server_letters_are_shown_and_kept(
    settings: Any, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    settings.EMAIL_BACKEND = "core.mail.backends.FolderBackend"
    settings.VAR_DIR = tmp_path
    write()
    run()
    [kept] = (tmp_path / "mail").iterdir()
    assert b"canary-55" in kept.read_bytes()
    assert "token=canary-55" in capsys.readouterr().out


def test_a_subject_cannot_add_a_header(post: Post) -> None:
    evil = mail.Letter(subject="Hi\nBcc: x@example.com", paragraphs=("x",))
    row = mail.send("test.letter", evil, to="dora@example.com", language="en")
    run()
    assert state(row)[0] == "sent"
    [letter] = post.taken
    assert (letter["Subject"], letter["Bcc"]) == ("Hi Bcc: x@example.com", None)


def test_the_staffs_view_shows_no_content(admin_client: Any) -> None:
    row = write()
    page = admin_client.get(f"/admin/core/outgoingmail/{row.pk}/change/").content.decode()
    assert "canary-55" not in page
    assert "dora@example.com" not in page
    assert admin_client.get("/admin/core/outgoingmail/").status_code == 200
    assert admin_client.get("/admin/core/outgoingmail/add/").status_code == 403

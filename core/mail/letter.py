"""What stands in a letter, and how it looks. Every letter of the house has one shape, so there is one layout."""

from __future__ import annotations

import json
from dataclasses import asdict
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True, slots=True)
class Button:
    """What the letter is for, as one link: the label, and an absolute URL."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in the language of who gets it. ``after`` stands below the button, in small print."""

    subject: str
    paragraphs: tuple[str, ...]
    button: Button | None = None
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A name that somebody chose may stand in it: whatever that holds, it stays on the line of the subject.
        object.__setattr__(self, "subject", " ".join(self.subject.split()))

    def to_json(self) -> str:
        """The stored form."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The other way round."""
        values = json.loads(text)
        button = values["button"]
        return cls(
            subject=values["subject"],
            paragraphs=tuple(values["paragraphs"]),
            button=Button(**button) if button else None,
            after=tuple(values["after"]),
        )


def message(letter: Letter, *, to: str, language: str, message_id: str) -> EmailMultiAlternatives:
    """The letter as text and HTML.

    Auto-Submitted (RFC 3834) keeps holiday answers away; the Message-ID is the row's, so that a letter which was sent
    twice, because a process died in between, can be told from two letters.
    """
    with translation.override(language):
        context = {"letter": letter, "site": settings.PUBLIC_URL, "language": language}
        mail = EmailMultiAlternatives(
            subject=letter.subject,
            body=render_to_string("mail/letter.txt", context).strip() + "\n",
            to=[to],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("mail/letter.html", context), "text/html")
    return mail

"""What is too long or too short so far moves the words of the sections to come."""

from __future__ import annotations

import pytest

from accounts.models import User
from documents.models import Document
from documents.models import DocumentSection
from documents.services.running.length import words_for
from documents.tests.factories import make_document
from documents.tests.factories import make_outline

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("pages", "words", "wanted"),
    [
        (0.0, 0, 400),  # nothing was measured
        (2.0, 800, 400),  # as it was planned: 800 words are two pages, and 800 are left for two
        (2.2, 800, 327),  # it grows: 655 words fit on what is left
        (3.9, 800, 300),  # never by more than a quarter
        (1.0, 800, 500),
        (9.0, 800, 300),  # too long already
    ],
)
def test_words_follow_what_was_measured(alice: User, pages: float, words: int, wanted: int) -> None:
    document = make_document(alice, target_pages=4)
    first, second, _third = make_outline(document, "One", "Two", "Three")
    DocumentSection.objects.filter(document=document).update(target_words=400)
    DocumentSection.objects.filter(pk=first.pk).update(status="completed")
    Document.objects.filter(pk=document.pk).update(pages=pages, words=words)
    second.refresh_from_db()
    assert words_for(second) == wanted

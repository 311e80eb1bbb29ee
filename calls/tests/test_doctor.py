"""What the doctor says of ways and deadlines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from calls import doctor
from calls.models import Call
from calls.tests.factories import call_settings
from calls.tests.kit import begin
from core import sql
from messenger.models import Conversation


@pytest.mark.django_db
def test_no_deadline_is_over() -> None:
    assert [(one.state, one.sentence) for one in doctor.deadlines()] == [("ok", "None is over.")]


def test_a_call_over_its_time_is_found(talk: Conversation, alice: User) -> None:
    begin(alice, talk)
    Call.objects.update(due_at=sql.now() - timedelta(minutes=3))
    (found,) = doctor.deadlines()
    assert (found.state, "1 calls are over their time" in found.sentence) == ("warn", True)
    assert "nobody ever looked" in found.sentence


def test_what_is_missing_is_said_in_words(settings: Settings) -> None:
    settings.CALLS = call_settings()
    said = " ".join(one.sentence for one in doctor.ways())
    assert "TURN_URLS" in said
    assert "up to 4 with pictures, 6 with sound" in said

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.core.management import call_command
from django.test import override_settings

from accounts.models import User
from accounts.services import sessions
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from tests.kit.processes import environment
from tests.kit.processes import manage

pytestmark = pytest.mark.django_db


def _seed(*arguments: str) -> str:
    out = StringIO()
    call_command("seed_demo", *arguments, stdout=out)
    return out.getvalue()


def _password(output: str) -> str:
    found = re.search(r"password (\S+)", output)
    assert found, output
    return found[1]


def test_alice_and_bob_can_sign_in_with_the_password_shown() -> None:
    password = _password(_seed())
    assert [user.check_password(password) for user in User.objects.order_by("username")] == [True, True]
    assert list(User.objects.order_by("username").values_list("username", flat=True)) == ["alice", "bob"]


def test_a_second_run_changes_nothing_and_shows_no_password() -> None:
    password = _password(_seed())
    again = _seed()
    assert password not in again
    assert "shown when they were made" in again
    assert User.objects.get(username="alice").check_password(password)
    assert User.objects.count() == 2


def test_a_new_password_can_be_asked_for() -> None:
    first = _password(_seed())
    session = sessions.open_session(User.objects.get(username="bob")).session
    second = _password(_seed("--new-password"))
    assert second != first
    assert User.objects.get(username="bob").check_password(second)
    session.refresh_from_db()
    assert session.revoked_at is not None, "whoever was in with the old password is out"


def test_they_have_something_to_look_at_that_is_made_once() -> None:
    _seed()
    group = Conversation.objects.get(type="group")
    assert (group.name, group.participants.count()) == ("Kintsugi", 2)
    said = list(Message.objects.filter(sender__isnull=False).values_list("content", flat=True))
    assert len(said) == 4
    _seed()
    assert Conversation.objects.count() == 2
    assert Message.objects.filter(sender__isnull=False).count() == 4


def test_users_who_blocked_each_other_are_left_alone() -> None:
    _seed()
    Message.objects.all().delete()
    alice, bob = User.objects.order_by("username")
    Block.objects.create(blocker=alice, blocked=bob)
    assert "Sign in as" in _seed()
    assert not Message.objects.exists()


@override_settings(ENVIRONMENT="production")
def test_production_refuses_unless_forced() -> None:
    with pytest.raises(CommandError, match="do not belong in production"):
        _seed()
    assert not User.objects.exists()
    _seed("--force")
    assert User.objects.count() == 2


def test_an_empty_database_can_be_migrated_on_the_way(tmp_path: Path) -> None:
    result = manage("seed_demo", "--migrate", env=environment(tmp_path), timeout=180)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Sign in as alice or bob, password ")

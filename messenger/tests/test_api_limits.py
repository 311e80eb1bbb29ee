"""What one person may make others learn in a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from messenger.models import Conversation
from messenger.models import Message
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row

ROOT = "/api/messenger/conversations"
Asked = Callable[[JsonClient, Conversation, Message, list[str]], Any]

ASKED: dict[str, tuple[int, Asked]] = {
    "conversation": (2, lambda client, *_: client.post(ROOT, {"type": "group", "name": "Tea", "participant_ids": []})),
    "bring_in": (
        4,
        lambda client, _group, _said, others: client.post(
            ROOT, {"type": "group", "name": "Tea", "participant_ids": others}
        ),
    ),
    "bring_in by adding": (
        4,
        lambda client, group, _said, others: client.post(f"{ROOT}/{group.pk}/participants", {"user_ids": others}),
    ),
    "forward": (
        2,
        lambda client, group, said, _others: client.post(
            f"/api/messenger/messages/{said.pk}/forward", {"conversation_ids": [str(group.pk)]}
        ),
    ),
    "invite": (2, lambda client, group, *_: client.post(f"{ROOT}/{group.pk}/invites", {})),
    "export": (2, lambda client, group, *_: client.get(f"{ROOT}/{group.pk}/export")),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_reaches_many_people_is_limited_in_time(
    alice: User, bob: User, charlie: User, settings: Any, name: str
) -> None:
    alice_client, bob_client = signed_in(alice), signed_in(bob)
    allowed, ask = ASKED[name]
    group = make_group(alice, bob)
    said = make_row(make_direct(alice, bob), alice)
    settings.RATE_LIMIT_ENABLED = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {name.split(maxsplit=1)[0]: (allowed, 3600)}
    others = [str(bob.pk), str(charlie.pk)]
    statuses = [ask(alice_client, group, said, others).status_code for _ in range(3)]
    assert (statuses[0] < 300, statuses[1] < 300, statuses[2]) == (True, True, 429)
    assert ask(bob_client, group, said, others).status_code != 429


def test_stories_are_limited_in_time(alice_client: JsonClient, alice: User, settings: Any) -> None:
    settings.RATE_LIMIT_ENABLED = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"story": (2, 3600)}
    body = {"media_id": str(alice.pk)}  # no file: refused after it was counted
    statuses = [alice_client.post("/api/messenger/stories", body).status_code for _ in range(3)]
    assert statuses == [404, 404, 429]

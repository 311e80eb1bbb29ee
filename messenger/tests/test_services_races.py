"""What two people do in the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection
from django.db import transaction

from accounts.models import User
from accounts.tests.parallel import at_once
from conftest import make_user
from conftest import signed_in
from core.errors import DomainError
from core.errors import NotFound
from messenger import access
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Participant
from messenger.services import blocks
from messenger.services import conversations
from messenger.services import invites
from messenger.services import messages
from messenger.services import participants
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.reading import events
from messenger.tests.reading import notes
from messenger.tests.reading import types

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_begin_a_direct_conversation_at_once(alice: User, bob: User) -> None:
    sides = [(signed_in(alice), bob), (signed_in(bob), alice)] * 3

    def begin(index: int) -> tuple[int, UUID]:
        client, other = sides[index]
        body = {"type": "direct", "participant_ids": [str(other.pk)]}
        answer = client.post("/api/messenger/conversations", body)
        return answer.status_code, answer.json()["id"]

    answers = at_once(len(sides), begin)
    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert {found for _, found in answers} == {str(Conversation.objects.get().pk)}
    assert types(alice) == types(bob) == ["conversation.created"]


@pytest.mark.parametrize("_attempt", range(3))
def test_two_admins_leave_at_once_and_one_member_follows(alice: User, bob: User, charlie: User, _attempt: int) -> None:
    group = make_group(alice, bob, charlie)
    Participant.objects.filter(user=bob).update(role="admin")
    leaving = [alice, bob]
    at_once(2, lambda index: _leave(leaving[index], group))
    left = group.participants.get()
    assert (left.user, left.role) == (charlie, "admin")
    assert notes(group).count("promoted") == 1


def test_two_admins_demote_each_other_at_once(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    group.participants.update(role="admin")
    pairs = [(alice, bob), (bob, alice)]

    def demote(index: int) -> str:
        actor, other = pairs[index]
        try:
            participants.set_role(actor, conversation_id=group.pk, user_id=other.pk, role="member")
        except DomainError as error:
            return error.code
        return "done"

    assert sorted(at_once(2, demote)) == ["done", "forbidden"]
    assert group.participants.filter(role="admin").count() == 1


def test_the_last_two_members_leave_at_once(alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    leaving = [alice, bob]
    at_once(2, lambda index: _leave(leaving[index], group))
    group.refresh_from_db()
    assert group.deleted_at is not None
    assert not group.participants.exists()


def test_the_last_use_of_an_invite_lets_one_in(alice: User) -> None:
    group = make_group(alice)
    invite = invites.create(alice, conversation_id=group.pk, max_uses=1)
    guests = [make_user(f"guest-{number}") for number in range(4)]

    def join(index: int) -> str:
        try:
            invites.join(guests[index], token=invite.token)
        except DomainError as error:
            return error.code
        return "in"

    assert sorted(at_once(4, join)) == ["in", "not_found", "not_found", "not_found"]
    assert (Invite.objects.get().uses, group.participants.count()) == (1, 2)


def test_one_who_joins_twice_at_once_is_in_once(alice: User, bob: User) -> None:
    group = make_group(alice)
    invite = invites.create(alice, conversation_id=group.pk)
    at_once(3, lambda _: invites.join(bob, token=invite.token).pk)
    assert (Invite.objects.get().uses, group.participants.count()) == (1, 2)
    assert types(bob) == ["conversation.created"]


def test_the_same_people_added_by_two_admins_are_in_once(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob)
    group.participants.update(role="admin")
    admins = [alice, bob]
    at_once(2, lambda index: participants.add(admins[index], conversation_id=group.pk, user_ids=[charlie.pk]))
    assert group.participants.count() == 3
    assert types(charlie) == ["conversation.created"]


def test_two_block_each_other_at_once(alice: User, bob: User) -> None:
    make_direct(alice, bob)
    pairs = [(alice, bob), (bob, alice)]
    at_once(2, lambda index: blocks.block(pairs[index][0], user_id=pairs[index][1].pk)[1])
    assert Block.objects.count() == 2
    at_once(2, lambda index: blocks.unblock(pairs[index][0], user_id=pairs[index][1].pk))
    for user in (alice, bob):
        assert [payload["is_blocked"] for _, payload in events(user)] == [True, False]


def _leave(user: User, group: Conversation) -> None:
    participants.remove(user, conversation_id=group.pk, user_id=user.pk)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_forward_that_brings_a_conversation_back_waits_for_nobody_who_waits_for_it(
    alice: User, bob: User, charlie: User
) -> None:
    """Streams of conversations are taken before those of people, over all conversations of a forward."""
    direct, group = make_direct(alice, bob), make_group(charlie, alice)
    assert direct.pk.int < group.pk.int
    said = messages.send(alice, conversation_id=direct.pk, content="Tea?").message
    conversations.delete_conversation(bob, conversation_id=direct.pk)

    def forward() -> None:
        try:
            messages.forward(alice, message_id=said.id, conversation_ids=[direct.pk, group.pk])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        access.lock_conversation(group.pk)
        forwarding = pool.submit(forward)
        _until_somebody_waits()
        participants.add(charlie, conversation_id=group.pk, user_ids=[bob.pk])
        transaction.on_commit(lambda: forwarding.result(10))
    assert forwarding.exception() is None
    assert types(bob)[-2:] == ["conversation.created", "conversation.created"]


def _until_somebody_waits() -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_settings_of_somebody_removed_in_that_moment_are_not_found(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = make_group(alice, bob)
    before = access.member_of

    def member_of(actor: User, conversation_id: UUID, **more: bool) -> Participant:
        found = before(actor, conversation_id, **more)
        Participant.objects.filter(pk=found.pk).delete()
        return found

    monkeypatch.setattr(access, "member_of", member_of)
    with pytest.raises(NotFound):
        conversations.change_settings(bob, conversation_id=group.pk, is_muted=True)
    assert types(bob) == []

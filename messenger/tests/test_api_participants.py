from __future__ import annotations

from typing import Any
from uuid import uuid4

from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from conftest import JsonClient
from conftest import make_user
from messenger import limits
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant
from messenger.stream_resolver import ConversationStreams
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import membership
from messenger.tests.reading import audiences
from messenger.tests.reading import events
from messenger.tests.reading import notes
from messenger.tests.reading import types


def _path(conversation: Conversation, user: User | None = None) -> str:
    members = f"/api/messenger/conversations/{conversation.pk}/participants"
    return f"{members}/{user.pk}" if user else members


def _add(client: JsonClient, conversation: Conversation, *users: User) -> Any:
    return client.post(_path(conversation), {"user_ids": [str(user.pk) for user in users]})


# Reading -------------------------------------------------------------------------------------------------------------


def test_members_are_paged_in_the_order_they_came(bob_client: JsonClient, alice: User, bob: User) -> None:
    others = User.objects.bulk_create(User(username=f"member-{number}") for number in range(5))
    group = make_group(alice, bob, *others)
    names: list[str] = []
    path = f"{_path(group)}?limit=3"
    while path:
        page = bob_client.get(path).json()
        names += [row["user"]["username"] for row in page["results"]]
        path = page["next"]
    assert names == ["alice", "bob", *(f"member-{number}" for number in range(5))]
    found = bob_client.get(f"{_path(group)}?search=BER-3").json()["results"]
    assert [row["user"]["username"] for row in found] == ["member-3"]


def test_a_stranger_neither_reads_nor_changes_members(charlie_client: JsonClient, alice: User, bob: User) -> None:
    group, charlie = make_group(alice, bob), User.objects.get(username="charlie")
    answers = [
        charlie_client.get(_path(group)),
        _add(charlie_client, group, charlie),
        charlie_client.patch(_path(group, bob), {"role": "admin"}),
        charlie_client.delete(_path(group, bob)),
        charlie_client.delete(_path(group, charlie)),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert group.participants.count() == 2
    assert types(group) == []


# Adding --------------------------------------------------------------------------------------------------------------


def test_an_admin_adds_people_who_listen_from_that_instant(
    alice_client: JsonClient, charlie_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, bob)
    make_row(group, alice, "before")
    answer = _add(alice_client, group, bob, charlie)
    assert answer.status_code == 200
    body = answer.json()
    assert [member["user"]["username"] for member in body["participants"]] == ["charlie"]
    assert body["participant_count"] == 3

    assert types(group) == ["participant.added", "message.new"]
    assert events(group)[0][1]["participants"] == body["participants"]
    assert notes(group) == ["added"]
    ((kind, payload),) = events(charlie)
    assert (kind, payload["conversation"]["last_seq"]) == ("conversation.created", 3)
    assert audiences(charlie) == [{"opens": {f"c:{group.pk}": 3}}]
    assert types(bob) == types(alice) == []
    seen = charlie_client.get(f"/api/messenger/conversations/{group.pk}").json()
    assert (seen["unread_count"], seen["role"]) == (0, "member")


def test_adding_who_is_there_already_tells_nothing(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    assert _add(alice_client, group, bob).json() == {"participants": [], "participant_count": 2}
    assert types(group) == types(bob) == []


def test_members_do_not_add_and_direct_conversations_stay_two(
    bob_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    assert _add(bob_client, make_group(alice, bob), charlie).status_code == 403
    assert _add(bob_client, make_direct(alice, bob), charlie).status_code == 400
    assert not Participant.objects.filter(user=charlie).exists()


def test_unknown_suspended_and_blocked_people_are_not_added(
    alice_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    Block.objects.create(blocker=charlie, blocked=alice)
    unknown = alice_client.post(_path(group), {"user_ids": [str(uuid4())]})
    assert unknown.status_code == _add(alice_client, group, bob).status_code == 404
    assert _add(alice_client, group, charlie).json()["code"] == "blocked"
    assert group.participants.count() == 1


def test_a_group_is_full_at_its_limit(alice_client: JsonClient, alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice)
    crowd = User.objects.bulk_create(User(username=f"crowd-{number}") for number in range(limits.MEMBERS - 2))
    Participant.objects.bulk_create(Participant(conversation=group, user=user) for user in crowd)
    full = _add(alice_client, group, bob, charlie)
    assert (full.status_code, full.json()["code"]) == (409, "group_full")
    assert _add(alice_client, group, bob).status_code == 200


# Roles ---------------------------------------------------------------------------------------------------------------


def test_an_admin_makes_admins_and_takes_it_back(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    assert alice_client.patch(_path(group, bob), {"role": "admin"}).json()["role"] == "admin"
    assert alice_client.patch(_path(group, bob), {"role": "admin"}).status_code == 200
    assert alice_client.patch(_path(group, bob), {"role": "member"}).json()["role"] == "member"
    told = [payload["role"] for kind, payload in events(group) if kind == "participant.updated"]
    assert told == ["admin", "member"]
    assert notes(group) == ["promoted", "demoted"]


def test_the_last_admin_stays_one(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    refused = alice_client.patch(_path(group, alice), {"role": "member"})
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert membership(group, alice).role == "admin"


def test_roles_are_for_admins_members_and_groups(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, bob)
    assert bob_client.patch(_path(group, bob), {"role": "admin"}).status_code == 403
    assert alice_client.patch(_path(group, charlie), {"role": "admin"}).status_code == 404
    assert alice_client.patch(_path(group, bob), {"role": "owner"}).status_code == 400
    assert alice_client.patch(_path(make_direct(alice, bob), bob), {"role": "admin"}).status_code == 400
    assert types(group) == []


# Going ---------------------------------------------------------------------------------------------------------------


def test_who_is_removed_hears_nothing_more(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, bob, charlie)
    assert group.pk in ConversationStreams().heads(bob.pk)
    assert alice_client.delete(_path(group, bob)).status_code == 204
    assert types(group) == ["participant.removed", "message.new"]
    assert events(group)[0][1] == {
        "conversation_id": str(group.pk),
        "user_id": str(bob.pk),
        "participant_count": 2,
    }
    assert audiences(group) == [{"leaves": [str(bob.pk)]}, None]
    assert notes(group) == ["removed"]
    assert events(bob) == [("conversation.deleted", {"conversation_id": str(group.pk), "reason": "removed"})]
    assert types(charlie) == []
    assert group.pk not in ConversationStreams().heads(bob.pk)
    assert bob_client.get(f"/api/messenger/conversations/{group.pk}").status_code == 404
    assert alice_client.delete(_path(group, bob)).status_code == 404


def test_members_remove_nobody_but_themselves(bob_client: JsonClient, alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob, charlie)
    assert bob_client.delete(_path(group, charlie)).status_code == 403
    assert bob_client.delete(_path(group, bob)).status_code == 204
    assert notes(group) == ["left"]
    assert events(bob) == [("conversation.deleted", {"conversation_id": str(group.pk), "reason": "left"})]
    assert bob_client.delete(_path(make_direct(alice, bob), bob)).status_code == 400


def test_the_oldest_member_follows_the_last_admin(
    alice_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, charlie, bob)
    assert alice_client.delete(_path(group, alice)).status_code == 204
    assert membership(group, charlie).role == "admin"
    assert membership(group, bob).role == "member"
    assert notes(group) == ["left", "promoted"]
    assert types(group) == ["participant.removed", "message.new", "participant.updated", "message.new"]
    assert audiences(group)[0] == {"leaves": [str(alice.pk)]}


def test_nobody_is_promoted_while_there_is_an_admin(
    alice_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, bob, charlie)
    Participant.objects.filter(user=charlie).update(role="admin")
    alice_client.delete(_path(group, alice))
    assert membership(group, bob).role == "member"
    assert notes(group) == ["left"]


def test_a_group_ends_with_its_last_member(alice_client: JsonClient, alice: User) -> None:
    group = make_group(alice)
    assert alice_client.delete(_path(group, alice)).status_code == 204
    group.refresh_from_db()
    assert group.deleted_at is not None
    assert audiences(group) == [{"ends": True}]
    assert types(alice) == ["conversation.deleted"]
    assert alice_client.get("/api/messenger/conversations").json()["results"] == []


def test_who_comes_back_is_told_again(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    alice_client.delete(_path(group, bob))
    assert _add(alice_client, group, bob).status_code == 200
    assert types(bob) == ["conversation.deleted", "conversation.created"]


# Listening -----------------------------------------------------------------------------------------------------------


def test_heads_are_read_by_one_query(alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    group, direct = make_group(alice, bob), make_direct(alice, bob)
    make_row(group, alice)
    ended = make_group(alice, bob, name="Over")
    Conversation.objects.filter(pk=ended.pk).update(deleted_at="2026-01-01T00:00:00Z")
    make_group(alice, name="Without Bob")
    with django_assert_num_queries(1):
        heads = ConversationStreams().heads(bob.pk)
    assert heads == {group.pk: (1, 0), direct.pk: (0, 0)}


def test_presence_is_told_in_small_groups_and_unblocked_directs(
    alice: User, bob: User, charlie: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    direct, blocked, small = make_direct(alice, bob), make_direct(alice, charlie), make_group(alice, charlie)
    crowd = [make_user(f"crowd-{number}") for number in range(3)]
    large = make_group(alice, *crowd, name="Large")
    more = User.objects.bulk_create(User(username=f"more-{number}") for number in range(47))
    Participant.objects.bulk_create(Participant(conversation=large, user=user) for user in more)
    Block.objects.create(blocker=charlie, blocked=alice)
    with django_assert_num_queries(1):
        found = ConversationStreams().presence(alice.pk)
    assert set(found) == {direct.pk, small.pk}
    assert blocked.pk not in found
    assert blocked.pk not in ConversationStreams().presence(charlie.pk)
    Participant.objects.filter(user=more[0]).delete()
    assert large.pk in ConversationStreams().presence(alice.pk)

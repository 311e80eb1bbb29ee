"""Conversations: begun, listed and changed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import agent_users
from conftest import JsonClient
from conftest import make_user
from core.files import links
from core.models import StoredFile
from core.models import Stream
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant
from messenger.shapes import ConversationShape
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import membership
from messenger.tests.reading import audiences
from messenger.tests.reading import events
from messenger.tests.reading import notes
from messenger.tests.reading import types

LIST = "/api/messenger/conversations"


def _direct(client: JsonClient, other: User) -> Any:
    return client.post(LIST, {"type": "direct", "participant_ids": [str(other.pk)]})


def _group(client: JsonClient, *others: User, name: str = "Tea") -> Any:
    return client.post(LIST, {"type": "group", "name": name, "participant_ids": [str(other.pk) for other in others]})


# Creating ------------------------------------------------------------------------------------------------------------


def test_a_direct_conversation_is_called_like_the_other_person(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    answer = _direct(alice_client, bob)
    assert answer.status_code == 201
    body = answer.json()
    ConversationShape.model_validate(body)
    assert (body["type"], body["name"], body["role"], body["participant_count"]) == ("direct", "bob", "member", 2)
    assert [member["user"]["username"] for member in body["participants"]] == ["alice", "bob"]
    assert bob_client.get(f"{LIST}/{body['id']}").json()["name"] == "alice"


def test_there_is_one_direct_conversation_for_each_pair(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    first = _direct(alice_client, bob)
    again, mirrored = _direct(alice_client, bob), _direct(bob_client, alice)
    assert (first.status_code, again.status_code, mirrored.status_code) == (201, 200, 200)
    assert first.json()["id"] == again.json()["id"] == mirrored.json()["id"]
    assert Conversation.objects.count() == 1
    assert types(alice) == types(bob) == ["conversation.created"]


def test_both_are_told_of_a_direct_conversation_and_listen_from_its_head(
    alice_client: JsonClient, alice: User, bob: User
) -> None:
    conversation_id = _direct(alice_client, bob).json()["id"]
    for user, name in ((alice, "bob"), (bob, "alice")):
        ((kind, payload),) = events(user)
        assert (kind, payload["conversation"]["name"]) == ("conversation.created", name)
        assert payload["conversation"]["last_seq"] == 0
        assert audiences(user) == [{"opens": {f"c:{conversation_id}": 0}}]
    assert Stream.objects.get(pk=conversation_id).last_seq == 0


def test_a_group_begins_with_its_creator_as_admin(
    alice_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    body = _group(alice_client, bob, charlie, alice, bob).json()
    roles = {member["user"]["username"]: member["role"] for member in body["participants"]}
    assert roles == {"alice": "admin", "bob": "member", "charlie": "member"}
    assert (body["name"], body["role"], body["unread_count"], body["last_seq"]) == ("Tea", "admin", 0, 1)
    assert body["last_message"]["system"]["action"] == "created"
    assert notes(body["id"]) == ["created"]
    for user in (alice, bob, charlie):
        ((kind, payload),) = events(user)
        assert (kind, payload["conversation"]["last_seq"], payload["conversation"]["unread_count"]) == (
            "conversation.created",
            1,
            0,
        )
        assert audiences(user) == [{"opens": {f"c:{body['id']}": 1}}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "group", "participant_ids": []}, "name"),
        ({"type": "group", "name": " ", "participant_ids": []}, "name"),
        ({"type": "group", "name": "x" * 101, "participant_ids": []}, "name"),
        ({"type": "direct", "participant_ids": []}, "participant_ids"),
        ({"type": "direct", "participant_ids": [str(uuid4()), str(uuid4())]}, "participant_ids"),
        ({"type": "channel", "participant_ids": []}, "type"),
        ({"type": "direct", "participant_ids": ["x"]}, "participant_ids.0"),
    ],
)
def test_nonsense_is_refused_by_field(alice_client: JsonClient, body: dict[str, Any], field: str) -> None:
    answer = alice_client.post(LIST, body)
    assert answer.status_code == 400
    assert field in answer.json()["details"]
    assert not Conversation.objects.exists()


def test_one_keeps_messages_for_oneself(alice_client: JsonClient, charlie_client: JsonClient, alice: User) -> None:
    begun = _direct(alice_client, alice)
    saved = begun.json()
    assert (begun.status_code, saved["type"], saved["is_saved"], saved["name"]) == (
        201,
        "direct",
        True,
        "Saved messages",
    )
    assert [member["user"]["username"] for member in saved["participants"]] == ["alice"]
    again = _direct(alice_client, alice)
    assert (again.status_code, again.json()["id"]) == (200, saved["id"])
    path = f"{LIST}/{saved['id']}/messages"
    assert alice_client.post(path, {"content": "Buy gold lacquer"}).status_code == 201
    listed = alice_client.get(LIST).json()["results"]
    assert [(one["id"], one["unread_count"], one["is_blocked"]) for one in listed] == [(saved["id"], 0, False)]
    found = alice_client.get("/api/messenger/search?q=lacquer").json()["results"]
    assert [(hit["conversation"]["name"], hit["conversation"]["is_saved"]) for hit in found] == [
        ("Saved messages", True)
    ]
    assert charlie_client.post(path, {"content": "Mine, too"}).status_code == 404
    assert charlie_client.get(path).status_code == 404
    assert alice_client.delete(f"{LIST}/{saved['id']}").status_code == 204
    assert alice_client.get(LIST).json()["results"] == []


def test_one_does_not_talk_to_nobody(alice_client: JsonClient, bob: User) -> None:
    unknown = alice_client.post(LIST, {"type": "direct", "participant_ids": [str(uuid4())]})
    assert unknown.status_code == 404
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert _direct(alice_client, bob).status_code == 404
    assert _group(alice_client, bob).status_code == 404
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_block_keeps_people_out_of_new_conversations(
    alice_client: JsonClient, alice: User, bob: User, who: str
) -> None:
    blocker, blocked = (alice, bob) if who == "alice" else (bob, alice)
    Block.objects.create(blocker=blocker, blocked=blocked)
    for answer in (_direct(alice_client, bob), _group(alice_client, bob)):
        assert (answer.status_code, answer.json()["code"]) == (403, "blocked")
    assert not Conversation.objects.exists()


# Reading -------------------------------------------------------------------------------------------------------------


def test_the_list_is_newest_first_and_counts_what_is_unread(
    bob_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    older, newer = make_group(alice, bob, name="Older"), make_direct(bob, charlie)
    make_row(older, alice, "one")
    make_row(older, alice, "hello bob", mentions=[str(bob.pk)])
    make_row(older, alice, "hello charlie", mentions=[str(charlie.pk)])
    make_row(older, alice, "", is_deleted=True)
    make_row(older, None, "", message_type="system")
    make_row(older, bob, "my own")
    last = make_row(newer, charlie, "here")
    Participant.objects.filter(conversation=older, user=bob).update(read_seq=1)

    first, second = bob_client.get(LIST).json()["results"]
    assert (first["id"], first["name"], first["unread_count"]) == (str(newer.pk), "charlie", 1)
    assert first["last_message"]["id"] == str(last.pk)
    assert (second["name"], second["unread_count"], second["mention_count"]) == ("Older", 2, 1)
    assert (second["last_seq"], second["read_seq"]) == (6, 1)


def test_what_was_cleared_is_neither_unread_nor_last(bob_client: JsonClient, alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    make_row(direct, alice, "gone")
    Participant.objects.filter(user=bob).update(cleared_seq=1)
    (body,) = bob_client.get(LIST).json()["results"]
    assert (body["unread_count"], body["last_message"], body["cleared_seq"]) == (0, None, 1)


def test_the_list_costs_the_same_for_one_conversation_and_for_fifty(
    alice_client: JsonClient,
    alice: User,
    bob: User,
    charlie: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def grow(count: int) -> None:
        for number in range(count):
            group = make_group(alice, bob, charlie, name=f"Group {number}")
            said = make_row(group, bob, f"Hello {number}", mentions=[str(alice.pk)])
            make_row(group, charlie, "An answer", reply_to=said)
            said.reactions.create(user=alice, emoji="🔥")
            make_direct(alice, make_user(f"friend-{Conversation.objects.count()}"))

    grow(1)
    with django_assert_max_num_queries(12) as few:
        assert len(alice_client.get(LIST).json()["results"]) == 2
    grow(24)
    with django_assert_max_num_queries(12) as many:
        assert len(alice_client.get(LIST).json()["results"]) == 50
    assert len(many) == len(few)


def test_the_list_is_paged(alice_client: JsonClient, alice: User, bob: User) -> None:
    for number in range(5):
        make_group(alice, bob, name=f"Group {number}")
    names: list[str] = []
    path = f"{LIST}?limit=2"
    while path:
        page = alice_client.get(path).json()
        names += [row["name"] for row in page["results"]]
        path = page["next"]
    assert names == [f"Group {number}" for number in (4, 3, 2, 1, 0)]


def test_the_list_can_be_searched_and_filtered(alice_client: JsonClient, alice: User, bob: User) -> None:
    make_group(alice, bob, name="Чай і печиво")
    make_direct(alice, bob)
    archived = make_group(alice, name="Old bob stories 100%")
    Participant.objects.filter(conversation=archived).update(is_archived=True)

    def names(query: str) -> list[str]:
        return sorted(row["name"] for row in alice_client.get(f"{LIST}?{query}").json()["results"])

    assert names("search=чай") == ["Чай і печиво"]
    assert names("search=BOB") == ["Old bob stories 100%", "bob"]
    assert names("search=0%25") == ["Old bob stories 100%"]
    assert names("search=alice") == []
    assert names("archived=true") == ["Old bob stories 100%"]
    assert names("archived=false") == ["bob", "Чай і печиво"]
    assert len(names("")) == 3
    assert alice_client.get(f"{LIST}?archived=perhaps").status_code == 400


def test_a_conversation_shows_fifty_members_and_how_many_there_are(alice_client: JsonClient, alice: User) -> None:
    others = User.objects.bulk_create(User(username=f"member-{number:02}") for number in range(60))
    group = make_group(alice, *others)
    body = alice_client.get(f"{LIST}/{group.pk}").json()
    assert (len(body["participants"]), body["participant_count"]) == (50, 61)
    assert body["participants"][0]["user"]["username"] == "alice"


def test_pins_are_named_newest_first(alice_client: JsonClient, alice: User) -> None:
    group = make_group(alice)
    first, second = make_row(group, alice), make_row(group, alice)
    for row in (second, first):
        row.pinned_at = f"2026-01-0{row.seq}T00:00:00Z"
        row.save()
    assert alice_client.get(f"{LIST}/{group.pk}").json()["pinned_message_ids"] == [str(second.pk), str(first.pk)]


def test_a_stranger_finds_no_conversation(charlie_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    path = f"{LIST}/{group.pk}"
    assert charlie_client.get(LIST).json()["results"] == []
    answers = [
        charlie_client.get(path),
        charlie_client.patch(path, {"name": "Mine"}),
        charlie_client.delete(path),
        charlie_client.put(f"{path}/settings", {"is_pinned": True}),
        charlie_client.put(f"{path}/draft", {"content": "x"}),
        charlie_client.get(f"{path}/export"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert types(group) == []


# Changing ------------------------------------------------------------------------------------------------------------


def test_an_admin_renames_a_group(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    answer = alice_client.patch(f"{LIST}/{group.pk}", {"name": "Biscuits"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Biscuits")
    assert types(group) == ["conversation.updated", "message.new"]
    assert events(group)[0][1]["name"] == "Biscuits"
    assert notes(group) == ["renamed"]
    alice_client.patch(f"{LIST}/{group.pk}", {"name": "Biscuits"})
    assert len(types(group)) == 2, "what stays the same is not told"


def _picture(owner: User, **fields: Any) -> StoredFile:
    return StoredFile.objects.create(
        owner=owner,
        name="tea.png",
        key=str(uuid4()),
        mime_type="image/png",
        kind="image",
        size=1,
        sha256="0" * 64,
        **{"purpose": "avatar"} | fields,
    )


def test_a_group_has_a_picture(alice_client: JsonClient, alice: User) -> None:
    first, second = _picture(alice), _picture(alice)
    body = {"type": "group", "name": "Tea", "participant_ids": [], "avatar_id": str(first.pk)}
    group = alice_client.post(LIST, body).json()
    assert group["avatar_url"] == links.avatar_url(first)
    path = f"{LIST}/{group['id']}"
    assert alice_client.patch(path, {"avatar_id": str(second.pk)}).json()["avatar_url"] == links.avatar_url(second)
    assert list(StoredFile.objects.all()) == [second], "the one before goes"
    User.objects.filter(pk=alice.pk).update(avatar_url=links.avatar_url(second))
    assert alice_client.patch(path, {"avatar_id": None}).json()["avatar_url"] == ""
    assert StoredFile.objects.exists(), "it is Alice's own picture, too"
    changes = [payload["avatar_url"] for kind, payload in events(group["id"]) if kind == "conversation.updated"]
    assert changes == [links.avatar_url(second), ""]
    assert notes(group["id"]) == ["created", "avatar_changed", "avatar_changed"]


def test_a_picture_that_an_agent_shows_too_stays(alice_client: JsonClient, alice: User) -> None:
    shown = _picture(alice)
    agent = agent_users.create(alice, username="helper", avatar_id=shown.pk)
    body = {"type": "group", "name": "Tea", "participant_ids": [], "avatar_id": str(shown.pk)}
    path = f"{LIST}/{alice_client.post(LIST, body).json()['id']}"
    assert alice_client.patch(path, {"avatar_id": None}).json()["avatar_url"] == ""
    assert User.objects.get(pk=agent.pk).avatar_url == links.avatar_url(shown)
    assert StoredFile.objects.filter(pk=shown.pk).exists()


def test_only_an_own_avatar_becomes_a_picture(alice_client: JsonClient, alice: User, bob: User) -> None:
    path = f"{LIST}/{make_group(alice, bob).pk}"
    for file in (_picture(bob), _picture(alice, purpose="attachment")):
        assert alice_client.patch(path, {"avatar_id": str(file.pk)}).status_code == 404
    assert StoredFile.objects.count() == 2


def test_members_do_not_rename_and_direct_conversations_have_no_name(
    bob_client: JsonClient, alice: User, bob: User
) -> None:
    group, direct = make_group(alice, bob), make_direct(alice, bob)
    refused = bob_client.patch(f"{LIST}/{group.pk}", {"name": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert bob_client.patch(f"{LIST}/{direct.pk}", {"name": "Mine"}).status_code == 400
    assert types(group) == types(direct) == []


def test_settings_are_seen_by_the_own_devices_only(alice_client: JsonClient, alice: User, bob: User) -> None:
    group = make_group(alice, bob)
    answer = alice_client.put(f"{LIST}/{group.pk}/settings", {"is_pinned": True, "is_muted": False})
    assert answer.json() == {"is_pinned": True, "is_muted": False, "notify": "all", "is_archived": False}
    ((kind, payload),) = events(alice)
    told = {name: value for name, value in payload.items() if value is not None}
    assert (kind, told) == ("conversation.updated", {"conversation_id": str(group.pk), "is_pinned": True})
    assert types(bob) == types(group) == []
    assert not membership(group, bob).is_pinned


def test_drafts_follow_to_other_devices(alice_client: JsonClient, alice: User, bob: User) -> None:
    direct = make_direct(alice, bob)
    asked = make_row(direct, bob, "Tea?")
    path = f"{LIST}/{direct.pk}"
    kept = alice_client.put(f"{path}/draft", {"content": " Well ", "reply_to_id": str(asked.pk)}).json()
    assert (kept["content"], kept["reply_to_id"]) == (" Well ", str(asked.pk))
    assert alice_client.get(path).json()["draft"] == kept
    assert events(alice)[0][1]["draft"] == kept
    assert types(bob) == []

    gone = alice_client.put(f"{path}/draft", {"content": "  ", "reply_to_id": str(asked.pk)}).json()
    assert (gone["content"], gone["reply_to_id"]) == ("", None)
    assert alice_client.get(path).json()["draft"] is None
    assert events(alice)[1][1]["draft"]["content"] == ""
    alice_client.put(f"{path}/draft", {"content": ""})
    assert len(types(alice)) == 2


def test_a_draft_answers_only_what_one_may_see(alice_client: JsonClient, alice: User, bob: User, charlie: User) -> None:
    direct, elsewhere = make_direct(alice, bob), make_group(bob, charlie)
    hidden = make_row(elsewhere, bob)
    answer = alice_client.put(f"{LIST}/{direct.pk}/draft", {"content": "x", "reply_to_id": str(hidden.pk)})
    assert answer.status_code == 404
    assert alice_client.put(f"{LIST}/{direct.pk}/draft", {"content": "x" * 10_001}).status_code == 400

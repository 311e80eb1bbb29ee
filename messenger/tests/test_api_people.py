from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from messenger.models import Block
from messenger.models import Participant
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.reading import events
from messenger.tests.reading import types

BLOCKS = "/api/messenger/blocks"


def _found(client: JsonClient, words: str) -> list[str]:
    answer = client.get("/api/messenger/users", {"search": words})
    assert answer.status_code == 200, answer.json()
    return [row["username"] for row in answer.json()["results"]]


# Finding -------------------------------------------------------------------------------------------------------------


def test_people_are_found_by_the_beginning_of_their_name_first(alice_client: JsonClient, bob: User) -> None:
    for name in ("Natalie", "al_fred", "alfons", "ALBERT"):
        make_user(name)
    *begin, holds = _found(alice_client, "al")
    assert (sorted(begin), holds) == (["ALBERT", "al_fred", "alfons"], "Natalie")
    assert _found(alice_client, "l_f") == ["al_fred"]
    assert _found(alice_client, "BO") == ["bob"]


def test_neither_oneself_nor_blocked_nor_suspended_people_are_found(
    alice_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    suspended = make_user("charlotte", is_active=False)
    Block.objects.create(blocker=charlie, blocked=alice)
    Block.objects.create(blocker=alice, blocked=bob)
    assert _found(alice_client, "alice") == _found(alice_client, "bob") == _found(alice_client, "charl") == []
    assert suspended.username == "charlotte"


def test_nobody_is_found_by_mail(alice_client: JsonClient, bob: User) -> None:
    assert _found(alice_client, "example.com") == []


def test_a_search_is_at_least_two_characters_and_limited(alice_client: JsonClient) -> None:
    for words in ("", "a", " a "):
        assert alice_client.get("/api/messenger/users", {"search": words}).status_code == 400
    User.objects.bulk_create(User(username=f"crowd-{number:02}") for number in range(30))
    assert len(_found(alice_client, "crowd")) == 20
    assert len(alice_client.get("/api/messenger/users?search=crowd&limit=3").json()["results"]) == 3


def test_people_are_found_by_what_they_call_themselves(alice_client: JsonClient, bob: User, charlie: User) -> None:
    signed_in(bob).patch("/api/auth/me", {"display_name": "Богдан ЇЖАК"})
    signed_in(charlie).patch("/api/auth/me", {"display_name": "Ann Bogdan’s"})
    assert _found(alice_client, "богдан") == _found(alice_client, "їжак") == ["bob"]
    assert _found(alice_client, "bogdan's") == ["charlie"]
    found = alice_client.get("/api/messenger/users?search=їжа").json()["results"]
    assert [(one["name"], one["username"]) for one in found] == [("Богдан ЇЖАК", "bob")]


def test_a_new_name_and_picture_are_seen_where_one_is_known(
    alice_client: JsonClient, alice: User, bob: User, charlie: User, django_capture_on_commit_callbacks: Any
) -> None:
    direct, group, others = make_direct(alice, bob), make_group(alice, bob, charlie), make_direct(alice, charlie)
    said = signed_in(bob).post(f"/api/messenger/conversations/{direct.pk}/messages", {"content": "Hello"}).json()
    bob_client = signed_in(bob)
    with django_capture_on_commit_callbacks(execute=True):
        assert bob_client.patch("/api/auth/me", {"bio": "Nobody's business"}).status_code == 200
        assert bob_client.patch("/api/auth/me", {"display_name": "Боб 🍵"}).status_code == 200
    for room in (direct, group):
        [payload] = [payload for kind, payload in events(room) if kind == "person.updated"]
        assert payload["user"] == said["sender"] | {"name": "Боб 🍵"}
    assert "person.updated" not in types(others)
    listed = alice_client.get(f"/api/messenger/conversations/{direct.pk}").json()
    assert (listed["name"], listed["last_message"]["sender"]["name"]) == ("Боб 🍵", "Боб 🍵")
    shown = alice_client.get("/api/messenger/conversations?search=боб").json()["results"]
    assert [one["id"] for one in shown] == [str(direct.pk)]
    members = alice_client.get(f"/api/messenger/conversations/{group.pk}/participants?search=БОБ").json()["results"]
    assert [one["user"]["username"] for one in members] == ["bob"]


def test_searching_is_limited_in_time(alice_client: JsonClient, settings: Any) -> None:
    settings.RATE_LIMIT_ENABLED = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"user_search": (2, 60)}
    statuses = [alice_client.get("/api/messenger/users?search=al").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


# Knowing -------------------------------------------------------------------------------------------------------------


def test_contacts_are_whom_one_talks_with_most_recent_first(
    alice_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    dora, eve = make_user("dora"), make_user("eve")
    group = make_group(alice, bob, charlie)
    make_direct(bob, dora)
    direct = make_direct(alice, eve)
    make_row(group, alice)
    make_row(direct, eve)
    make_row(make_direct(alice, charlie), charlie)
    results = alice_client.get("/api/messenger/contacts").json()["results"]
    assert [row["user"]["username"] for row in results] == ["charlie", "eve", "bob"]
    assert results[0]["is_online"] is False
    page = alice_client.get("/api/messenger/contacts?limit=2").json()
    rest = alice_client.get(page["next"]).json()["results"]
    assert [row["user"]["username"] for row in rest] == ["bob"]


def test_presence_is_for_people_one_knows(alice_client: JsonClient, alice: User, bob: User, charlie: User) -> None:
    make_direct(alice, bob)
    make_direct(bob, charlie)

    def known(*users: User) -> list[str]:
        wanted = ",".join(str(user.pk) for user in users)
        results = alice_client.get(f"/api/messenger/presence?user_ids={wanted}").json()["results"]
        return [row["user_id"] for row in results]

    assert known(bob, charlie, alice) == [str(bob.pk)]
    Block.objects.create(blocker=bob, blocked=alice)
    assert known(bob) == []
    assert alice_client.get("/api/messenger/presence?user_ids=x").status_code == 400
    assert alice_client.get("/api/messenger/presence").json()["results"] == []
    many = ",".join(str(uuid4()) for _ in range(101))
    assert alice_client.get(f"/api/messenger/presence?user_ids={many}").status_code == 400


# Blocking ------------------------------------------------------------------------------------------------------------


def test_both_learn_that_they_cannot_write(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    direct = make_direct(alice, bob)
    made = alice_client.post(BLOCKS, {"user_id": str(bob.pk)})
    assert (made.status_code, made.json()["user"]["username"]) == (201, "bob")
    for user in (alice, bob):
        ((kind, payload),) = events(user)
        told = {name: value for name, value in payload.items() if value is not None}
        assert (kind, told) == ("conversation.updated", {"conversation_id": str(direct.pk), "is_blocked": True})
    assert types(direct) == []
    for client in (alice_client, bob_client):
        assert client.get(f"/api/messenger/conversations/{direct.pk}").json()["is_blocked"] is True
    assert [row["user"]["username"] for row in alice_client.get(BLOCKS).json()["results"]] == ["bob"]
    assert bob_client.get(BLOCKS).json()["results"] == []


def test_blocking_twice_is_one_block(alice_client: JsonClient, alice: User, bob: User) -> None:
    make_direct(alice, bob)
    statuses = [alice_client.post(BLOCKS, {"user_id": str(bob.pk)}).status_code for _ in range(2)]
    assert statuses == [201, 200]
    assert len(types(alice)) == 1


def test_a_block_ends_when_both_have_taken_it_back(
    alice_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    make_direct(alice, bob)
    alice_client.post(BLOCKS, {"user_id": str(bob.pk)})
    bob_client.post(BLOCKS, {"user_id": str(alice.pk)})
    assert alice_client.delete(f"{BLOCKS}/{bob.pk}").status_code == 204
    assert len(types(alice)) == 1, "the other one's block stays"
    assert bob_client.delete(f"{BLOCKS}/{alice.pk}").status_code == 204
    assert [payload["is_blocked"] for _, payload in events(alice)] == [True, False]
    assert bob_client.delete(f"{BLOCKS}/{alice.pk}").status_code == 404


def test_one_blocks_somebody_else_who_exists(alice_client: JsonClient, alice: User) -> None:
    assert alice_client.post(BLOCKS, {"user_id": str(alice.pk)}).status_code == 400
    assert alice_client.post(BLOCKS, {"user_id": str(uuid4())}).status_code == 404
    assert not Block.objects.exists()


def test_a_stranger_takes_no_foreign_block_back(
    charlie_client: JsonClient, bob_client: JsonClient, alice: User, bob: User
) -> None:
    Block.objects.create(blocker=alice, blocked=bob)
    assert charlie_client.delete(f"{BLOCKS}/{bob.pk}").status_code == 404
    assert bob_client.delete(f"{BLOCKS}/{bob.pk}").status_code == 404
    assert Block.objects.count() == 1


@pytest.mark.parametrize("path", ["blocks", "contacts", "users?search=al", "presence?user_ids="])
def test_nobody_without_a_session(db: None, anonymous: JsonClient, path: str) -> None:
    assert anonymous.get(f"/api/messenger/{path}").status_code == 401


def test_the_list_of_contacts_costs_the_same_for_many(alice_client: JsonClient, alice: User) -> None:
    def meet(count: int) -> None:
        start = Participant.objects.count()
        make_group(alice, *(make_user(f"contact-{start + number}") for number in range(count)))

    meet(1)
    with CaptureQueriesContext(connection) as few:
        alice_client.get("/api/messenger/contacts")
    meet(10)
    with CaptureQueriesContext(connection) as many:
        assert len(alice_client.get("/api/messenger/contacts").json()["results"]) == 11
    assert len(many) == len(few)

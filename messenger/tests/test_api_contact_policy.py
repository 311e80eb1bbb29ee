"""Who finds an agent and who may add one: nobody, unless the app that makes agents says so."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from accounts import contact_policy
from accounts.models import AgentUser
from accounts.models import User
from accounts.services import agent_users
from conftest import JsonClient
from conftest import make_user
from messenger.models import Conversation
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group

API = "/api/messenger"


class OwnersAndTheShop:
    """Owners find and add their own; everybody finds, and nobody adds, those on show."""

    def may_find(self, actor_id: UUID) -> Q:
        return self.may_add(actor_id) | Q(username__startswith="shown")

    def may_add(self, actor_id: UUID) -> Q:
        return Q(Exists(AgentUser.objects.filter(pk=OuterRef("pk"), owner_id=actor_id)))


@pytest.fixture
def _policy() -> Iterator[None]:
    with contact_policy.registered(OwnersAndTheShop()):
        yield


@pytest.fixture
def helper(alice: User) -> User:
    return agent_users.create(alice, username="helper")


@pytest.fixture
def shown(alice: User) -> User:
    return agent_users.create(alice, username="shown-helper")


def found(client: JsonClient, words: str = "helper") -> list[str]:
    answer = client.get(f"{API}/users", {"search": words})
    assert answer.status_code == 200, answer.json()
    return [row["username"] for row in answer.json()["results"]]


def contacts(client: JsonClient) -> list[str]:
    return [row["user"]["username"] for row in client.get(f"{API}/contacts", {"limit": 100}).json()["results"]]


def ways_in(client: JsonClient, group: Conversation, agent_id: UUID) -> dict[str, tuple[int, str]]:
    """Every request that brings somebody into a conversation: its status, and its code when it was refused."""
    ids = [str(agent_id)]
    answers = {
        "direct": client.post(f"{API}/conversations", {"type": "direct", "participant_ids": ids}),
        "group": client.post(f"{API}/conversations", {"type": "group", "name": "Tea", "participant_ids": ids}),
        "add": client.post(f"{API}/conversations/{group.pk}/participants", {"user_ids": ids}),
    }
    return {name: (answer.status_code, answer.json().get("code", "")) for name, answer in answers.items()}


def everywhere(status: int, code: str) -> dict[str, tuple[int, str]]:
    return dict.fromkeys(("direct", "group", "add"), (status, code))


def test_without_a_policy_even_the_owner_finds_and_adds_nobody(
    alice: User, alice_client: JsonClient, helper: User
) -> None:
    group = make_group(alice)
    assert found(alice_client) == []
    assert ways_in(alice_client, group, helper.pk) == everywhere(404, "not_found")
    assert not helper.participations.exists()


@pytest.mark.usefixtures("_policy")
def test_the_owner_finds_and_adds_it(alice: User, alice_client: JsonClient, helper: User) -> None:
    group = make_group(alice)
    assert found(alice_client) == ["helper"]
    assert ways_in(alice_client, group, helper.pk) == {"direct": (201, ""), "group": (201, ""), "add": (200, "")}
    assert helper.participations.count() == 3
    assert contacts(alice_client) == ["helper"]
    (direct,) = Conversation.objects.filter(type="direct")
    assert direct.is_ai_agent
    shown = alice_client.get(f"{API}/conversations/{direct.pk}").json()
    assert (shown["is_ai_agent"], shown["participants"][1]["user"]["kind"]) == (True, "agent")


@pytest.mark.usefixtures("_policy")
def test_charlie_meets_a_hidden_agent_as_one_that_does_not_exist(
    charlie: User, charlie_client: JsonClient, helper: User
) -> None:
    group = make_group(charlie)
    assert found(charlie_client) == []
    hidden = ways_in(charlie_client, group, helper.pk)
    assert hidden == everywhere(404, "not_found") == ways_in(charlie_client, group, uuid4())
    assert not helper.participations.exists()


@pytest.mark.usefixtures("_policy")
def test_charlie_sees_one_on_show_and_is_told_that_it_is_not_theirs_to_add(
    charlie: User, charlie_client: JsonClient, helper: User, shown: User, bob: User
) -> None:
    group = make_group(charlie)
    assert found(charlie_client) == ["shown-helper"]
    assert ways_in(charlie_client, group, shown.pk) == everywhere(403, "agent_not_yours")
    both = {"user_ids": [str(shown.pk), str(helper.pk), str(bob.pk)]}
    answer = charlie_client.post(f"{API}/conversations/{group.pk}/participants", both)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")  # of the hidden one nothing is told
    assert group.participants.count() == 1


@pytest.mark.usefixtures("_policy")
def test_among_contacts_are_agents_one_may_find(
    alice: User, bob: User, bob_client: JsonClient, helper: User, shown: User
) -> None:
    make_group(alice, bob, helper, shown)
    assert sorted(contacts(bob_client)) == ["alice", "shown-helper"]


def test_a_conversation_that_is_there_stays_when_the_policy_says_no(
    bob: User, bob_client: JsonClient, helper: User
) -> None:
    make_direct(bob, helper)
    answer = bob_client.post(f"{API}/conversations", {"type": "direct", "participant_ids": [str(helper.pk)]})
    assert answer.status_code == 200


@pytest.mark.usefixtures("_policy")
def test_a_retired_agent_is_neither_found_nor_added(alice: User, alice_client: JsonClient, helper: User) -> None:
    group = make_group(alice)
    agent_users.retire(alice, user_id=helper.pk)
    assert found(alice_client) == []
    assert ways_in(alice_client, group, helper.pk) == everywhere(404, "not_found")


@pytest.mark.usefixtures("_policy")
def test_twenty_agents_cost_as_many_queries_as_twenty_people(alice: User, alice_client: JsonClient) -> None:
    agents = [agent_users.create(alice, username=f"helper-{number:02}") for number in range(20)]
    people = [make_user(f"person-{number:02}") for number in range(20)]
    searching, adding, listing = _queries(alice_client, "person", people)
    # The one more counts the agents of the conversation.
    assert _queries(alice_client, "helper", agents) == (searching, adding + 1, listing)


def _queries(client: JsonClient, words: str, users: list[User]) -> tuple[int, int, int]:
    """Of searching, of a group with all of them, and of listing them."""
    ids = [str(user.pk) for user in users]
    with CaptureQueriesContext(connection) as searching:
        assert len(found(client, words)) == 20
    with CaptureQueriesContext(connection) as adding:
        answer = client.post(f"{API}/conversations", {"type": "group", "name": "All", "participant_ids": ids})
    assert answer.status_code == 201
    with CaptureQueriesContext(connection) as listing:
        assert {user.username for user in users} <= set(contacts(client))
    return len(searching), len(adding), len(listing)


def test_a_second_policy_is_refused() -> None:
    with contact_policy.registered(OwnersAndTheShop()), pytest.raises(RuntimeError, match="already"):
        contact_policy.register(OwnersAndTheShop())

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from messenger.models import Conversation
from messenger.models import Invite
from messenger.models import Participant
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.reading import audiences
from messenger.tests.reading import notes
from messenger.tests.reading import types


def _path(conversation: Conversation) -> str:
    return f"/api/messenger/conversations/{conversation.pk}/invites"


def _link(client: JsonClient, conversation: Conversation, **fields: Any) -> str:
    answer = client.post(_path(conversation), fields)
    assert answer.status_code == 201
    return f"/api/messenger/invites/{answer.json()['token']}"


def test_a_link_shows_the_group_and_lets_people_in(
    alice_client: JsonClient, charlie_client: JsonClient, alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, bob)
    link = _link(alice_client, group)
    about = {"name": "Tea", "avatar_url": "", "participant_count": 2}
    look = {"conversation": about, "is_member": False, "invited_by": "alice"}
    assert charlie_client.get(link).json() == look
    assert JsonClient().get(link).json() == look, "one should know what one signs in for"
    assert JsonClient().post(f"{link}/join").status_code == 401

    joined = charlie_client.post(f"{link}/join")
    assert joined.status_code == 200
    assert (joined.json()["id"], joined.json()["participant_count"]) == (str(group.pk), 3)
    assert types(group) == ["participant.added", "message.new"]
    assert notes(group) == ["joined"]
    assert types(charlie) == ["conversation.created"]
    assert audiences(charlie) == [{"opens": {f"c:{group.pk}": 2}}]

    assert charlie_client.get(link).json()["is_member"] is True
    assert charlie_client.post(f"{link}/join").status_code == 200
    assert (Invite.objects.get().uses, len(types(group))) == (1, 2)


def test_a_link_is_shown_to_admins_with_its_address(alice_client: JsonClient, alice: User, settings: Any) -> None:
    settings.PUBLIC_URL = "https://talk.example"
    group = make_group(alice)
    made = alice_client.post(_path(group), {"expires_in": 3600, "max_uses": 5}).json()
    assert made["url"] == f"https://talk.example/app/join/{made['token']}"
    assert (made["uses"], made["max_uses"], made["created_by"]["username"]) == (0, 5, "alice")
    assert alice_client.get(_path(group)).json()["results"] == [made]
    assert alice_client.delete(f"{_path(group)}/{made['id']}").status_code == 204
    assert alice_client.get(_path(group)).json()["results"] == []
    assert alice_client.delete(f"{_path(group)}/{made['id']}").status_code == 404


def test_links_are_made_and_withdrawn_by_admins_of_groups(
    bob_client: JsonClient, charlie_client: JsonClient, alice_client: JsonClient, alice: User, bob: User
) -> None:
    group = make_group(alice, bob)
    made = alice_client.post(_path(group), {}).json()
    one = f"{_path(group)}/{made['id']}"
    for client, status in ((bob_client, 403), (charlie_client, 404)):
        answers = [client.get(_path(group)), client.post(_path(group), {}), client.delete(one)]
        assert {answer.status_code for answer in answers} == {status}
    assert alice_client.post(_path(make_direct(alice, bob)), {}).status_code == 400
    assert alice_client.delete(f"{_path(make_group(alice))}/{made['id']}").status_code == 404
    assert Invite.objects.get().revoked_at is None


@pytest.mark.parametrize("fields", [{"expires_in": 5}, {"max_uses": 0}, {"max_uses": "many"}])
def test_nonsense_is_refused(alice_client: JsonClient, alice: User, fields: dict[str, Any]) -> None:
    assert alice_client.post(_path(make_group(alice)), fields).status_code == 400


@pytest.mark.parametrize("why", ["revoked", "expired", "used up", "ended", "unknown"])
def test_a_link_that_does_not_work_says_nothing(
    alice_client: JsonClient, charlie_client: JsonClient, alice: User, why: str
) -> None:
    group = make_group(alice)
    link = _link(alice_client, group, max_uses=1)
    now = timezone.now()
    match why:
        case "revoked":
            Invite.objects.update(revoked_at=now)
        case "expired":
            Invite.objects.update(expires_at=now - timedelta(seconds=1))
        case "used up":
            Invite.objects.update(uses=1)
        case "ended":
            Conversation.objects.update(deleted_at=now)
        case _:
            link += "x"
    assert charlie_client.get(link).status_code == charlie_client.post(f"{link}/join").status_code == 404
    assert Participant.objects.count() == 1


def test_a_link_that_is_used_up_leads_members_back(
    alice_client: JsonClient, alice: User, bob_client: JsonClient, bob: User
) -> None:
    group = make_group(alice, bob)
    link = _link(alice_client, group, max_uses=1)
    Invite.objects.update(uses=1)
    assert bob_client.post(f"{link}/join").json()["id"] == str(group.pk)


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_who_is_no_admin_any_more_comes_back_by_no_link_of_theirs(
    alice: User, bob: User, charlie_client: JsonClient, how: str
) -> None:
    alice_client, bob_client = signed_in(alice), signed_in(bob)
    group = make_group(alice, bob)
    Participant.objects.filter(user=bob).update(role="admin")
    of_bob, of_alice = _link(bob_client, group), _link(alice_client, group)
    member = f"/api/messenger/conversations/{group.pk}/participants/{bob.pk}"
    if how == "removed":
        assert alice_client.delete(member).status_code == 204
    else:
        assert alice_client.patch(member, {"role": "member"}).status_code == 200
    assert bob_client.post(f"{of_bob}/join").status_code == 404
    assert charlie_client.post(f"{of_bob}/join").status_code == 404
    assert charlie_client.post(f"{of_alice}/join").status_code == 200

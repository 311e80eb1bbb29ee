"""Asking that one's account goes, and coming back in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AccountDeletion
from accounts.models import AuditEvent
from accounts.models import Session
from accounts.models import User
from accounts.services import account_deletion
from accounts.services import passwords
from accounts.services import purging
from accounts.services import staff
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in

pytestmark = pytest.mark.django_db


def leave(client: JsonClient, password: str = PASSWORD) -> object:
    answer = client.delete("/api/auth/me", {"password": password})
    assert answer.status_code == 202, answer.json()
    return answer.json()["deletion_at"]


def sign_in(client: JsonClient, name: str = "alice", **more: object) -> tuple[int, dict[str, object]]:
    answer = client.post("/api/auth/login", {"email": name, "password": PASSWORD, **more})
    return answer.status_code, answer.json()


class TestLeaving:
    def test_the_account_is_shut_at_once_and_erased_in_two_weeks(self, alice: User, alice_client: JsonClient) -> None:
        other = signed_in(alice)
        answer = alice_client.delete("/api/auth/me", {"password": PASSWORD})
        deletion = AccountDeletion.objects.get(user=alice)
        assert answer.status_code == 202
        assert answer.json()["deletion_at"] == deletion.due_at.isoformat().replace("+00:00", "Z")
        assert deletion.due_at - deletion.requested_at == timedelta(days=14)
        assert answer.cookies["kintsugi_refresh"].value == ""
        assert [client.get("/api/auth/me").status_code for client in (alice_client, other)] == [401, 401]
        assert set(Session.objects.filter(user=alice).values_list("revoke_reason", flat=True)) == {"deletion"}
        event = AuditEvent.objects.get(event="deletion.scheduled")
        assert (event.actor_id, event.object_ref, event.data) == (alice.pk, f"user:{alice.pk}", {"sessions": 2})

    def test_others_see_nothing_of_it_but_that_nobody_is_there(
        self, alice: User, alice_client: JsonClient, bob_client: JsonClient
    ) -> None:
        found = bob_client.get("/api/messenger/users?search=alice").json()
        assert [one["username"] for one in found["results"]] == ["alice"]
        leave(alice_client)
        assert bob_client.get("/api/messenger/users?search=alice").json()["results"] == []
        wanted = {"type": "direct", "participant_ids": [str(alice.pk)]}
        assert bob_client.post("/api/messenger/conversations", wanted).status_code == 404

    @pytest.mark.parametrize("body", [{}, {"password": ""}, {"password": "not-hers-1"}])
    def test_without_the_password_nothing_happens(
        self, alice: User, alice_client: JsonClient, body: dict[str, str]
    ) -> None:
        answer = alice_client.delete("/api/auth/me", body)
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["password"])
        assert not AccountDeletion.objects.exists()
        assert alice_client.get("/api/auth/me").status_code == 200

    def test_the_password_cannot_be_guessed_here(self, alice_client: JsonClient) -> None:
        for _ in range(5):
            alice_client.delete("/api/auth/me", {"password": "not-hers-1"})
        answer = alice_client.delete("/api/auth/me", {"password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
        assert not AccountDeletion.objects.exists()

    def test_who_has_no_password_must_have_signed_in_lately(self, alice: User) -> None:
        alice.set_unusable_password()
        alice.save()
        client = signed_in(alice)
        with time_machine.travel(timezone.now() + passwords.FRESH + timedelta(seconds=5), tick=False):
            answer = client.delete("/api/auth/me", {})
            assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_again")
            assert signed_in(alice).delete("/api/auth/me", {}).status_code == 202

    def test_the_last_administrator_stays(self, alice: User, alice_client: JsonClient) -> None:
        User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
        answer = alice_client.delete("/api/auth/me", {"password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (409, "last_operator")
        make_user("root", is_superuser=True)
        leave(alice_client)


class TestComingBack:
    def test_the_right_password_is_told_when_the_account_goes(
        self, alice: User, alice_client: JsonClient, anonymous: JsonClient
    ) -> None:
        due = leave(alice_client)
        status, body = sign_in(anonymous)
        assert (status, body["code"], body["deletion_at"]) == (403, "deletion_scheduled", due)
        assert not User.objects.get(pk=alice.pk).is_active

    def test_a_stranger_learns_nothing(self, alice_client: JsonClient, anonymous: JsonClient) -> None:
        leave(alice_client)
        answers = [
            anonymous.post("/api/auth/login", {"email": name, "password": "guess-1234", "restore": restore})
            for name in ("alice", "nobody")
            for restore in (False, True)
        ]
        bodies = [answer.json() for answer in answers]
        assert {answer.status_code for answer in answers} == {401}
        assert {(body["error"], body["code"]) for body in bodies} == {("Invalid credentials", "invalid_credentials")}

    def test_restore_brings_everything_back(
        self, alice: User, alice_client: JsonClient, bob_client: JsonClient, anonymous: JsonClient
    ) -> None:
        leave(alice_client)
        with time_machine.travel(timezone.now() + timedelta(days=13), tick=False):
            status, body = sign_in(anonymous, restore=True)
            assert status == 200
            anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access_token']}")
            assert anonymous.get("/api/auth/me").json()["user"]["username"] == "alice"
            assert not AccountDeletion.objects.exists()
            assert AuditEvent.objects.filter(event="deletion.cancelled", actor=alice).count() == 1
        with time_machine.travel(timezone.now() + timedelta(days=20), tick=False):
            assert purging.enqueue_due() == 0
        assert User.objects.get(pk=alice.pk).is_active

    def test_restore_means_nothing_to_who_is_not_leaving(self, alice: User, anonymous: JsonClient) -> None:
        assert sign_in(anonymous, restore=True)[0] == 200

    def test_who_was_suspended_does_not_come_back_by_leaving(
        self, alice: User, alice_client: JsonClient, anonymous: JsonClient
    ) -> None:
        operator = make_user("root", is_staff=True, is_superuser=True)
        leave(alice_client)
        staff.suspend(operator, user=User.objects.get(pk=alice.pk), reason="spam")
        assert sign_in(anonymous, restore=True)[1]["code"] == "account_disabled"
        staff.unsuspend(operator, user=User.objects.get(pk=alice.pk), reason="a mistake")
        assert not User.objects.get(pk=alice.pk).is_active  # they left; only they come back
        assert sign_in(anonymous)[1]["code"] == "deletion_scheduled"
        assert sign_in(anonymous, restore=True)[0] == 200

    def test_nobody_comes_back_once_the_erasure_has_begun(
        self, alice: User, alice_client: JsonClient, anonymous: JsonClient
    ) -> None:
        leave(alice_client)
        with time_machine.travel(timezone.now() + account_deletion.GRACE, tick=False):
            assert purging.close(alice.pk)
            assert sign_in(anonymous, restore=True)[1]["code"] == "invalid_credentials"

"""What becomes of a paid plan when its owner leaves."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.test import Client

from accounts.models import User
from billing.models import Subscription
from billing.services import account_deletion
from billing.tests.demo_pages import browser
from billing.tests.demo_pages import buy
from billing.tests.demo_pages import now
from conftest import PASSWORD
from conftest import JsonClient
from core.models import Job

__all__ = ["browser"]


pytestmark = pytest.mark.django_db(transaction=True)


class TestLeaving:
    def test_who_leaves_is_not_charged_again_and_who_comes_back_decides(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        subscription = Subscription.objects.get(user=alice)
        assert (subscription.tier, subscription.cancel_at_period_end) == ("premium_pro", True)
        back = JsonClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD, "restore": True})
        client = JsonClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {back.json()['access_token']}")
        assert (now(client)["tier"], now(client)["cancel_at_period_end"]) == ("premium_pro", True)
        assert client.post("/api/subscription/resume").status_code == 200
        assert now(client)["cancel_at_period_end"] is False

    def test_a_process_that_dies_before_its_signal_is_made_up_for(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        assert account_deletion.sweep() == 0
        with patch("billing.services.account_deletion.jobs.enqueue"):  # what a dead process does
            assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        assert not Subscription.objects.get(user=alice).cancel_at_period_end
        assert account_deletion.sweep() == 1
        assert Subscription.objects.get(user=alice).cancel_at_period_end
        assert account_deletion.sweep() == 0

    def test_who_never_paid_leaves_as_well(self, alice_client: JsonClient) -> None:
        assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        assert Job.objects.get(kind=account_deletion.END_PLAN).state == Job.State.SUCCEEDED

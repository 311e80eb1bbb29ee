from __future__ import annotations

import pytest
from django.test import Client

from core.api.shapes import Limits


@pytest.mark.django_db
def test_the_public_configuration_names_the_installed_modules(client: Client) -> None:
    body = client.get("/api/config").json()
    assert body["modules"][:2] == ["accounts", "billing"]
    assert body["environment"] == "test"


@pytest.mark.django_db
def test_every_limit_that_is_told_is_in_the_schema_and_the_other_way_round(client: Client) -> None:
    limits = client.get("/api/config").json()["limits"]
    assert set(limits) == set(Limits.model_fields)
    assert all(isinstance(limit, int) and limit > 0 for limit in limits.values())

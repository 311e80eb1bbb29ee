from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_public_configuration_names_the_installed_modules(client: Client) -> None:
    body = client.get("/api/config").json()
    assert body["modules"][:2] == ["accounts", "billing"]
    assert body["environment"] == "test"

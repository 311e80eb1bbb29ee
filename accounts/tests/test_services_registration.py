"""Making accounts from commands and other code."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from accounts.errors import Duplicate
from accounts.models import AuditEvent
from accounts.models import User
from accounts.services import login
from accounts.services import registration
from core.errors import InvalidInput


@pytest.mark.django_db
def test_it_needs_no_request() -> None:
    user = registration.register(username="dora", email=" Dora@Example.com ", password="hard-to-guess-4")
    assert (user.email, user.language) == ("Dora@example.com", "en")
    assert login.login("dora@example.com", password="hard-to-guess-4").user == user
    assert AuditEvent.objects.get(event="user.registered").ip == ""


@pytest.mark.django_db
def test_a_refused_registration_leaves_the_transaction_usable(alice: User) -> None:
    with pytest.raises(Duplicate) as refusal:
        registration.register(username="ALICE", email="new@example.com", password="hard-to-guess-4")
    assert refusal.value.details == {"username": ["This name is taken."]}
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_the_hash_is_made_before_names_are_compared(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda user, password: hashed.append(password))
    with pytest.raises(Duplicate):
        registration.register(username="alice", email="alice@example.com", password="hard-to-guess-4")
    assert hashed == ["hard-to-guess-4"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["", "xx"])
def test_unknown_languages_are_refused(language: str) -> None:
    with pytest.raises(InvalidInput):
        registration.register(username="dora", email="d@example.com", password="hard-to-guess-4", language=language)


@pytest.mark.django_db
def test_the_schema_is_clean_and_knows_the_scheme() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    schema: dict[str, Any] = yaml.safe_load(out.getvalue())
    assert schema["components"]["securitySchemes"]["bearer"] == {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
    }  # fmt: skip
    me = schema["paths"]["/api/auth/me"]["get"]
    assert me["security"] == [{"bearer": []}]
    assert schema["paths"]["/api/auth/login"]["post"]["security"] == [{}]
    user = schema["components"]["schemas"]["User"]["properties"]
    assert {"type": "null"} in user["tokens_limit"]["anyOf"]
    assert {"type": "string", "format": "date-time"} in user["reset_at"]["anyOf"]

"""Names, addresses and passwords are letters, not bytes: what people see as one thing is one thing."""

from __future__ import annotations

import unicodedata
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import User
from accounts.tests.letterbox import letters
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in

pytestmark = pytest.mark.django_db


def register(name: str, email: str, password: str = PASSWORD) -> Any:
    return JsonClient().post("/api/auth/register", {"username": name, "email": email, "password": password})


def login(name: str, password: str = PASSWORD) -> int:
    return int(JsonClient().post("/api/auth/login", {"email": name, "password": password}).status_code)


@pytest.mark.parametrize("mark", ["\u200b", "\u2060", "\ufeff", "\u00a0", "\u00ad", "\u202c", "\u3164", " \u200b\t"])
@pytest.mark.parametrize("name", ["alice@example.com", "ALICE@Example.COM", "alice"])
def test_what_is_invisible_around_an_address_keeps_nobody_out(alice: User, mark: str, name: str) -> None:
    assert login(f"{mark}{name}{mark}") == 200


def test_nor_does_it_make_a_second_account(alice: User) -> None:
    assert register("alicia", "\ufeffalice@example.com\u200b").status_code == 409
    assert register("dora", "\u200bdora@example.com\u200b").status_code == 201
    assert User.objects.get(username="dora").email == "dora@example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x@пошта.укр", "x@xn--80a1acn3a.xn--j1amh"),
        ("x@xn--80a1acn3a.xn--j1amh", "X@ПОШТА.укр"),
        ("x@Bücher.example", "x@xn--bcher-kva.example"),
        ("x@ｅｘａｍｐｌｅ.com", "x@example.com"),
    ],
)
def test_one_mailbox_is_one_account(one: str, other: str) -> None:
    assert register("first", one).status_code == 201
    assert register("second", other).json()["details"].keys() == {"email"}
    assert login(other) == 200
    assert (User.objects.get().email or "").isascii()


def test_a_change_to_another_form_of_ones_address_is_none() -> None:
    user = make_user("first")
    User.objects.update(email="x@xn--80a1acn3a.xn--j1amh")
    client = signed_in(user)
    answer = client.post("/api/auth/email/change", {"email": "x@пошта.укр\u200b", "password": PASSWORD})
    assert (answer.status_code, answer.json()["details"].keys()) == (400, {"email"})


def test_a_link_goes_to_the_one_form() -> None:
    JsonClient().post("/api/auth/magic-link", {"email": "x@пошта.укр"})
    assert letters("x@xn--80a1acn3a.xn--j1amh")


def test_the_migration_makes_one_form_and_names_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    convert = import_module("accounts.migrations.0009_one_form_of_addresses").convert
    plain, first, second = (User.objects.create(username=name) for name in ("plain", "first", "second"))
    for user, address in ((plain, "y@пошта.укр"), (first, "x@xn--80a1acn3a.xn--j1amh"), (second, "X@ПОШТА.укр")):
        User.objects.filter(pk=user.pk).update(email=address)
    with connection.schema_editor(atomic=False) if connection.vendor == "postgresql" else _editor() as editor:
        convert(apps, editor)
        convert(apps, editor)
    found = dict(User.objects.values_list("username", "email"))
    assert found == {
        "plain": "y@xn--80a1acn3a.xn--j1amh",
        "first": "x@xn--80a1acn3a.xn--j1amh",
        "second": "X@ПОШТА.укр",
    }
    said = capsys.readouterr().out
    assert f"{first.pk} and {second.pk}" in said
    assert "пошта" not in said.lower()


class _editor:  # noqa: N801 - SQLite's editor wants a connection without a transaction
    connection = connection

    def __enter__(self) -> _editor:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


COMPOSED = unicodedata.normalize("NFC", "café-жовтий-їжак-7")
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.mark.parametrize(("set_as", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED), (COMPOSED, COMPOSED)])
def test_a_password_is_the_same_on_every_keyboard(set_as: str, typed: str) -> None:
    assert register("dora", "dora@example.com", set_as).status_code == 201
    assert login("dora", typed) == 200
    assert login("dora", "ｃａｆé-жовтий-їжак-7") == 200
    assert login("dora", "cafe-жовтий-їжак-7") == 401


def test_one_from_before_is_good_once_and_hashed_anew(alice: User) -> None:
    User.objects.update(password=make_password(DECOMPOSED))
    assert login("alice", COMPOSED) == 401
    assert login("alice", DECOMPOSED) == 200
    assert login("alice", COMPOSED) == 200


def test_blanks_around_a_password_still_count(alice: User) -> None:
    assert login("alice", f" {PASSWORD}") == 401


@pytest.mark.parametrize(
    "name", ["admin", "System", "Ad-min", "SUPPORT_", "root1", "kintsugi", "_staff_", "moder-ator99"]
)
def test_nobody_takes_a_name_that_speaks_for_the_house(alice_client: JsonClient, name: str) -> None:
    for answer in (register(name, "dora@example.com"), alice_client.patch("/api/auth/me", {"username": name})):
        assert (answer.status_code, answer.json()["details"]) == (400, {"username": ["This name is reserved."]})


@pytest.mark.parametrize("name", ["adminka", "systematic", "rooty", "team-blue"])
def test_names_that_only_begin_so_are_free(name: str) -> None:
    assert register(name, "dora@example.com").status_code == 201


def test_who_has_such_a_name_keeps_it() -> None:
    make_user("support")
    client = signed_in(User.objects.get())
    assert client.patch("/api/auth/me", {"bio": "Mends pots."}).status_code == 200
    assert login("support") == 200

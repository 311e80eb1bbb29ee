from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AbstractBaseUser
from rest_framework.test import APIClient

from core.files.models import StoredFile

pytestmark = pytest.mark.urls("core.tests.urls")
PATH = "/api/test/list"
ClientOf = Callable[[AbstractBaseUser], APIClient]


@pytest.fixture
def files(alice: AbstractBaseUser, charlie: AbstractBaseUser) -> list[str]:
    """Names of 120 files of Alice's, newest first; Charlie has some, too."""

    def rows(owner: AbstractBaseUser, count: int) -> list[StoredFile]:
        plain: dict[str, Any] = {"mime_type": "text/plain", "kind": "text", "size": 1, "sha256": "0" * 64}
        return [
            StoredFile(owner_id=owner.pk, name=f"{number:03}.txt", key=f"{owner.pk}/{number}", **plain)
            for number in range(count)
        ]

    StoredFile.objects.bulk_create(rows(alice, 120) + rows(charlie, 5))
    return [f"{number:03}.txt" for number in reversed(range(120))]


def names(body: dict[str, Any]) -> list[str]:
    return [row["name"] for row in body["results"]]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("reverse", ["0", "1"])
def test_a_cursor_beyond_the_calendar_points_nowhere(alice_client: APIClient, moment: str, reverse: str) -> None:
    alice_client.raise_request_exception = False
    for _ in range(2):
        alice_client.post("/api/chats", {})
    cursor = b64encode(urlencode({"p": moment, "r": reverse}).encode()).decode()
    # PostgreSQL compares such times; then the page is merely empty or whole.
    assert alice_client.get("/api/chats", {"cursor": cursor}).status_code in {200, 404}


def test_a_list_is_read_page_by_page_in_both_directions(
    alice: AbstractBaseUser, client_of: ClientOf, files: list[str]
) -> None:
    client = client_of(alice)
    first = client.get(PATH).json()
    assert set(first) == {"results", "next", "previous"}
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert names(first) + names(second) + names(third) == files
    assert [len(names(page)) for page in (first, second, third)] == [50, 50, 20]
    assert third["next"] is None
    back = client.get(third["previous"]).json()
    assert names(back) == names(second)
    assert names(client.get(back["previous"]).json()) == names(first)


def test_links_are_paths_with_a_cursor(alice: AbstractBaseUser, client_of: ClientOf, files: list[str]) -> None:
    link = urlsplit(client_of(alice).get(f"{PATH}?limit=10&search=x").json()["next"])
    assert (link.scheme, link.netloc, link.path) == ("", "", PATH)
    query = parse_qs(link.query)
    assert query["limit"] == ["10"]
    assert query["search"] == ["x"]
    assert query["cursor"]


@pytest.mark.parametrize(
    ("limit", "length"), [("1", 1), ("100", 100), ("101", 100), ("100000", 100), ("0", 50), ("-1", 50), ("x", 50)]
)
def test_the_limit_is_bounded(
    alice: AbstractBaseUser, client_of: ClientOf, files: list[str], limit: str, length: int
) -> None:
    assert len(names(client_of(alice).get(f"{PATH}?limit={limit}").json())) == length


def test_rows_that_come_and_go_meanwhile_shift_nothing(
    alice: AbstractBaseUser, client_of: ClientOf, files: list[str]
) -> None:
    client = client_of(alice)
    first = client.get(f"{PATH}?limit=10").json()
    StoredFile.objects.create(
        owner_id=alice.pk, name="new.txt", key="new", mime_type="text/plain", kind="text", size=1, sha256="0" * 64
    )
    StoredFile.objects.filter(name=files[5]).delete()
    assert names(client.get(first["next"]).json()) == files[10:20]


def test_a_cursor_that_is_none_is_refused(alice: AbstractBaseUser, client_of: ClientOf, files: list[str]) -> None:
    response = client_of(alice).get(f"{PATH}?cursor=nonsense")
    assert (response.status_code, response.json()["error"]) == (404, "Not found.")


def test_a_page_costs_the_same_however_many_rows_there_are(
    alice: AbstractBaseUser, client_of: ClientOf, files: list[str], django_assert_num_queries: Any
) -> None:
    client = client_of(alice)
    client.get(PATH)
    with django_assert_num_queries(2):
        client.get(f"{PATH}?limit=5")
    with django_assert_num_queries(2):
        client.get(f"{PATH}?limit=100")

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from conftest import JsonClient
from core.searching import marks
from messenger.models import Conversation
from messenger.models import Participant
from messenger.services import messages
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from messenger.tests.factories import messages_of

SEARCH = "/api/messenger/search"
SAME = [
    *[(f"м{typed}яч", f"м{asked}яч") for typed in "'\u2019\u02bc" for asked in "'\u2019\u02bc"],
    ("Don’t", "don't"),
    ("мой", "мои\u0306"),
    ("cafe\u0301", "café"),
    ("Ёлка", "елка"),
    ("İstanbul", "istanbul"),
    ("ｆｕｌｌｗｉｄｔｈ", "fullwidth"),
    ("soft\u00adhyphen", "softhyphen"),
    ("zero\u200bwidth", "zerowidth"),
]
"""As one was written, and as another looks for it."""


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    return make_group(alice, bob)


def found(client: JsonClient, q: str, **filters: Any) -> list[str]:
    answer = client.get(SEARCH, {"q": q, **filters})
    assert answer.status_code == 200, answer.json()
    return [hit["message"]["content"] for hit in answer.json()["results"]]


def test_words_and_parts_of_words_are_found_in_every_script(
    alice: User, bob_client: JsonClient, group: Conversation
) -> None:
    said = ["Tea at FIVE, please", "Чай о п'ятій годині", "明日の五時にお茶を", "Straße 100% _ok_", "biscuits"]
    for content in said:
        make_row(group, alice, content)
    tea, chai, ocha, street, biscuits = said
    wanted = {
        "tea": [tea],
        "TEA five": [tea],
        "five tea": [tea],
        "leas": [tea],
        "ЧАЙ": [chai],
        "один": [chai],
        "お茶": [ocha],
        "五": [ocha],
        "STRASSE": [street],
        "100%": [street],
        "_ok": [street],
        "t": [biscuits, street, tea],
        "coffee": [],
        "%": [street],
        "tea biscuits": [],
    }
    assert {words: found(bob_client, words) for words in wanted} == wanted


def test_punctuation_is_looked_past(alice: User, bob_client: JsonClient, group: Conversation) -> None:
    for content in ("Tea, at five", "Teapots, fivefold"):
        make_row(group, alice, content)
    assert found(bob_client, "five: tea!") == ["Tea, at five"]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_letters_that_look_the_same_are_found(
    alice_client: JsonClient, bob_client: JsonClient, group: Conversation, one: str, other: str
) -> None:
    alice_client.post(messages_of(group), {"content": f"before {one} after"})
    assert [hit["message"]["content"] for hit in bob_client.get(SEARCH, {"q": other}).json()["results"]] == [
        f"before {one} after"
    ]
    (hit,) = bob_client.get(SEARCH, {"q": other}).json()["results"]
    assert [hit["message"]["content"][start:end] for start, end in hit["highlights"]] == [one]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the indexes are PostgreSQL's")
@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("messages_search_trgm", "search_text LIKE '%biscuit%'"),
        (
            "messages_search_words",
            "to_tsvector('simple'::regconfig, search_text) @@ plainto_tsquery('simple'::regconfig, 'tea')",
        ),
    ],
)
def test_the_indexes_serve_the_conditions(db: None, index: str, condition: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN SELECT 1 FROM conversation_messages WHERE {condition}")
        assert index in str(cursor.fetchall())


def test_only_what_one_may_see_is_found(
    alice: User, bob: User, alice_client: JsonClient, charlie_client: JsonClient, group: Conversation
) -> None:
    make_row(group, bob, "tea cleared")
    Participant.objects.filter(user=alice, conversation=group).update(cleared_seq=1)
    said = messages.send(bob, conversation_id=group.pk, content="tea deleted").message
    messages.delete(bob, message_id=said.id)
    make_row(make_group(bob), bob, "tea elsewhere")
    make_row(group, bob, "tea seen")
    assert found(alice_client, "tea") == ["tea seen"]
    assert found(charlie_client, "tea") == []
    refused = charlie_client.get(SEARCH, {"q": "tea", "conversation_id": str(group.pk)})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_filters(alice: User, bob: User, alice_client: JsonClient, group: Conversation) -> None:
    talk = make_direct(alice, bob)
    make_row(group, alice, "tea 1", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    make_row(group, bob, "tea 2", created_at=datetime(2026, 1, 2, tzinfo=UTC), message_type="image")
    make_row(talk, bob, "tea 3", created_at=datetime(2026, 1, 3, tzinfo=UTC))
    assert found(alice_client, "tea") == ["tea 3", "tea 2", "tea 1"]
    assert found(alice_client, "tea", conversation_id=talk.pk) == ["tea 3"]
    assert found(alice_client, "tea", **{"from": bob.pk}) == ["tea 3", "tea 2"]
    assert found(alice_client, "tea", before="2026-01-02") == ["tea 1"]
    assert found(alice_client, "tea", after="2026-01-02T00:00:00Z") == ["tea 3", "tea 2"]
    assert found(alice_client, "tea", type="image") == ["tea 2"]
    for nonsense in (
        {"q": ""},
        {"q": "tea", "from": "bob"},
        {"q": "tea", "before": "soon"},
        {"q": "tea", "after": "9999-12-31T23:59:59-23:59"},
        {"q": "tea", "type": "system"},
    ):
        assert alice_client.get(SEARCH, nonsense).status_code == 400, nonsense


def test_hits_say_where_and_what(alice: User, bob: User, bob_client: JsonClient, group: Conversation) -> None:
    make_row(make_direct(alice, bob), alice, "🍵 Tea and tea")
    make_row(group, alice, "tea")
    first, second = bob_client.get(SEARCH, {"q": "TEA"}).json()["results"]
    assert first["conversation"] == {"id": str(group.pk), "name": "Tea", "type": "group", "is_saved": False}
    assert (second["conversation"]["name"], second["conversation"]["type"]) == ("alice", "direct")
    assert (first["highlights"], second["highlights"]) == ([[0, 3]], [[3, 6], [11, 14]])
    assert second["message"]["sender"]["username"] == "alice"


def test_pages_take_a_fixed_number_of_queries(
    alice: User, bob: User, charlie: User, bob_client: JsonClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    talks = [make_direct(alice, bob), *(make_group(alice, bob) for _ in range(4)), make_direct(bob, charlie)]
    for number, talk in enumerate(talks):
        make_row(talk, alice, f"tea {number}")
    bob_client.get(SEARCH, {"q": "tea"})
    seen = []
    url = f"{SEARCH}?q=tea&limit=4"
    while url:
        with django_assert_num_queries(5):  # session, page, messages, conversations, the others of direct ones
            page = bob_client.get(url).json()
        seen += [hit["message"]["content"] for hit in page["results"]]
        url = page["next"]
    assert seen == [f"tea {number}" for number in range(5, -1, -1)]


@pytest.mark.parametrize(
    ("content", "words", "wanted"),
    [
        ("Straße und STRASSE", "strasse", [[0, 6], [11, 18]]),
        ("aaa", "aa", [[0, 2]]),
        ("abcd", "ab bc", [[0, 3]]),
        ("ab cd", "ab cd", [[0, 2], [3, 5]]),
        ("İstanbul", "stan", [[1, 5]]),
        ("five, tea", "tea!", [[6, 9]]),
        ("nothing", "else", []),
        ("🏺 м’яч… 🏺 М\u02bcЯЧ", "м'яч", [[3, 7], [12, 16]]),
        ("кафе\u0301 soft\u00adhyphen", "фе\u0301 softhyphen", [[2, 5], [6, 17]]),
        ("x" * 50_000 + " tea", "tea", [[50_001, 50_004]]),
        ("t" * 50_000, "t", [[0, 100]]),
    ],
)
def test_highlights(content: str, words: str, wanted: list[list[int]]) -> None:
    assert marks(content, words) == wanted

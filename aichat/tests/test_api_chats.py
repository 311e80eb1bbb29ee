from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from aichat import shapes
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import MessageAttachment
from aichat.tasks import PURGE_TEMPORARY
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_file
from aichat.tests.factories import make_message
from aichat.tests.factories import make_talk
from billing.services.plans import grant_plan
from conftest import JsonClient
from core import jobs
from core.jobs import worker


def test_a_chat_is_created_changed_and_deleted(alice_client: JsonClient) -> None:
    chat = alice_client.post("/api/chats", {"title": "Plans", "system_prompt": "Be brief.", "temperature": 0.5}).json()
    assert chat["model"] == "demo"
    assert (chat["title"], chat["temperature"], chat["active_message_id"]) == ("Plans", 0.5, None)

    url = f"/api/chats/{chat['id']}"
    changed = alice_client.patch(url, {"pinned": True, "archived": True, "temperature": None, "title": "New"}).json()
    assert changed | {"pinned": True, "archived": True, "temperature": None, "title": "New"} == changed
    assert changed["updated_at"] == chat["updated_at"], "a change of the settings is no message"
    assert alice_client.get(url).json() == changed
    assert alice_client.delete(url).status_code == 204
    assert alice_client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"temperature": 2.5}, "invalid"),
        ({"title": "x" * 201}, "invalid"),
        ({"model": "gpt-99"}, "unknown_model"),
        ({"system_prompt": "x" * 20_001}, "invalid"),
    ],
)
def test_nonsense_is_refused(alice: User, alice_client: JsonClient, body: dict[str, Any], code: str) -> None:
    chat = make_chat(alice)
    for answer in (alice_client.post("/api/chats", body), alice_client.patch(f"/api/chats/{chat.pk}", body)):
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_letters_that_fold_into_three_fit_a_title(alice_client: JsonClient) -> None:
    chat = alice_client.post("/api/chats", {"title": "\u0390" * 200})
    assert chat.status_code == 201
    assert alice_client.patch(f"/api/chats/{chat.json()['id']}", {"title": "\u0390" * 199}).status_code == 200
    assert len(alice_client.get("/api/chats", {"search": "\u0390" * 3}).json()["results"]) == 1


def test_the_list_is_newest_first_and_knows_pins_archive_and_temporary(
    alice: User, bob: User, alice_client: JsonClient
) -> None:
    now = timezone.now()
    old = make_chat(alice, title="old", updated_at=now - timedelta(days=1), pinned=True)
    new = make_chat(alice, title="new", updated_at=now)
    gone = make_chat(alice, title="gone", archived=True)
    make_chat(alice, title="secret", temporary=True)
    make_chat(bob, title="bob's")

    def listed(query: str = "") -> list[str]:
        return [chat["id"] for chat in alice_client.get(f"/api/chats?{query}").json()["results"]]

    assert listed() == [str(new.pk), str(old.pk)]
    assert listed("pinned=true") == [str(old.pk)]
    assert listed("pinned=false") == [str(new.pk)]
    assert listed("archived=true") == [str(gone.pk)]
    assert alice_client.get("/api/chats?archived=maybe").status_code == 400


def test_the_list_is_paged_with_a_constant_number_of_queries(
    alice: User, alice_client: JsonClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(7):
        make_chat(alice, title=str(number), updated_at=timezone.now() + timedelta(seconds=number))
    seen = []
    url = "/api/chats?limit=3"
    while url:
        with django_assert_num_queries(2):  # the session, the page
            page = alice_client.get(url).json()
        seen += [chat["title"] for chat in page["results"]]
        url = page["next"]
    assert seen == list("6543210")


@pytest.mark.parametrize("words", ["КІНЦУ", "кінцу", "Ґанок", "100%", "ґАНОК_Ї"])
def test_the_search_ignores_case_in_titles_and_messages(alice: User, alice_client: JsonClient, words: str) -> None:
    by_title = make_chat(alice, title="Про кінцу та ґанок_ї на 100%")
    by_message = make_chat(alice)
    make_message(by_message, "user", "Що таке Кінцу? Ґанок_ї на 100% дерев'яний")
    make_chat(alice, title="something else 1000")
    found = alice_client.get("/api/chats", {"search": words}).json()["results"]
    assert {chat["id"] for chat in found} == {str(by_title.pk), str(by_message.pk)}


def test_a_search_finds_words_in_any_order_and_shows_where(alice: User, alice_client: JsonClient) -> None:
    bowl = make_chat(alice, title="Bowl of gold")
    talk = make_chat(alice, title="Mending")
    old = make_message(talk, "user", "a gold bowl once")
    make_message(talk, "assistant", "Something else", old)
    long = "🏺 " + "word " * 60 + "the **bowl**\nwith gold’s seams" + " more" * 60
    newest = make_message(talk, "assistant", long, old)
    make_chat(alice, title="gold only")
    found = {one["id"]: one for one in alice_client.get("/api/chats", {"search": "GOLD bowl"}).json()["results"]}
    assert found.keys() == {str(bowl.pk), str(talk.pk)}
    title = found[str(bowl.pk)]["found"]
    assert title == {"message_id": None, "snippet": "", "highlights": [], "title_highlights": [[0, 4], [8, 12]]}
    hit = found[str(talk.pk)]["found"]
    assert hit["message_id"] == str(newest.pk)
    assert "the **bowl** with gold’s seams" in hit["snippet"]
    assert hit["snippet"].startswith("…")
    assert hit["snippet"].endswith("…")
    assert len(hit["snippet"]) <= 165
    assert [hit["snippet"][start:end] for start, end in hit["highlights"]] == ["bowl", "gold"]
    assert alice_client.get("/api/chats").json()["results"][0]["found"] is None


@pytest.mark.parametrize(
    ("written", "wanted"), [("м’яч", "м'яч"), ("мои\u0306", "мой"), ("Ёлка", "елка"), ("ﬁne \u00adday", "day fine")]
)
def test_letters_that_look_the_same_are_found(alice: User, alice_client: JsonClient, written: str, wanted: str) -> None:
    by_title = alice_client.post("/api/chats", {"title": written}).json()["id"]
    by_message = make_chat(alice)
    make_message(by_message, "user", written)
    found = alice_client.get("/api/chats", {"search": wanted}).json()["results"]
    assert {chat["id"] for chat in found} == {by_title, str(by_message.pk)}


def test_a_title_of_letters_that_fold_into_many_is_kept(alice_client: JsonClient) -> None:
    answer = alice_client.post("/api/chats", {"title": "ﷺ" * 150})
    assert answer.status_code == 201


def test_renaming_wins_over_everything(alice: User, alice_client: JsonClient) -> None:
    chat = make_chat(alice, title="Guess", title_source=Chat.TitleSource.QUESTION)
    alice_client.patch(f"/api/chats/{chat.pk}", {"title": "Mine"})
    chat.refresh_from_db()
    assert (chat.title_source, chat.search_title) == (Chat.TitleSource.USER, "mine")


def test_switching_goes_to_the_newest_leaf_below(alice: User, alice_client: JsonClient) -> None:
    chat = make_chat(alice)
    asked, first = make_talk(chat, 1)
    second = make_message(chat, "assistant", "another", asked)
    below = make_message(chat, "user", "and then?", first)
    leaf = make_message(chat, "assistant", "this", below)
    make_message(chat, "assistant", "end", second)
    body = alice_client.patch(f"/api/chats/{chat.pk}", {"active_message_id": str(first.pk)}).json()
    assert body["active_message_id"] == str(leaf.pk)


def test_the_messages_are_the_active_branch_newest_first_with_siblings(
    alice: User, alice_client: JsonClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chat = make_chat(alice)
    rows = make_talk(chat, 10)
    edited = make_message(chat, "user", "edited", rows[3])
    make_message(chat, "assistant", "to the edited", edited)
    alice_client.patch(f"/api/chats/{chat.pk}", {"active_message_id": str(rows[-1].pk)})

    seen: list[dict[str, Any]] = []
    url: str | None = f"/api/chats/{chat.pk}/messages?limit=8"
    for expected in (2, 3, 2):  # the session, the page; only where there are any, the siblings
        assert url
        with django_assert_num_queries(expected):
            page = alice_client.get(url).json()
        seen += page["results"]
        url = page["next"]
    assert url is None
    assert [message["id"] for message in seen] == [str(row.pk) for row in reversed(rows)]
    assert seen[-5]["sibling_ids"] == [str(rows[4].pk), str(edited.pk)]
    assert seen[0]["sibling_ids"] == [str(rows[-1].pk)]


def test_files_and_the_siblings_of_roots_are_asked_for_once_a_page(
    alice: User, alice_client: JsonClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chat, other = make_chat(alice), make_chat(alice)
    edited = make_message(chat, "user", "edited")
    make_message(other, "user", "a root elsewhere")
    rows = make_talk(chat, 2)
    files = [make_file(alice, name) for name in ("plan.txt", "notes.txt")]
    for row in (rows[0], rows[2]):
        for position, file in enumerate(files):
            MessageAttachment.objects.create(message=row, file=file, position=position)
    with django_assert_num_queries(4):  # the session, the page, files, siblings
        page = alice_client.get(f"/api/chats/{chat.pk}/messages").json()
    shown = {message["id"]: message for message in page["results"]}
    for row in (rows[0], rows[2]):
        assert [file["name"] for file in shown[str(row.pk)]["attachments"]] == ["plan.txt", "notes.txt"]
    assert shown[str(rows[1].pk)]["attachments"] == []
    assert shown[str(rows[0].pk)]["sibling_ids"] == [str(edited.pk), str(rows[0].pk)]
    assert shown[str(rows[2].pk)]["sibling_ids"] == [str(rows[2].pk)]


def test_a_page_shows_the_types_and_failures_as_the_single_message_does(alice: User, alice_client: JsonClient) -> None:
    chat = make_chat(alice)
    error = {"error": "It broke.", "code": "provider_error"}
    fields = {"status": "failed", "error": error, "estimated": True, "finish_reason": "length", "prompt_tokens": 3}
    row = make_message(chat, "assistant", "", make_message(chat, "user", "why?"), **fields)
    (shown, _asked) = alice_client.get(f"/api/chats/{chat.pk}/messages").json()["results"]
    assert shown == alice_client.post(f"/api/chats/{chat.pk}/messages/{row.pk}/stop").json()
    assert (shown["error"], shown["estimated"], shown["finish_reason"]) == (error, True, "length")


def test_messages_are_in_their_shape(alice: User, alice_client: JsonClient) -> None:
    """Pages are written without it, as they are read often."""
    chat = make_chat(alice)
    asked = make_message(chat, "user", "why?", client_id="7f")
    MessageAttachment.objects.create(message=asked, file=make_file(alice, "notes.txt"))
    error = {"error": "It broke.", "code": "provider_error", "retry_after": 5}
    row = make_message(chat, "assistant", "", asked, status="failed", error=error)
    page = alice_client.get(f"/api/chats/{chat.pk}/messages").json()
    stopped = alice_client.post(f"/api/chats/{chat.pk}/messages/{row.pk}/stop").json()
    for shape, shown in ((shapes.MessagePage, page), (shapes.Message, stopped)):
        assert shape.model_validate(shown).model_dump(mode="json", exclude_unset=True) == shown


def test_an_empty_chat_has_no_messages_and_a_foreign_cursor_finds_none(alice: User, alice_client: JsonClient) -> None:
    chat, other = make_chat(alice), make_chat(alice)
    foreign = make_message(other, "user", "elsewhere")
    url = f"/api/chats/{chat.pk}/messages"
    assert alice_client.get(url).json() == {"results": [], "next": None, "previous": None}
    assert alice_client.get(f"{url}?cursor={foreign.pk}").status_code == 404
    assert alice_client.get(f"{url}?cursor=nonsense").status_code == 404


def test_temporary_chats_are_readable_and_go_after_a_day(alice: User, alice_client: JsonClient) -> None:
    young = make_chat(alice, temporary=True)
    old = make_chat(alice, temporary=True, updated_at=timezone.now() - timedelta(hours=25))
    kept = make_chat(alice, updated_at=timezone.now() - timedelta(days=400))
    make_talk(old, 2)
    assert alice_client.get(f"/api/chats/{young.pk}").status_code == 200
    job = jobs.enqueue(PURGE_TEMPORARY, payload={})
    assert worker.run_job(job.pk)
    assert set(Chat.objects.values_list("pk", flat=True)) == {young.pk, kept.pk}
    assert not ChatMessage.objects.exists()


@pytest.mark.usefixtures("november")
class TestModels:
    def test_only_what_the_plan_allows_is_listed(
        self, alice: User, alice_client: JsonClient, settings: Settings
    ) -> None:
        settings.OPENAI_API_KEY = "sk-test"
        offered = {model["id"]: model for model in alice_client.get("/api/chats/models").json()["results"]}
        assert set(offered) == {"gpt-6-luna", "gpt-4o-mini", "demo"}
        assert offered["gpt-6-luna"]["input_price"] == "0.1"
        assert offered["demo"]["is_demo"]

        everything = {model["id"]: model for model in alice_client.get("/api/chats/models?all=true").json()["results"]}
        assert everything["gpt-6.1-terra"]["available"] is False
        assert everything["gpt-6.1-terra"]["min_tier"] == "premium_starter"
        assert everything["gpt-6.2-sol"]["parameters"] == ["max_completion_tokens"]

    def test_a_better_plan_sees_more(self, alice: User, alice_client: JsonClient, settings: Settings) -> None:
        settings.OPENAI_API_KEY = "sk-test"
        grant_plan(None, user=alice, tier="premium_ultra", reason="test")
        offered = {model["id"] for model in alice_client.get("/api/chats/models").json()["results"]}
        assert offered >= {"gpt-6-luna", "gpt-6.1-terra", "gpt-6.2-sol", "gpt-6.2-astra"}
        assert not offered & {"o1", "claude-opus-5-5"}


class TestEstimate:
    def test_it_counts_the_whole_prompt_and_writes_nothing(self, alice: User, alice_client: JsonClient) -> None:
        chat = make_chat(alice, system_prompt="Answer in verse.")
        make_talk(chat, 3)
        before = ChatMessage.objects.count()
        alone = alice_client.post("/api/chats/estimate", {"content": "Hello"}).json()
        inside = alice_client.post("/api/chats/estimate", {"content": "Hello", "chat_id": str(chat.pk)}).json()
        assert alone["model"] == "demo"
        assert 0 < alone["prompt_tokens"] < inside["prompt_tokens"]
        assert alone["estimated_tokens"] == alone["prompt_tokens"] + alone["max_tokens"]
        assert alone["fits"] is True
        assert alone["tokens_left"] == 100_000
        assert ChatMessage.objects.count() == before


class TestStrangers:
    """Charlie sees nothing and changes nothing, by any door."""

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("get", "", None),
            ("patch", "", {"title": "mine"}),
            ("patch", "", {"active_message_id": "MESSAGE"}),
            ("delete", "", None),
            ("get", "/messages", None),
            ("post", "/messages", {"content": "hi"}),
            ("get", "/export", None),
            ("post", "/messages/MESSAGE/regenerate", {}),
            ("post", "/messages/MESSAGE/continue", {}),
            ("post", "/messages/MESSAGE/stop", {}),
            ("get", "/messages/MESSAGE/stream", None),
        ],
    )
    def test_charlie_gets_404(
        self, alice: User, charlie_client: JsonClient, method: str, path: str, body: dict[str, str] | None
    ) -> None:
        chat = make_chat(alice, title="Alice's")
        answer = make_talk(chat, 1)[-1]
        path = path.replace("MESSAGE", str(answer.pk))
        body = body and {key: value.replace("MESSAGE", str(answer.pk)) for key, value in body.items()}
        response = getattr(charlie_client, method)(f"/api/chats/{chat.pk}{path}", body)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
        chat.refresh_from_db()
        assert (chat.title, chat.messages.count()) == ("Alice's", 2)

    def test_charlie_finds_nothing(self, alice: User, charlie_client: JsonClient) -> None:
        chat = make_chat(alice, title="Alice's")
        make_talk(chat, 1, "treasure")
        assert charlie_client.get("/api/chats").json()["results"] == []
        assert charlie_client.get("/api/chats?search=treasure").json()["results"] == []
        estimate = charlie_client.post("/api/chats/estimate", {"content": "hi", "chat_id": str(chat.pk)})
        assert estimate.status_code == 404

    @pytest.mark.parametrize("path", ["", "/models", f"/{'0' * 8}-0000-7000-8000-{'0' * 12}/messages"])
    def test_nobody_is_let_in_without_a_session(self, anonymous: JsonClient, db: None, path: str) -> None:
        assert anonymous.get(f"/api/chats{path}").status_code == 401

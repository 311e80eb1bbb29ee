"""Asking again, editing, continuing, stopping, resuming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from aichat.engine import engines
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_message
from aichat.tests.factories import make_talk
from aichat.tests.talking import Event
from aichat.tests.talking import Talk
from aichat.tests.talking import text_of
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core import llm
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import piece

USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


async def _row(message_id: str) -> ChatMessage:
    return await ChatMessage.objects.aget(pk=message_id)


async def _charged() -> int:
    return sum([entry.total_tokens async for entry in UsageEntry.objects.filter(feature="aichat")])


@sync_to_async
def _nothing_is_held() -> bool:
    return all(quota.tokens_held == 0 for quota in TokenQuota.objects.all()) and not TokenHold.objects.filter(
        state="held"
    ).exclude(feature="aichat_title")


class TestBranches:
    async def test_regenerating_adds_a_sibling_and_shows_it(self, talk: Talk) -> None:
        chat = await talk.chat()
        first = (await talk.ask(chat, "Why gold?"))[0].data["message"]
        start, *_, done = await talk.act(await _row(first["id"]), "regenerate")
        again = start.data["message"]
        assert start.data["user_message"] is None
        assert again["parent_id"] == first["parent_id"]
        assert again["sibling_ids"] == [first["id"], again["id"]]
        assert done.data["status"] == "complete"
        assert str((await Chat.objects.aget()).active_leaf_id) == again["id"]
        assert await TokenHold.objects.filter(feature="aichat").acount() == 2

    async def test_editing_begins_a_branch_beside_the_question(self, talk: Talk) -> None:
        chat = await talk.chat()
        first = (await talk.ask(chat, "Why gold?"))[0].data["user_message"]
        start = (await talk.ask(chat, "Why lacquer?", parent_id=None))[0]
        edited = start.data["user_message"]
        assert edited["parent_id"] is None
        assert edited["sibling_ids"] == [first["id"], edited["id"]]
        page = (await talk.get(f"/api/chats/{chat.pk}/messages")).json()["results"]
        assert [message["content"] for message in page][1:] == ["Why lacquer?"]

    async def test_a_question_cannot_follow_a_question_or_a_foreign_message(self, talk: Talk) -> None:
        chat, other = await talk.chat(), await talk.chat()
        start = (await talk.ask(chat, "One"))[0].data
        url = f"/api/chats/{chat.pk}/messages"
        below_question = await talk.post(url, {"content": "?", "parent_id": start["user_message"]["id"]})
        assert (below_question.status_code, below_question.json()["code"]) == (400, "invalid_parent")
        foreign = await talk.post(
            f"/api/chats/{other.pk}/messages", {"content": "?", "parent_id": start["message"]["id"]}
        )
        assert foreign.status_code == 404

    async def test_one_answer_at_a_time(self, talk: Talk, settings: Settings) -> None:
        settings.LLM_DEMO_WORD_SECONDS = 0.2
        chat = await talk.chat()
        stream = await talk.open(chat, "A long one")
        running = (await anext(stream)).data["message"]["id"]
        for body in ({"content": "Quick!"}, {"content": "Edited", "parent_id": None}):
            refused = await talk.post(f"/api/chats/{chat.pk}/messages", body)
            assert (refused.status_code, refused.json()["code"]) == (409, "answer_running")
            assert refused.json()["message_id"] == running
        assert await ChatMessage.objects.acount() == 2
        await engines.stop((await _row(running)).pk)
        assert [last async for last in stream][-1].data["status"] == "stopped"


class TestRepeats:
    async def test_a_repeat_after_the_end_tells_it_again_without_a_charge(self, talk: Talk) -> None:
        chat = await talk.chat()
        first = await talk.ask(chat, "Once", client_id="k")
        again = await talk.ask(chat, "Once", client_id="k")
        assert text_of(again) == text_of(first)
        assert again[0].data["user_message"]["id"] == first[0].data["user_message"]["id"]
        assert again[-1] == first[-1]
        assert await TokenHold.objects.filter(feature="aichat").acount() == 1

    async def test_another_question_under_a_known_id_is_refused(self, talk: Talk) -> None:
        chat = await talk.chat()
        await talk.ask(chat, "Once", client_id="k")
        refused = await talk.post(f"/api/chats/{chat.pk}/messages", {"content": "Twice", "client_id": "k"})
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch")


class TestResuming:
    async def test_from_every_position_the_rest_comes_and_nothing_else(self, talk: Talk) -> None:
        chat = await talk.chat()
        events = await talk.ask(chat, "Розкажи про 金継ぎ 🏺")
        text, message = text_of(events), await _row(events[0].data["message"]["id"])
        for position in (0, 1, len(text) // 2, len(text)):
            rest = await talk.resume(message, str(position))
            assert text_of(rest) == text[position:]
            assert rest[-1] == events[-1]

    async def test_while_it_is_written_too(self, talk: Talk) -> None:
        chat = await talk.chat()
        stream = await talk.open(chat, "Tell me")
        message = await _row((await anext(stream)).data["message"]["id"])
        first = await anext(stream)
        late, rest = await asyncio.gather(talk.resume(message, first.id), _all(stream))
        assert text_of(late) == text_of(rest)

    async def test_after_the_last_event_there_is_nothing(self, talk: Talk) -> None:
        chat = await talk.chat()
        events = await talk.ask(chat, "Short")
        url = f"/api/chats/{chat.pk}/messages/{events[0].data['message']['id']}/stream"
        assert (await talk.get(url, **{"Last-Event-ID": events[-1].id})).status_code == 204
        assert (await talk.get(f"{url}?last_event_id={events[-1].id}")).status_code == 204
        for nonsense in ("-1", "x", "5.undone", "9" * 12):
            assert (await talk.get(url, **{"Last-Event-ID": nonsense})).status_code == 400


async def _all(stream: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in stream]


class TestStopping:
    async def test_the_provider_is_let_go_and_what_came_is_charged(self, talk: Talk, wire: Wire) -> None:
        wire.says(HEAD, piece(event("Half an ")), piece(event("answer")))
        chat = await talk.chat(model="gpt-4o-mini")
        stream = await talk.open(chat, "Hello")
        message = await _row((await anext(stream)).data["message"]["id"])
        seen = ""
        while seen != "Half an answer":
            seen += (await anext(stream)).data["delta"]

        stopped = await talk.post(f"/api/chats/{chat.pk}/messages/{message.pk}/stop")
        assert stopped.status_code == 200
        body = stopped.json()
        assert (body["status"], body["content"], body["estimated"]) == ("stopped", "Half an answer", True)
        assert body["completion_tokens"] == 3
        assert body["prompt_tokens"] > 0
        assert [last async for last in stream][-1].data["status"] == "stopped"
        assert await asyncio.to_thread(wire.hung_up.wait, 5)
        assert await _charged() == body["total_tokens"]
        assert await _nothing_is_held()

    async def test_before_the_first_word_nothing_is_charged(self, talk: Talk, wire: Wire) -> None:
        wire.says(HEAD)
        chat = await talk.chat(model="gpt-4o-mini")
        stream = await talk.open(chat, "Hello")
        message = await _row((await anext(stream)).data["message"]["id"])
        body = (await talk.post(f"/api/chats/{chat.pk}/messages/{message.pk}/stop")).json()
        assert (body["status"], body["total_tokens"]) == ("stopped", 0)
        assert await _charged() == 0

    async def test_an_ended_answer_stays_as_it_is(self, talk: Talk) -> None:
        chat = await talk.chat()
        events = await talk.ask(chat, "Done")
        url = f"/api/chats/{chat.pk}/messages/{events[0].data['message']['id']}/stop"
        assert (await talk.post(url)).json()["status"] == "complete"

    async def test_a_process_that_writes_elsewhere_hears_of_it(self, talk: Talk, settings: Settings) -> None:
        """The flag is all another process can set; the checkpoint sees it."""
        settings.LLM_DEMO_WORD_SECONDS = 0.1
        chat = await talk.chat()
        stream = await talk.open(chat, "A long one")
        message_id = (await anext(stream)).data["message"]["id"]
        await ChatMessage.objects.filter(pk=message_id).aupdate(stop_requested=True)
        assert [last async for last in stream][-1].data["status"] == "stopped"

    async def test_deleting_the_chat_stops_and_settles(self, talk: Talk, settings: Settings) -> None:
        settings.LLM_DEMO_WORD_SECONDS = 0.1
        chat = await talk.chat()
        stream = await talk.open(chat, "A long one")
        await anext(stream)
        await anext(stream)
        assert (await talk.client.delete(f"/api/chats/{chat.pk}", headers=talk.headers)).status_code == 204
        assert [last async for last in stream][-1].data["status"] == "stopped"
        assert await _charged() > 0
        assert await _nothing_is_held()


class TestContinuing:
    async def test_the_same_message_grows_under_a_new_hold(self, talk: Talk, wire: Wire) -> None:
        wire.cuts_after(HEAD, piece(event("One, two, ")))
        wire.streams(event("three."), event(finish="stop"), event(choices=[], usage=USAGE), b"data: [DONE]\n\n")
        chat = await talk.chat(model="gpt-4o-mini", title="Counting")
        events = await talk.ask(chat, "Count to three")
        assert events[-1].data["code"] == "stream_cut"
        message = await _row(events[0].data["message"]["id"])
        assert (message.status, message.content) == ("incomplete", "One, two, ")

        start, delta, done = await talk.act(message, "continue")
        assert start.data["message"]["content"] == "One, two, "
        assert start.position == 10
        assert (delta.data["delta"], delta.position, done.id) == ("three.", 16, "16.done")
        sent = wire.bodies[1]["messages"]
        assert [turn["role"] for turn in sent] == ["user", "assistant", "user"]
        assert sent[1]["content"] == "One, two, "

        message = await _row(str(message.pk))
        assert (message.content, message.status, message.attempt) == ("One, two, three.", "complete", 2)
        assert message.estimated is True, "a part of the figures was counted here"
        holds = [hold.key async for hold in TokenHold.objects.filter(feature="aichat").order_by("id")]
        assert holds == [f"aichat:{message.pk}:1", f"aichat:{message.pk}:2"]
        assert await _charged() == message.prompt_tokens + message.completion_tokens
        assert await ChatMessage.objects.acount() == 2

    async def test_a_complete_answer_cannot_be_continued(self, talk: Talk) -> None:
        chat = await talk.chat()
        events = await talk.ask(chat, "Done")
        refused = await talk.post(f"/api/chats/{chat.pk}/messages/{events[0].data['message']['id']}/continue")
        assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_continue")

    async def test_an_answer_cut_by_its_length_can(self, talk: Talk) -> None:
        chat = await sync_to_async(make_chat)(talk.user)
        question, _ = await sync_to_async(make_talk)(chat, 1)
        short = await sync_to_async(make_message)(chat, "assistant", "It goes on", question, finish_reason="length")
        events = await talk.act(short, "continue")
        assert events[-1].data["status"] == "complete"
        assert (await _row(str(short.pk))).content.startswith("It goes on")

    async def test_continuing_twice_at_once_is_one_attempt(self, talk: Talk) -> None:
        chat = await sync_to_async(make_chat)(talk.user)
        question, _ = await sync_to_async(make_talk)(chat, 1)
        cut = await sync_to_async(make_message)(chat, "assistant", "Begun ", question, status="incomplete")
        both = await asyncio.gather(talk.act(cut, "continue"), talk.act(cut, "continue"))
        assert both[0][-1] == both[1][-1]
        assert (await _row(str(cut.pk))).attempt == 2
        assert await TokenHold.objects.filter(feature="aichat").acount() == 1

    async def test_a_question_is_not_an_answer(self, talk: Talk) -> None:
        chat = await sync_to_async(make_chat)(talk.user)
        question, _ = await sync_to_async(make_talk)(chat, 1)
        for verb in ("continue", "stop", "regenerate"):
            refused = await talk.post(f"/api/chats/{chat.pk}/messages/{question.pk}/{verb}")
            assert (refused.status_code, refused.json()["code"]) == (400, "not_an_answer")


class TestCheckpoints:
    async def test_text_and_progress_are_stored_while_it_is_written(self, talk: Talk, wire: Wire) -> None:
        wire.says(HEAD, piece(event("Kept every second")))
        chat = await talk.chat(model="gpt-4o-mini")
        stream = await talk.open(chat, "Hello")
        message_id = (await anext(stream)).data["message"]["id"]
        await anext(stream)
        await engines.current()._checkpoint(renew_lease=True)
        row = await _row(message_id)
        hold = await TokenHold.objects.aget(feature="aichat")
        assert (row.content, row.status) == ("Kept every second", "streaming")
        written = llm.tokens.count_text(row.content, llm.catalogue.get("gpt-4o-mini"))
        assert row.progress_completion == hold.progress_completion == written
        assert row.progress_prompt == hold.progress_prompt > 0
        await engines.stop(row.pk)
        await stream.aclose()

    async def test_an_answer_that_was_given_up_lets_go_and_keeps_what_was_on_record(
        self, talk: Talk, wire: Wire
    ) -> None:
        wire.says(HEAD, piece(event("More than was stored")))
        chat = await talk.chat(model="gpt-4o-mini")
        stream = await talk.open(chat, "Hello")
        message_id = (await anext(stream)).data["message"]["id"]
        await anext(stream)
        assert await sync_to_async(answers.abandon)((await _row(message_id)).pk, 1)
        left = await _row(message_id)
        assert await _charged() == 0, "nothing was on record yet"
        assert [last async for last in stream][-1].data["code"] == "interrupted"
        row = await _row(message_id)
        assert (row.status, row.content) == ("incomplete", left.content), "who was given up writes nothing more"
        assert await UsageEntry.objects.filter(feature="aichat").acount() == 1
        assert await asyncio.to_thread(wire.hung_up.wait, 5)


class TestTitles:
    async def test_the_first_question_names_the_chat_and_the_model_improves_it(self, talk: Talk) -> None:
        chat = await talk.chat()
        await talk.ask(chat, "What is the golden joinery of broken bowls called and where does it come from, please?")
        at_once = await Chat.objects.aget()
        assert at_once.title
        await engines.current().drain()
        later = await Chat.objects.aget()
        assert later.title_source == "model"
        assert 0 < len(later.title) <= 61
        assert await TokenHold.objects.filter(feature="aichat_title", state="settled").acount() == 1
        await talk.ask(chat, "And now something else")
        await engines.current().drain()
        assert (await Chat.objects.aget()).title == later.title

    async def test_a_title_of_ones_own_is_never_touched(self, talk: Talk) -> None:
        chat = await talk.chat(title="Mine")
        await talk.ask(chat, "Hello")
        await engines.current().drain()
        assert (await Chat.objects.aget()).title == "Mine"
        assert not await TokenHold.objects.filter(feature="aichat_title").aexists()

    async def test_without_tokens_left_the_question_stays_the_title(self, talk: Talk) -> None:
        chat = await talk.chat()
        stream = await talk.open(chat, "Is there anything left?")
        await anext(stream)
        await TokenQuota.objects.aupdate(tokens_used=10**9)
        await _all(stream)
        await engines.current().drain()
        assert (await Chat.objects.aget()).title == "Is there anything left?"


@pytest.mark.parametrize("path", ["messages", "export", ""])
async def test_a_stranger_gets_404_through_the_server_too(talk: Talk, stranger: Talk, path: str) -> None:
    chat = await talk.chat()
    assert (await stranger.get(f"/api/chats/{chat.pk}/{path}".rstrip("/"))).status_code == 404

"""Tools of the house: with the rights of who asks, in a group on that group alone, remembered where it was said."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import User
from agents import limits
from agents.models import AgentMemory
from agents.tests.factories import make_agent
from core.llm import tools
from core.llm.tools import ToolContext
from core.llm.tools import ToolFailed
from messenger.models import Conversation
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    found = make_group(alice, bob, name="Tea")
    make_row(found, alice, "The teapot is cracked")
    return found


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    found = make_direct(alice, bob)
    make_row(found, bob, "The teapot was a gift, keep it secret")
    return found


def test_what_one_finds_is_what_one_may_read(
    alice: User, charlie: User, group: Conversation, direct: Conversation
) -> None:
    words = {"words": "teapot"}
    found = tools.call("search_messages", ToolContext(alice.pk), words)
    assert ("cracked" in found, "gift" in found, "in “Tea”" in found) == (True, True, True)
    inside = tools.call("search_messages", ToolContext(alice.pk, group.pk), words)
    assert ("cracked" in inside, "gift" in inside) == (True, False)
    between = tools.call("search_messages", ToolContext(alice.pk, direct.pk), words)
    assert "cracked" in between
    assert tools.call("search_messages", ToolContext(charlie.pk), words) == "No message has these words."
    with pytest.raises(ToolFailed):
        tools.call("search_messages", ToolContext(charlie.pk, group.pk), words)


def test_a_conversation_is_read_by_its_members(
    alice: User, bob: User, charlie: User, group: Conversation, direct: Conversation
) -> None:
    make_row(group, bob, "I can mend it")
    said = tools.call("read_conversation", ToolContext(alice.pk, group.pk), {})
    assert [line.partition("] ")[2] for line in said.splitlines()] == [
        "alice in “Tea”: The teapot is cracked",
        "bob in “Tea”: I can mend it",
    ]
    elsewhere = {"conversation_id": str(direct.pk)}
    assert "gift" in tools.call("read_conversation", ToolContext(alice.pk), elsewhere)
    for context, arguments in (
        (ToolContext(alice.pk, group.pk), elsewhere),
        (ToolContext(charlie.pk), elsewhere),
        (ToolContext(charlie.pk, group.pk), {}),
        (ToolContext(alice.pk), {}),
        (ToolContext(uuid4()), elsewhere),
    ):
        with pytest.raises(ToolFailed, match="Not found"):
            tools.call("read_conversation", context, arguments)


def test_memories_stay_where_they_were_said(alice: User, bob: User, group: Conversation) -> None:
    agent = make_agent(alice)
    alone, together = ToolContext(alice.pk, None, agent.pk), ToolContext(alice.pk, group.pk, agent.pk)
    bobs = ToolContext(bob.pk, None, agent.pk)
    assert tools.call("remember", alone, {"text": "Likes green tea"}) == "Remembered."
    assert tools.call("remember", alone, {"text": "likes GREEN tea"}) == "That is known already."
    assert tools.call("remember", together, {"text": "Meets on Friday"}) == "Remembered."
    assert tools.call("recall", alone, {}) == "Likes green tea"
    assert tools.call("recall", together, {}) == "Meets on Friday"
    assert tools.call("recall", ToolContext(bob.pk, group.pk, agent.pk), {"words": "friday"}) == "Meets on Friday"
    assert tools.call("recall", bobs, {}) == "Nothing is remembered."
    assert tools.call("forget", bobs, {"text": "tea"}) == "Forgotten: 0."
    assert tools.call("forget", alone, {"text": "Tea"}) == "Forgotten: 1."
    assert list(AgentMemory.objects.values_list("text", flat=True)) == ["Meets on Friday"]
    with pytest.raises(ToolFailed):
        tools.call("remember", ToolContext(alice.pk), {"text": "By nobody"})


def test_so_much_is_remembered(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_MEMORIES", 1)
    context = ToolContext(alice.pk, None, make_agent(alice).pk)
    tools.call("remember", context, {"text": "One"})
    with pytest.raises(ToolFailed, match="no room"):
        tools.call("remember", context, {"text": "Two"})


def test_small_ones(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Europe/Kyiv")
    assert tools.call("now", ToolContext(alice.pk), {}).endswith("Europe/Kyiv")
    assert tools.call("echo", ToolContext(alice.pk), {"text": "Hi"}) == "Hi"
    with pytest.raises(ToolFailed, match="text"):
        tools.call("echo", ToolContext(alice.pk), {})
    with pytest.raises(ToolFailed, match="no tool"):
        tools.call("rm", ToolContext(alice.pk), {})

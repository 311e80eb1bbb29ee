"""Agents have translations by a tool: on behalf of who asks, and paid by them."""

from __future__ import annotations

import pytest

from accounts.models import User
from billing.models import UsageEntry
from core.llm import tools
from core.llm.tools import ToolContext
from core.llm.tools import ToolFailed
from translation.models import Translation


def _call(user: User, **arguments: str) -> str:
    return tools.call("translate", ToolContext(user.pk), arguments)


@pytest.mark.django_db
def test_the_answer_is_the_translation_and_nothing_else(alice: User) -> None:
    assert _call(alice, text="good morning", target_lang="Ukrainian") == "⟪uk⟫ good morning"
    assert _call(alice, text="good morning", target_lang="pt-br", source_lang="English") == "⟪pt-BR⟫ good morning"
    assert Translation.objects.filter(user=alice, status="completed").count() == 2
    assert UsageEntry.objects.filter(user=alice, feature="translation").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"text": "good morning", "target_lang": "Klingon"}, "not offered"),
        ({"text": "good morning, how are you today", "target_lang": "en"}, "in this language already"),
        ({"text": "", "target_lang": "uk"}, "text"),
        ({"text": "/demo fail quota", "target_lang": "uk"}, "nothing left"),
    ],
)
def test_a_refusal_is_a_sentence_for_the_model(alice: User, arguments: dict[str, str], sentence: str) -> None:
    with pytest.raises(ToolFailed, match=sentence):
        _call(alice, **arguments)

"""The demo model, which is part of the product."""

from __future__ import annotations

import asyncio
import json
import time
from io import BytesIO

import pytest
from PIL import Image as Pillow
from pytest_django.fixtures import Settings

from core import llm
from core.llm.adapters.demo.answers import calculate
from core.llm.adapters.demo.answers import language_of
from core.llm.errors import ContextTooLong
from core.llm.errors import NoProvider
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderSilent
from core.llm.errors import StreamCut
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask

pytestmark = pytest.mark.any_stack


async def demo(question: object, *, heard: Heard | None = None, **more: object) -> Heard:
    return await ask(question, model="demo", heard=heard, **{"max_tokens": 1000, **more})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _at_once(settings: Settings) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0


async def test_it_says_that_it_is_a_demo_in_the_language_of_the_question() -> None:
    assert "demo model" in (await demo("How do I connect OpenAI?")).text
    assert "демо-модель" in (await demo("Як підключити OpenAI?")).text


async def test_it_answers_from_what_it_knows_of_the_product() -> None:
    assert "`OPENAI_API_KEY`" in (await demo("How do I connect a real model?")).text
    assert "Tokens and limits" in (await demo("What do my tokens cost?")).text
    assert "Гілки розмови" in (await demo("Як створити гілку розмови?")).text


async def test_the_same_question_has_the_same_answer() -> None:
    assert (await demo("What is Kintsugi?")).text == (await demo("What is Kintsugi?")).text


async def test_what_it_does_not_know_it_repeats_and_says_so() -> None:
    assert "You wrote: “Zxqv?”" in (await demo("Zxqv?")).text


async def test_it_writes_tables_and_code_when_asked() -> None:
    assert "|---|---|---|" in (await demo("Compare the providers in a table")).text
    assert "```python" in (await demo("Show me some code")).text


async def test_it_draws_a_diagram_when_asked() -> None:
    assert "```mermaid\nflowchart TD" in (await demo("Draw a diagram of a question")).text
    assert "Модель відповідає" in (await demo("Намалюй діаграму")).text


def _picture(*colours: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", kind: str = "PNG") -> llm.Image:
    """Stripes, all of one height."""
    drawn = Pillow.new(mode, size)
    height = size[1] // len(colours)
    for at, colour in enumerate(colours):
        drawn.paste(Pillow.new(mode, (size[0], height), colour), (0, at * height))
    written = BytesIO()
    drawn.save(written, kind)
    return llm.Image(written.getvalue(), f"image/{kind.lower()}")


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (_picture("#d32f2f", "#1d4ed8"), "640 × 480 pixels large, mostly red, blue."),
        (
            _picture("#ffffff", "#ffffff", "#228b22", kind="JPEG", size=(4000, 3000)),
            "4000 × 3000 pixels large, mostly white, green.",
        ),
        (_picture("#00000000", mode="RGBA", kind="WEBP", size=(1, 1)), "1 × 1 pixels large, mostly white."),
        (_picture("#808080", mode="L", kind="GIF", size=(20000, 1)), "20000 × 1 pixels large, mostly grey."),
        (llm.Image(b"GIF89a and no more", "image/gif"), "a picture with your question that I cannot open"),
    ],
    ids=["stripes", "photo", "nothing", "line", "broken"],
)
async def test_it_tells_the_size_and_the_colours_of_a_picture(image: llm.Image, told: str) -> None:
    assert llm.catalogue.get("demo").vision
    assert told in (await demo([llm.Message("user", "What is in it?", (image,))])).text


async def test_it_looks_at_the_pictures_of_the_question_alone_and_in_its_language() -> None:
    black, pink = _picture("#000000"), _picture("#f48fb1", size=(30, 20))
    asked = [llm.Message("user", "Що тут?", (black, pink))]
    text = (await demo(asked)).text
    assert text.index("640 × 480 пікселів, основні кольори: чорний.") < text.index(
        "30 × 20 пікселів, основні кольори: рожевий."
    )
    asked += [llm.Message("assistant", text), llm.Message("user", "And what is Kintsugi?")]
    assert "pixels" not in (await demo(asked)).text


async def test_it_does_sums_only_of_numbers() -> None:
    assert "= **84**" in (await demo("what is 12*(3+4)?")).text
    assert calculate("2 - 0.5") == 1.5
    for nonsense in ("1/0", "9**9**9", "2026-11-20", "().__class__", "1+" * 60, "(" * 90 + "1+1"):
        assert calculate(nonsense) is None


async def test_it_reports_what_it_counted() -> None:
    heard = await demo("What is Kintsugi?")
    model = llm.catalogue.get("demo")
    assert heard.finish_reason == "stop"
    assert heard.usage == llm.Usage(
        llm.tokens.count_messages([llm.Message("user", "What is Kintsugi?")], model),
        llm.tokens.count_text(heard.text, model),
    )


@pytest.mark.parametrize("again", ["continue", "Your last message was cut off. Continue it exactly.", "Продовжуй!"])
async def test_it_stops_at_the_limit_and_continues_where_it_stopped(again: str) -> None:
    whole = (await demo("What is Kintsugi?")).text
    cut = await demo("What is Kintsugi?", max_tokens=20)
    assert (cut.finish_reason, cut.usage and cut.usage.completion_tokens) == ("length", 20)
    turns = [llm.Message("user", "What is Kintsugi?"), llm.Message("assistant", cut.text)]
    assert cut.text + (await demo(turns)).text == whole
    assert cut.text + (await demo([*turns, llm.Message("user", again)])).text == whole


async def test_an_answer_that_was_told_to_fail_can_be_continued() -> None:
    heard = Heard()
    with pytest.raises(StreamCut):
        await demo("tokens? /demo fail cut", heard=heard)
    turns = [llm.Message("user", "tokens? /demo fail cut"), llm.Message("assistant", heard.text)]
    rest = await demo([*turns, llm.Message("user", "continue")])
    assert "Tokens and limits" in heard.text + rest.text
    assert not rest.text.startswith(heard.text)


async def test_a_new_question_after_an_answer_is_answered() -> None:
    first = await demo("What is Kintsugi?")
    turns = [llm.Message("user", "What is Kintsugi?"), llm.Message("assistant", first.text)]
    second = await demo([*turns, llm.Message("user", "How do I export and continue?")])
    assert "### Export" in second.text
    assert second.text.startswith("*Demo model:*")


@pytest.mark.parametrize(
    "asked",
    [
        "How are my tokens counted, please?",
        "Question:\nHow are my tokens counted, please? /demo fail cut\n\nAnswer:\nSo and so.",
    ],
)
async def test_it_names_a_chat_in_a_few_words(asked: str) -> None:
    messages = [llm.Message("system", "Write a title of at most six words."), llm.Message("user", asked)]
    assert (await demo(messages, max_tokens=20)).text == "How are my tokens counted, please"


async def test_it_calls_a_tool_that_the_question_names_and_answers_with_the_result() -> None:
    tool = llm.Tool(
        "add_numbers",
        "Adds.",
        {
            "type": "object",
            "properties": {
                "first": {"type": "integer"},
                "second": {"type": "number"},
                "label": {"type": "string"},
                "unit": {"enum": ["km", "mile"]},
                "exact": {"type": "boolean"},
                "inner": {"type": "object", "properties": {"list": {"type": "array"}}},
            },
        },
    )
    question = llm.Message("user", 'Please add numbers 2 and 3.5 mile as "sum"')
    heard = await demo([question], tools=[tool])
    [call] = heard.tool_calls
    assert heard.finish_reason == "tool_calls"
    assert json.loads(call.arguments) == {
        "first": 2,
        "second": 3.5,
        "label": "sum",
        "unit": "mile",
        "exact": True,
        "inner": {"list": []},
    }
    result = llm.Message("tool", '{"sum": 5.5}', tool_call_id=call.id)
    answer = await demo([question, llm.Message("assistant", tool_calls=(call,)), result], tools=[tool])
    assert "`add_numbers` answered" in answer.text
    assert '{"sum": 5.5}' in answer.text


async def test_a_question_that_names_no_tool_is_just_answered() -> None:
    assert (await demo("Hello", tools=[llm.Tool("x_ray", "", {})])).finish_reason == "stop"


@pytest.mark.parametrize(
    ("failure", "expected", "begins"),
    [
        ("rate_limit", ProviderRateLimited, False),
        ("context", ContextTooLong, False),
        ("key", ProviderRejectedKey, False),
        ("quota", ProviderQuotaExceeded, False),
        ("cut", StreamCut, True),
        ("silent", ProviderSilent, True),
    ],
)
async def test_it_fails_as_told(settings: Settings, failure: str, expected: type[Exception], begins: bool) -> None:
    settings.LLM_SILENCE_SECONDS = 0.05
    heard = Heard()
    with pytest.raises(expected):
        await demo(f"please /demo fail {failure}", heard=heard)
    assert bool(heard.text) is begins


async def test_it_is_filtered_as_told() -> None:
    heard = await demo("/demo fail filter")
    assert heard.text
    assert heard.finish_reason == "content_filter"


async def test_it_speaks_at_the_pace_of_the_settings(settings: Settings) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 0.01
    began = time.monotonic()
    heard = await demo("What is Kintsugi?", max_tokens=30)
    words = len(heard.text.split())
    assert time.monotonic() - began >= 0.01 * (words - 1)
    began = time.monotonic()
    slow = await demo("/demo fail slow", max_tokens=8)
    assert time.monotonic() - began >= 0.1 * (len(slow.text.split()) - 1)


async def test_closing_it_ends_it(settings: Settings) -> None:
    settings.LLM_DEMO_WORD_SECONDS = 60
    deltas = llm.stream([llm.Message("user", "Hi")], model="demo", max_tokens=100)
    await anext(deltas)
    await asyncio.wait_for(deltas.aclose(), 1)
    with pytest.raises(StopAsyncIteration):
        await anext(deltas)


def test_without_demo_providers_it_is_off(settings: Settings) -> None:
    settings.DEMO_PROVIDERS = False
    assert llm.providers() == []
    assert llm.catalogue.visible() == []
    with pytest.raises(NoProvider):
        llm.catalogue.default()
    with pytest.raises(NoProvider):
        llm.stream([llm.Message("user", "Hi")], model="demo", max_tokens=5)


def test_the_language_is_told_by_the_letters() -> None:
    assert [language_of(text) for text in ("Hello", "Привіт", "", "API як?", "12")] == ["en", "uk", "en", "en", "en"]

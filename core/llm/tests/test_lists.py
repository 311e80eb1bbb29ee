from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.llm import lists
from core.llm.lists import Listed
from core.llm.rows import LONGEST_ID

pytestmark = pytest.mark.any_stack


def reading(*rows: Any) -> lists.Reading:
    found = lists.read(json.dumps({"object": "list", "data": rows}).encode())
    assert found is not None
    return found


def only(**row: Any) -> Listed:
    [found] = reading({"id": "m", **row}).rows
    return found


ODD_ROWS: list[Any] = [
    None, 7, "", [], {}, {"id": None}, {"id": 5}, {"id": ""}, {"id": "x" * (LONGEST_ID + 1)}, {"id": "two\nlines"},
    {"id": "\ud83c"}, {"id": "кіт"}, {"id": ["a"]},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_ROWS, ids=repr)
def test_an_odd_row_spoils_nothing_and_is_told(odd: Any) -> None:
    found = reading({"id": "first"}, odd, {"id": "last"})
    assert [row.id for row in found.rows] == ["first", "last"]
    assert len(found.odd) == 1
    assert found.odd[0].isprintable()
    assert len(found.odd[0]) < 150


@pytest.mark.parametrize(
    "fields",
    [
        {"context_length": "many"}, {"context_length": -1}, {"context_length": 1e400}, {"context_length": True},
        {"max_model_len": {"a": 1}}, {"meta": 7}, {"meta": {"n_ctx": "?"}}, {"pricing": []},
        {"pricing": {"prompt": "free"}}, {"pricing": {"prompt": "NaN"}}, {"pricing": {"prompt": True}},
        {"capabilities": "all"}, {"capabilities": {"thinking": "yes"}}, {"architecture": {"input_modalities": "text"}},
        {"supported_parameters": "tools"}, {"supported_parameters": [1, None]}, {"shutdown_date": "soon"},
        {"shutdown_date": 10**30}, {"shutdown_date": -5}, {"retires_at": []}, {"name": "two\nlines"}, {"type": 3},
    ],
    ids=repr,
)  # fmt: skip
def test_a_field_of_another_shape_is_not_told(fields: dict[str, Any]) -> None:
    body = json.dumps({"data": [{"id": "m", **fields}]}).replace("Infinity", "1e400").encode()
    found = lists.read(body)
    assert found is not None
    [row] = found.rows
    assert (row.id, row.window, row.ends, row.input_price) == ("m", 0, None, None)


def test_every_server_names_its_window_in_its_own_way() -> None:
    for name in ("max_model_len", "max_context_length", "context_length", "context_window", "max_input_tokens"):
        assert only(**{name: 32768}).window == 32768
    assert only(context_length="32768").window == 32768
    assert only(meta={"n_ctx": 4096, "n_ctx_train": 99}).window == 4096


def test_an_end_is_read_in_every_form() -> None:
    for value in ("2027-01-14", "2027-01-14T00:00:00Z", 1799884800):
        assert only(shutdown_date=value).ends == date(2027, 1, 14)
    assert only(retires_at="2027-01-14").ends == date(2027, 1, 14)


def test_anthropics_row_is_a_whole_one() -> None:
    row = only(
        display_name="Claude Next",
        max_input_tokens=1_000_000,
        max_tokens=128_000,
        retires_at="2027-09-22T00:00:00Z",
        capabilities={
            "image_input": {"supported": True},
            "pdf_input": {"supported": True},
            "structured_outputs": {"supported": True},
            "thinking": {"supported": True, "types": {}},
            "effort": {"supported": True, "low": {"supported": True}, "max": {"supported": True}},
        },
    )
    assert (row.name, row.window, row.max_output) == ("Claude Next", 1_000_000, 128_000)
    assert (row.inputs, row.schema, row.thinks) == (frozenset({"image", "pdf"}), True, True)
    assert row.efforts == ("low", "max")


def test_openrouters_row_has_its_price() -> None:
    row = only(
        context_length=131072,
        architecture={"input_modalities": ["text", "image", "file"], "output_modalities": ["text"]},
        pricing={"prompt": "0.0000005", "completion": "0.0000015", "request": "0"},
        top_provider={"max_completion_tokens": 32768},
        supported_parameters=["tools", "reasoning", "structured_outputs"],
    )
    assert (row.input_price, row.output_price) == (Decimal("0.5"), Decimal("1.5"))
    assert (row.tools, row.schema, row.thinks, row.max_output) == (True, True, True, 32768)


def test_what_is_no_chat_model_is_left_out() -> None:
    others = [
        "text-embedding-4", "nomic-embed-text", "gpt-6-tts", "tts-2", "whisper-2", "gpt-6-transcribe", "gpt-realtime-2",
        "gemini-4-live", "gpt-image-3", "gpt-audio-2", "omni-moderation-latest", "sora-3", "gpt-6-search-preview",
        "dall-e-3", "rerank-v4", "veo-4", "google/gemini-4-image",
    ]  # fmt: skip
    chat = ["gpt-6-luna", "olive-7b", "deliverance-8b", "research-70b", "attshield", "imagery-7b"]
    found = reading(*({"id": name} for name in others + chat), {"id": "e5", "type": "embeddings"})
    assert [row.id for row in found.rows] == chat
    assert found.others == (*others, "e5")


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"7", b'{"data": 3}', b'{"error": "no"}', b"\xff"])
def test_what_is_no_list_is_none(body: bytes) -> None:
    assert lists.read(body) is None


@pytest.mark.parametrize("body", [b'[{"id":"a"}]', b'{"models":[{"name":"a"}]}', b'{"data":["a"]}'])
def test_lists_in_other_clothes(body: bytes) -> None:
    found = lists.read(body)
    assert found is not None
    assert list(lists.names(found)) == ["a"]


def test_gemini_writes_models_before_each_id_and_one_id_counts_once() -> None:
    assert [row.id for row in reading({"id": "models/gemini-4-argon"}, {"id": "gemini-4-argon"}).rows] == [
        "gemini-4-argon"
    ]

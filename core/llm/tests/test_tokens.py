from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image as Pillow

from core import llm
from core.llm import encodings
from core.llm import tokens

pytestmark = pytest.mark.any_stack

GPT_4O = llm.catalogue.get("gpt-4o")
TURBO = llm.catalogue.get("gpt-4-turbo")
OPUS = llm.catalogue.get("claude-3-opus")

_WITHOUT_A_NETWORK = """
import socket, sys
def refuse(*_arguments, **_more):
    raise SystemExit("the network was used")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import django
django.setup()
from core import llm
for name in ("gpt-4o", "gpt-4-turbo"):
    model = llm.catalogue.get(name)
    assert llm.tokens.is_exact(model)
    print(llm.tokens.count_text("hello world", model))
"""


def picture(width: int, height: int) -> llm.Image:
    buffer = io.BytesIO()
    Pillow.new("1", (width, height)).save(buffer, "PNG")
    return llm.Image(buffer.getvalue(), "image/png")


def test_a_fresh_installation_counts_without_a_network(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TIKTOKEN_CACHE_DIR"} | {"VAR_DIR": str(tmp_path)}
    counted = subprocess.run(
        [sys.executable, "-c", _WITHOUT_A_NETWORK], env=environment, capture_output=True, text=True, check=False
    )
    assert counted.stdout.split() == ["2", "2"], counted.stderr
    assert sorted(path.name for path in (tmp_path / "tiktoken").iterdir()) == [
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "fb374d419588a4632f3f557e76b4b70aebbca790",
    ]


@pytest.fixture
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_a_spoiled_file_is_replaced(cache_dir: Path) -> None:
    path = cache_dir / "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
    path.write_bytes(b"spoiled")
    assert encodings.unpack("cl100k_base")
    assert path.stat().st_size > 1_000_000


def test_a_file_that_is_not_the_expected_one_is_never_used(cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(encodings._SHA256, "cl100k_base", "0" * 64)
    assert not encodings.unpack("cl100k_base")
    assert list(cache_dir.iterdir()) == []


def test_without_the_package_counts_are_estimates(cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "find_spec", lambda _name: None)
    assert not encodings.unpack("o200k_base")


def test_a_folder_that_cannot_be_written_is_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(blocked / "below"))
    assert not encodings.unpack("o200k_base")


def test_the_encoding_of_the_model_counts() -> None:
    text = "Кінцуґі лагодить золотом."
    assert tokens.count_text(text, GPT_4O) < tokens.count_text(text, TURBO)
    assert tokens.count_text("hello world", GPT_4O) == 2
    assert tokens.count_text("", GPT_4O) == 0
    assert tokens.count_text("<|endoftext|>", GPT_4O) > 1


def test_a_model_without_an_encoding_is_estimated_by_bytes() -> None:
    assert not tokens.is_exact(OPUS)
    assert tokens.count_text("abcd", OPUS) == 2
    assert tokens.count_text("світ", OPUS) == 3
    assert tokens.count_text("\ud800", OPUS) == 1


@pytest.mark.parametrize("unit", ["a", " ", "\n", "!", "ю", "日", "\r \t", "' "])
def test_a_million_of_anything_is_counted_in_bounded_time(unit: str) -> None:
    began = time.monotonic()
    count = tokens.count_text(unit * (1_000_000 // len(unit)), GPT_4O)
    assert 0 < count <= 1_100_000
    assert time.monotonic() - began < 20


def test_usual_text_is_never_cut() -> None:
    text = "word " * 50_000
    encoding = encodings.encoding("o200k_base")
    assert encoding
    assert tokens.count_text(text, GPT_4O) == len(encoding.encode_ordinary(text))


def test_many_threads_may_ask_first() -> None:
    encodings._load.cache_clear()
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(tokens.count_text("hello", GPT_4O))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8
    assert encodings._load.cache_info().misses == 1


def test_messages_cost_their_frame() -> None:
    assert tokens.count_messages([], GPT_4O) == 3
    assert tokens.count_messages([llm.Message("user", "hello world")], GPT_4O) == 3 + 4 + 2


def test_tool_calls_are_part_of_the_prompt() -> None:
    call = llm.Message("assistant", tool_calls=(llm.ToolCall("call_1", "look", "{}"),))
    assert tokens.count_messages([call], GPT_4O) == 3 + 4 + 8 + 1 + 1


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(100, 100, 255), (512, 512, 255), (1024, 1024, 765), (4096, 8192, 1105), (8000, 10, 765)],
)
def test_a_picture_costs_its_tiles(width: int, height: int, expected: int) -> None:
    message = llm.Message("user", images=(picture(width, height),))
    assert tokens.count_messages([message], GPT_4O) == 3 + 4 + expected


def test_an_unreadable_picture_costs_the_most_and_none_for_a_blind_model() -> None:
    message = llm.Message("user", images=(llm.Image(b"no picture", "image/png"),))
    assert tokens.count_messages([message], GPT_4O) == 3 + 4 + tokens.LARGEST_IMAGE
    assert tokens.count_messages([message], llm.catalogue.get("o3-mini")) == 3 + 4


def test_clipping_never_splits_a_letter() -> None:
    text = "🌍🏺漆" * 10
    for limit in range(1, 30):
        kept, count = tokens.clip(text, limit, GPT_4O)
        assert text.startswith(kept)
        assert count <= limit
    assert tokens.clip("short", 100, GPT_4O) == ("short", 1)
    assert tokens.clip("світ світ", 2, OPUS) == ("сві", 2)

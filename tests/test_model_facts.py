"""``make catalogue``: two witnesses are compared, and nothing is written that they do not agree on."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deploy import model_facts
from deploy.model_facts import Witness
from deploy.steps import Failure

pytestmark = pytest.mark.any_stack

RATES = {"input": "1", "cached": "0.1", "write": "1.25", "output": "5"}
ABOVE = {"tokens": 272_000, "input": "2", "cached": "0.2", "write": "2.5", "output": "7.5"}


def priced(**more: Any) -> Witness:
    prices = more.pop("prices", [{"from": "2020-01-01", **RATES, **more}])
    return Witness("genai-prices", "1", {("openai", "gpt-x"): {"name": "GPT X", "window": 9000, "prices": prices}})


def able(provider: str = "openai", **more: Any) -> Witness:
    row = {
        "input": 8000, "output": 4000, "until": more.pop("until", None), "inputs": [], "tools": True,
        "choices": ["auto"], "schema": True, "sampling": "yes", "efforts": [], "cache_least": 0,
        "prices": [{"from": "2020-01-01", **RATES, **more}],
    }  # fmt: skip
    return Witness("litellm", "2", {(provider, "gpt-x"): row})


def test_where_both_agree_both_vouch() -> None:
    [row] = model_facts.merge(priced(above=ABOVE), able(above=ABOVE))
    assert (row["name"], row["window"], row["output"]) == ("GPT X", 9000, 4000)
    assert row["source"] == "genai-prices, litellm"
    assert row["prices"][0]["above"] == ABOVE


@pytest.mark.parametrize(
    "differs",
    [{"input": "1.1"}, {"output": "4.9"}, {"cached": "0.25"}, {"write": "1"}, {"above": ABOVE}],
    ids=lambda differs: next(iter(differs)),
)
def test_a_price_they_do_not_agree_on_is_refused_with_both(differs: dict[str, Any]) -> None:
    with pytest.raises(Failure) as refused:
        model_facts.merge(priced(**differs), able())
    assert "openai/gpt-x" in str(refused.value)
    assert json.dumps(RATES)[1:-1] in str(refused.value)


def test_a_rounding_is_no_disagreement() -> None:
    assert model_facts.merge(priced(input="1.001"), able())


def test_what_was_settled_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_facts.SETTLED, "openai/gpt-x", ("litellm", "asked"))
    [row] = model_facts.merge(priced(input="3"), able())
    assert (row["source"], row["prices"][0]["input"]) == ("litellm", "1")


def test_of_others_than_the_makers_the_dearer_is_taken() -> None:
    cheap = Witness("genai-prices", "1", {("groq", "gpt-x"): priced(input="0.5").rows["openai", "gpt-x"]})
    [row] = model_facts.merge(cheap, able("groq"))
    assert (row["source"], row["prices"][0]["input"]) == ("the dearer of two", "1")


def test_a_price_to_come_is_kept_and_todays_is_compared() -> None:
    later = {"from": "2999-01-01", **RATES, "input": "2"}
    [row] = model_facts.merge(priced(prices=[{"from": "2020-01-01", **RATES}, later]), able())
    assert [price["from"] for price in row["prices"]] == ["2020-01-01", "2999-01-01"]


def test_what_has_ended_is_left_out() -> None:
    assert model_facts.merge(priced(), able(until="2026-01-01")) == []


def test_no_model_loses_its_price() -> None:
    known = model_facts.merge(priced(), able())
    model_facts.keep_prices(known, known)
    with pytest.raises(Failure, match="openai/gpt-x"):
        model_facts.keep_prices([], known)
    model_facts.keep_prices([], [known[0] | {"until": "2026-01-01"}])


def test_litellms_rows_are_read_by_what_they_say(tmp_path: Path) -> None:
    base = {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 10, "max_output_tokens": 5}
    cost = {"input_cost_per_token": 1e-7, "output_cost_per_token": 5e-7, "input_cost_per_token_above_272k_tokens": 2e-7}
    thinks = {"supports_reasoning": True, "supports_none_reasoning_effort": True, "supports_max_reasoning_effort": True}
    rows = {
        "gpt-y": base | cost | thinks | {"supports_vision": True, "supports_tool_choice": True},
        "gpt-y-tts": base | cost,
        "gpt-z": base,
        "else": base | cost | {"litellm_provider": "nobody"},
        "claude": base | cost | {"litellm_provider": "anthropic", "supports_sampling_params": False},
    }
    wheel = tmp_path / "litellm-9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(model_facts.LITELLM_DATA, json.dumps(rows))
    witness = model_facts.litellm(wheel)
    assert witness.version == "9.9"
    assert set(witness.rows) == {("openai", "gpt-y"), ("anthropic", "claude")}
    row = witness.rows["openai", "gpt-y"]
    assert (row["efforts"], row["sampling"]) == (["none", "low", "medium", "high", "max"], "with_none")
    price = row["prices"][0]
    assert (price["input"], price["cached"], price["output"]) == ("0.1", "0.1", "0.5")
    assert price["above"] == {"tokens": 272_000, "input": "0.2", "cached": "0.2", "write": "0.2", "output": "0.5"}
    assert witness.rows["anthropic", "claude"]["sampling"] == "no"


def test_the_file_in_the_house_is_one_that_the_script_writes() -> None:
    text = model_facts.FACTS.read_text(encoding="utf-8")
    document = json.loads(text)
    keys = [(row["provider"], row["id"]) for row in document["models"]]
    assert keys == sorted(set(keys))
    assert set(document["sources"]) == {"genai-prices", "litellm"}
    assert datetime.fromisoformat(document["as_of"]).replace(tzinfo=UTC) <= datetime.now(UTC)
    again = model_facts.document(
        document["models"],
        [Witness(name, version, {}) for name, version in document["sources"].items()],
        on=datetime.fromisoformat(document["as_of"]).date(),
    )
    assert again == text
    assert all(row["source"] and row["prices"] for row in document["models"])

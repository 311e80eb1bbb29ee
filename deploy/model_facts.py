"""``make catalogue``: what others know of models, written down as ``core/llm/facts.json``.

Two witnesses, read out of their wheels: ``genai-prices`` (names, prices, their dates and steps) and LiteLLM's JSON
(windows, abilities, ends, prices again). They are fetched here and nowhere else: the product reads the file, offline.
Nothing is written when the two disagree on a price of today and nobody has settled it below, or when a model loses the
price it had.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from deploy.steps import ROOT
from deploy.steps import Failure

FACTS = ROOT / "core" / "llm" / "facts.json"
LITELLM_DATA = "litellm/model_prices_and_context_window_backup.json"
BEGINNING = "2020-01-01"
"""Since when a price holds of which nobody says since when."""

# Ours → genai-prices', LiteLLM's.
PROVIDERS = {
    "openai": ("openai", "openai"),
    "anthropic": ("anthropic", "anthropic"),
    "gemini": ("google", "gemini"),
    "mistral": ("mistral", "mistral"),
    "deepseek": ("deepseek", "deepseek"),
    "groq": ("groq", "groq"),
    "xai": ("x-ai", "xai"),
    "together": ("together", "together_ai"),
    "fireworks": ("fireworks", "fireworks_ai"),
    "cerebras": ("cerebras", "cerebras"),
    "moonshot": ("moonshotai", "moonshot"),
    "zai": ("zai", "zai"),
}
MAKERS = frozenset({"openai", "anthropic", "gemini"})
"""Whose models both witnesses must agree on; of the others, the dearer price is taken."""
SHELVES = frozenset({"fireworks", "together"})
"""Who has every model there ever was: those that both witnesses know are enough."""

# provider/model → the witness that is believed, and why.
SETTLED: dict[str, tuple[str, str]] = {
    "openai/gpt-5.6-cyber": ("litellm", "the dearer one: it has the step at 272k that its whole family has"),
}

_NO_CHAT = re.compile(
    r"embed|tts|whisper|transcri|realtime|live|image|audio|moderation|video|search|guard|ocr|codex|computer|^ft:"
    r"|lyria|flux|chronos|robotics|omni|learnlm|gemini-exp|-base|-spot$"
)
_ABOVE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens$")
_ASIDE = {"none": "supports_none_reasoning_effort", "xhigh": "supports_xhigh_reasoning_effort"}
_ALL_CHOICES = ["auto", "named", "none", "required"]


@dataclass(frozen=True, slots=True)
class Witness:
    """What one source says: rows by (provider, id), its name and its version."""

    name: str
    version: str
    rows: Mapping[tuple[str, str], dict[str, Any]]


def main(folder: Path | None = None) -> int:
    """Fetch both, compare them, write the file; raises Failure with what has to be decided."""
    with tempfile.TemporaryDirectory() as temporary:
        wheels = folder or _fetch(Path(temporary))
        prices, abilities = genai_prices(_wheel(wheels, "genai_prices")), litellm(_wheel(wheels, "litellm"))
    rows = merge(prices, abilities)
    keep_prices(rows, _known())
    FACTS.write_text(document(rows, (prices, abilities)), encoding="utf-8")
    print(f"{len(rows)} models in {FACTS.relative_to(ROOT)}.")
    return 0


def _fetch(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    if subprocess.run([*command, "genai-prices", "litellm"], check=False).returncode:
        raise Failure("The sources could not be fetched. The catalogue stays as it is.")
    return folder


def _wheel(folder: Path, name: str) -> Path:
    found = sorted(folder.glob(f"{name}-*.whl"))
    if not found:
        raise Failure(f"There is no wheel of {name} in {folder}.")
    return found[-1]


def _version(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def _known() -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = json.loads(FACTS.read_text(encoding="utf-8"))["models"] if FACTS.exists() else []
    return known


# The witnesses -----------------------------------------------------------------------------------------------------


def genai_prices(wheel: Path) -> Witness:
    """Names, windows and dated prices; the package is pure Python and is read from inside its wheel."""
    sys.path.insert(0, str(wheel))
    try:
        data = importlib.import_module("genai_prices.data")
    finally:
        sys.path.remove(str(wheel))
    ours = {theirs: name for name, (theirs, _) in PROVIDERS.items()}
    rows = {}
    for provider in data.providers:
        for model in provider.models if provider.id in ours else ():
            if not _NO_CHAT.search(model.id.lower()) and (prices := list(_dated(model.prices))):
                rows[ours[provider.id], model.id] = {
                    "name": model.name or model.id,
                    "window": model.context_window,
                    "prices": prices,
                }
    return Witness("genai-prices", _version(wheel), rows)


def _dated(prices: Any) -> Iterator[dict[str, Any]]:
    for entry in prices if isinstance(prices, list) else [prices]:
        constraint = getattr(entry, "constraint", None)
        start = getattr(constraint, "start_date", None)
        if constraint is not None and start is None:
            return  # by the time of day: no price that can be said beforehand
        price = _genai_price(getattr(entry, "prices", entry))
        if price:
            yield {"from": start.isoformat() if start else BEGINNING, **price}


def _genai_price(price: Any) -> dict[str, Any] | None:
    parts = {"input": price.input_mtok, "output": price.output_mtok}
    parts |= {"cached": price.cache_read_mtok, "write": price.cache_write_mtok}
    if parts["input"] is None or parts["output"] is None:
        return None
    stepped = [part for part in parts.values() if hasattr(part, "tiers")]
    if any(len(part.tiers) != 1 for part in stepped) or len({part.tiers[0].start for part in stepped}) > 1:
        return None
    base = {name: getattr(part, "base", part) for name, part in parts.items() if part is not None}
    if not stepped:
        return _rates(base)
    top = {
        name: part.tiers[0].price if hasattr(part, "tiers") else part
        for name, part in parts.items()
        if part is not None
    }
    return _rates(base) | {"above": {"tokens": int(stepped[0].tiers[0].start), **_rates(top)}}


def litellm(wheel: Path) -> Witness:
    """Windows, abilities, ends, and the prices of today."""
    with zipfile.ZipFile(wheel) as archive:
        data = json.loads(archive.read(LITELLM_DATA))
    ours = {theirs: name for name, (_, theirs) in PROVIDERS.items()}
    rows = {}
    for key, entry in sorted(data.items()):
        provider = ours.get(entry.get("litellm_provider", ""))
        model_id = key.removeprefix(f"{entry.get('litellm_provider')}/")
        chats = entry.get("mode") in {"chat", "responses"} and not _NO_CHAT.search(model_id.lower())
        if provider and chats and entry.get("input_cost_per_token") is not None:
            rows[provider, model_id.removeprefix("accounts/fireworks/models/")] = _litellm_row(entry, provider)
    return Witness("litellm", _version(wheel), rows)


def _litellm_row(entry: dict[str, Any], provider: str) -> dict[str, Any]:
    efforts = _efforts(entry, provider)
    forced = entry.get("supports_tool_choice") and entry.get("supports_forced_tool_use") is not False
    least = entry.get("prompt_cache_min_tokens") or (1024 if provider == "openai" else 0)
    most_input, most_output = entry.get("max_input_tokens"), entry.get("max_output_tokens")
    return {
        "input": most_input,
        # Gemini: what a model may write counts in its window, and one request brings 65,536 of it at most.
        "output": min(most_output, 65_536) if provider == "gemini" and most_output else most_output,
        "until": entry.get("deprecation_date"),
        "inputs": [kind for kind, name in (("image", "vision"), ("pdf", "pdf_input")) if entry.get(f"supports_{name}")],
        "tools": bool(entry.get("supports_function_calling")),
        "choices": _ALL_CHOICES if forced else ["auto", "none"],
        "schema": bool(entry.get("supports_response_schema")),
        "sampling": _sampling(entry, provider, efforts),
        "efforts": efforts,
        "cache_least": int(least) if entry.get("supports_prompt_caching") else 0,
        "prices": [{"from": BEGINNING, **_litellm_price(entry)}],
    }


def _efforts(entry: dict[str, Any], provider: str) -> list[str]:
    adaptive = provider != "anthropic" or entry.get("supports_output_config")
    if not entry.get("supports_reasoning") or not adaptive or provider not in MAKERS:
        return []
    asides = [name for name, flag in _ASIDE.items() if entry.get(flag)]
    most = ["max"] if entry.get("supports_max_reasoning_effort") else []
    return [*(["none"] if "none" in asides else []), "low", "medium", "high", *asides[("none" in asides) :], *most]


def _sampling(entry: dict[str, Any], provider: str, efforts: list[str]) -> str:
    if entry.get("supports_sampling_params") is False:
        return "no"
    if provider == "openai" and entry.get("supports_reasoning"):
        return "with_none" if "none" in efforts else "no"
    return "yes"


def _litellm_price(entry: dict[str, Any]) -> dict[str, Any]:
    names = {"input": "input_cost_per_token", "output": "output_cost_per_token"}
    names |= {"cached": "cache_read_input_token_cost", "write": "cache_creation_input_token_cost"}
    base = {part: _million(entry[name]) for part, name in names.items() if entry.get(name) is not None}
    base.setdefault("output", Decimal(0))
    steps = sorted(int(found[1]) for name in entry if (found := _ABOVE.match(name)))
    if not steps:
        return _rates(base)
    told = {part: entry.get(f"{name}_above_{steps[0]}k_tokens") for part, name in names.items()}
    top = base | {part: _million(value) for part, value in told.items() if value is not None and part in base}
    return _rates(base) | {"above": {"tokens": steps[0] * 1000, **_rates(top)}}


def _million(per_token: float) -> Decimal:
    return (Decimal(repr(per_token)) * 1_000_000).quantize(Decimal("0.000001"))


def _rates(parts: Mapping[str, Any]) -> dict[str, str]:
    """The four rates as text. Who names no price for the cache reads and writes it at that of the input."""
    whole = {name: Decimal(str(parts.get(name, parts["input"]))) for name in ("input", "cached", "write", "output")}
    return {name: f"{value.normalize():f}" for name, value in whole.items()}


# Both together -----------------------------------------------------------------------------------------------------


def merge(prices: Witness, abilities: Witness) -> list[dict[str, Any]]:
    """One row a model, sorted; raises Failure where the witnesses disagree and nobody has settled it."""
    today = datetime.now(UTC).date().isoformat()
    rows, disputes = [], []
    for key in sorted({*prices.rows, *abilities.rows}):
        priced, able = prices.rows.get(key), abilities.rows.get(key)
        name = "/".join(key)
        if able is None or (able["until"] or "9") <= today or not (able["input"] or (priced or {}).get("window")):
            continue
        if priced is None and key[0] in SHELVES:
            continue
        chosen, problem = _chosen(name, priced, able, today)
        if problem and key[0] in MAKERS:
            disputes.append(problem)
        else:
            rows.append(_row(key, priced or {}, able, chosen))
    if disputes:
        raise Failure("The sources disagree; settle it in deploy/model_facts.py:\n" + "\n".join(disputes))
    return rows


def _chosen(
    name: str, priced: dict[str, Any] | None, able: dict[str, Any], today: str
) -> tuple[tuple[str, list[dict[str, Any]]], str]:
    """The prices to take with the sources that vouch for them, or the sentence that says how they differ."""
    if priced is None:
        return ("litellm", able["prices"]), ""
    mine, other = _current(priced["prices"], today), able["prices"][0]
    if _same(mine, other):
        return ("genai-prices, litellm", priced["prices"]), ""
    winner, _why = SETTLED.get(name, ("", ""))
    if winner:
        return (winner, priced["prices"] if winner == "genai-prices" else able["prices"]), ""
    dearer = priced["prices"] if _weight(mine) > _weight(other) else able["prices"]
    return ("the dearer of two", dearer), f"  {name}: genai-prices {_told(mine)}; litellm {_told(other)}"


def _weight(price: Mapping[str, Any]) -> Decimal:
    return Decimal(price["input"]) + 3 * Decimal(price["output"])


def _current(prices: Iterable[dict[str, Any]], today: str) -> dict[str, Any]:
    prices = list(prices)
    return next((price for price in reversed(prices) if price["from"] <= today), prices[0])


def _told(price: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in price.items() if name != "from"})


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two prices differ by rounding at most."""
    above, top = one.get("above"), other.get("above")
    rates = [(one[name], other[name]) for name in ("input", "cached", "write", "output")]
    if (above is None) != (top is None):
        return False
    if above and top:
        rates += [(above[name], top[name]) for name in ("input", "cached", "write", "output")]
        if above["tokens"] != top["tokens"]:
            return False
    return all(abs(Decimal(a) - Decimal(b)) <= max(Decimal(a), Decimal(b)) * Decimal("0.005") for a, b in rates)


def _row(
    key: tuple[str, str], priced: dict[str, Any], able: dict[str, Any], chosen: tuple[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    window = max(priced.get("window") or 0, able["input"] or 0)
    facts = {name: able[name] for name in ("until", "inputs", "tools", "choices", "schema", "sampling", "efforts")}
    return {
        "provider": key[0],
        "id": key[1],
        "name": priced.get("name") or key[1],
        "window": window,
        "input": able["input"] or window,
        "output": able["output"] or 4096,
        **facts,
        "cache_least": able["cache_least"],
        "source": chosen[0],
        "prices": chosen[1],
    }


def keep_prices(rows: Iterable[dict[str, Any]], known: Iterable[dict[str, Any]]) -> None:
    """Raises Failure when a model that had a price would be without, unless it has ended."""
    today = datetime.now(UTC).date().isoformat()
    priced = {(row["provider"], row["id"]) for row in rows if row["prices"]}
    lost = [
        f"{row['provider']}/{row['id']}"
        for row in known
        if row["prices"] and (row["provider"], row["id"]) not in priced and (row["until"] or "9") > today
    ]
    if lost:
        raise Failure("These models would lose their price; settle it in deploy/model_facts.py: " + ", ".join(lost))


def document(rows: Iterable[dict[str, Any]], sources: Iterable[Witness], *, on: date | None = None) -> str:
    """The file: where it is from, then one line a model."""
    head = {
        "about": "Generated by `make catalogue`; never edited. Prices are USD per million tokens.",
        "as_of": (on or datetime.now(UTC).date()).isoformat(),
        "sources": {witness.name: witness.version for witness in sources},
    }
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(", ", ": ")) for row in rows)
    opening = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    return f'{opening},\n "models": [\n{lines}\n ]\n}}\n'

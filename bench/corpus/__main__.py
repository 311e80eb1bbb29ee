"""The command: see the package."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.corpus import judges
from bench.corpus.fetching import fetch
from translation import formats

FOLDER = Path("var/translation-corpus")
JUDGES: dict[str, Callable[[Path], judges.Facts]] = {
    "docx": judges.docx,
    "pptx": judges.pptx,
    "xlsx": judges.xlsx,
    "epub": partial(judges.epub, jars=FOLDER / "jars"),
    "html": judges.html,
    "md": judges.md,
    "txt": judges.txt,
    "srt": judges.srt,
    "po": judges.po,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.corpus")
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--formats", nargs="*", default=list(JUDGES))
    parser.add_argument("--most", type=int, default=200, help="files of a format, evenly out of all there are")
    options = parser.parse_args()
    if options.fetch:
        fetch(FOLDER)
    print(f"{'format':8}{'files':>7}{'same':>7}{'other':>7}{'unread':>8}{'segments':>10}{'seconds':>9}")
    for kind in options.formats:
        _judge(kind, options.most)


def _judge(kind: str, most: int) -> None:
    files = sorted(path for path in FOLDER.rglob(f"*.{kind}") if path.is_file())
    files = files[:: -(-len(files) // most)] if files else []
    outcome: Counter[str] = Counter()
    failures = []
    segments = 0
    begun = time.process_time()
    for path in files:
        try:
            before = JUDGES[kind](path)
        except Exception:
            before = None  # what others cannot read proves nothing
        result, count = _translated(path, kind, before)
        segments += count
        word = result.split(":")[0] if before is not None else "unread"
        outcome[word] += 1
        if word == "other":
            failures.append(f"    {path.relative_to(FOLDER)}: {result}")
    spent = time.process_time() - begun
    figures = f"{outcome['same']:>7}{outcome['other']:>7}{outcome['unread']:>8}{segments:>10}{spent:>9.1f}"
    print(f"{kind:8}{len(files):>7}{figures}", flush=True)
    print("\n".join(failures), end="\n" if failures else "", flush=True)


def _translated(path: Path, kind: str, before: judges.Facts) -> tuple[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / f"a.{kind}"
        try:
            found = formats.extract(path, kind)
            targets = {one.number: judges.MARK + one.text for one in found.segments}
            formats.merge(path, kind, targets, to, language="uk")
            after = JUDGES[kind](to)
        except formats.Unreadable as refused:
            return ("unread" if refused.reason != "inventory" else "other") + f": {refused}", 0
        except Exception as error:
            return f"other: {type(error).__name__}: {error}", 0
    return ("same" if before == after else f"other: {_difference(before, after)}"), len(found.segments)


def _difference(before: judges.Facts, after: judges.Facts) -> str:
    """The first place where they part."""
    if isinstance(before, (tuple, list)) and isinstance(after, (tuple, list)):
        for one, other in zip(before, after, strict=False):
            if one != other:
                return _difference(one, other)
        return f"{len(before)} and {len(after)}"
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}, key=str):
            if before.get(key) != after.get(key):
                return f"{key}: {_difference(before.get(key), after.get(key))}"
    if isinstance(before, str) and isinstance(after, str):
        at = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
        return f"{before[at : at + 60]!r} and {after[at : at + 60]!r}"
    return f"{before!r:.80} and {after!r:.80}"


if __name__ == "__main__":
    main()

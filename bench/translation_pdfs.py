"""What becomes of PDFs that nobody here wrote: each inspected, split, joined, read and filled in place.

    python bench/translation_pdfs.py FOLDER [--most 60] [--limit 2000]

Prints a line for each file, and at the end how many passed each step. The words come back as Cyrillic letters, and are
looked for in the result by PDFium. Files of more than ``--most`` pages are not filled.
"""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from translation import books_worker
from translation import markers
from translation.books import in_place
from translation.books import inspecting
from translation.books.parts import even
from translation.books.refusals import Refused

LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхійклмнопярстуввхиз")


def cyrillic(text: str) -> str:
    """The same words in other letters, markers kept."""
    parts = markers.split(text)
    return "".join(part if markers.MARKER.fullmatch(part) else part.lower().translate(LETTERS) for part in parts)


def filled(path: Path, to: Path) -> str:
    """Words set in place and found again, or what is wrong."""
    found = in_place.extract(path)
    targets = {segment.number: cyrillic(segment.text) for segment in found.segments}
    in_place.merge(path, targets, to, language="uk")
    shown = inspecting.inspect(to)
    wanted = {
        word
        for segment in found.segments
        if segment.kind != "title"
        for word in markers.plain(targets[segment.number]).split()
        if word.isalpha() and len(word) > 4
    }
    texts = "".join(inspecting.texts(to)).replace("-", "").replace("\u2010", "").replace(" ", "").lower()
    lost = [word for word in wanted if word not in texts]
    return (
        f"{len(found.segments)} segments, {len(wanted) - len(lost)} of {len(wanted)} words found, {shown.pages} pages"
    )


def one(path: Path, most: int, folder: Path) -> tuple[str, str]:
    """How far a file came, and a word about it."""
    seen: dict[str, Any] = books_worker.answer("inspect", {"path": str(path)})
    if "error" in seen:
        return "refused", seen["error"]
    sizes = even(seen["pages"])
    split = books_worker.answer("split", {"path": str(path), "sizes": sizes, "folder": str(folder)})
    if "error" in split:
        return "not split", split["error"]
    merged = {"parts": split["parts"], "harvest": split["harvest"], "to": str(folder / "whole.pdf")}
    joined = books_worker.answer("merge", merged | {"titles": {}, "language": ""})
    if "error" in joined:
        return "not joined", joined["error"]
    after = books_worker.answer("inspect", {"path": str(folder / "whole.pdf")})
    if after.get("by_page") != seen["by_page"]:
        return "other text", f"{seen['characters']} characters before, {after.get('characters')} after"
    if seen["pages"] > most:
        return "joined", f"{seen['pages']} pages"
    try:
        return "filled", filled(path, folder / "filled.pdf")
    except Refused as refused:
        return "not filled", refused.reason
    except Exception as error:
        return "not filled", f"{type(error).__name__}: {error}"


def main() -> int:
    """All of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=60)
    asked = parser.parse_args()
    counted: collections.Counter[str] = collections.Counter()
    for path in sorted(asked.folder.rglob("*.pdf")):
        with tempfile.TemporaryDirectory(prefix="pdfs-") as folder:
            begun = time.process_time()
            state, word = one(path, asked.most, Path(folder))
        counted[state] += 1
        print(f"{state:11} {path.name}: {word} ({time.process_time() - begun:.1f} s)", flush=True)
    print(", ".join(f"{count} {state}" for state, count in counted.most_common()))
    return 1 if any(state.startswith("not") for state in counted) else 0


if __name__ == "__main__":
    sys.exit(main())

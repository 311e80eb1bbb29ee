"""Pages a second of splitting and joining a book, against pikepdf alone, which leaves outline, links and labels behind.

    python bench/translation_books.py [--rounds 5] [--pages 600] [--megabytes 105]

Two books are made: one of text with an outline, links and labels, and one whose pages are pictures of so many megabytes
together. Each measurement is a process of its own, in turns; seconds are of the processor, memory is the largest that
the process had. Ends with 1 when either goal (0.7 of pikepdf's speed, 300 MB) is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

GOAL_SPEED = 0.7
GOAL_MB = 300


def make_text(to: Path, pages: int) -> None:
    from translation.tests.books.making import make_book

    make_book(to, chapters=(pages - 3) // 3)


def make_pictures(to: Path, pages: int, megabytes: int) -> None:
    import pikepdf

    side = int((megabytes * 1e6 / pages / 3) ** 0.5)
    with pikepdf.new() as pdf:
        for number in range(pages):
            pdf.add_blank_page(page_size=(420, 595))
            picture = pikepdf.Stream(pdf, os.urandom(side * side * 3))
            picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            picture.Width = picture.Height = side
            picture.ColorSpace, picture.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
            page = pdf.pages[number].obj
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
            page.Contents = pdf.make_stream(b"q 420 0 0 595 0 0 cm /P Do Q")
        pdf.save(to, compress_streams=False)


def split_ours(book: Path, folder: Path) -> None:
    import pikepdf

    from translation.books.parts import even
    from translation.books.splitting import split

    with pikepdf.open(book) as pdf:
        pages = len(pdf.pages)
    _, harvest = split(book, even(pages), folder)
    (folder / "harvest.json").write_text(json.dumps(harvest))


def merge_ours(_book: Path, folder: Path) -> None:
    from translation.books.joining import merge

    harvest = json.loads((folder / "harvest.json").read_text())
    merge(sorted(folder.glob("0*.pdf")), harvest, folder / "whole.pdf")


def split_alone(book: Path, folder: Path) -> None:
    import pikepdf

    with pikepdf.open(book) as pdf:
        for number, begin in enumerate(range(0, len(pdf.pages), 50)):
            with pikepdf.new() as out:
                out.pages.extend(pdf.pages[begin : begin + 50])
                out.save(folder / f"{number:03}.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)


def merge_alone(_book: Path, folder: Path) -> None:
    import pikepdf

    with pikepdf.new() as out:
        for part in sorted(folder.glob("0*.pdf")):
            out.pages.extend(pikepdf.open(part).pages)
        out.save(folder / "whole.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)


STEPS: dict[str, Callable[[Path, Path], None]] = {
    "split ours": split_ours,
    "merge ours": merge_ours,
    "split pikepdf": split_alone,
    "merge pikepdf": merge_alone,
}


def one(step: str, book: str, folder: str) -> None:
    """A child: one step, measured."""
    import warnings

    import pikepdf

    import translation.books.joining
    import translation.books.splitting  # noqa: F401 - loading them is no part of the work
    from translation.books_worker import peak_mb

    warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
    begun = time.process_time()
    STEPS[step](Path(book), Path(folder))
    seconds = time.process_time() - begun
    print(json.dumps([seconds, peak_mb()]))


def measure(book: Path, rounds: int, scratch: Path) -> dict[str, tuple[float, int]]:
    """Seconds (median) and megabytes (largest) of each step."""
    seconds: dict[str, list[float]] = {step: [] for step in STEPS}
    peaks = dict.fromkeys(STEPS, 0)
    for number in range(rounds):
        order = ["ours", "pikepdf"] if number % 2 else ["pikepdf", "ours"]
        for who in order:
            folder = scratch / f"{book.stem}-{number}-{who}"
            folder.mkdir()
            for step in (f"split {who}", f"merge {who}"):
                command = [sys.executable, __file__, "--step", step, str(book), str(folder)]
                took, peak = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                seconds[step].append(took)
                peaks[step] = max(peaks[step], peak)
            for path in folder.iterdir():
                path.unlink()
    return {step: (statistics.median(seconds[step]), peaks[step]) for step in STEPS}


def report(name: str, size: int, pages: int, found: dict[str, tuple[float, int]]) -> None:
    """Print what was seen, and the goals."""
    print(f"{name}: {pages} pages, {size / 1e6:.1f} MB")
    for step, (seconds, peak) in found.items():
        print(f"  {step:14} {pages / seconds:8.0f} pages/s  {peak:4} MB")
    ours = sum(found[step][0] for step in ("split ours", "merge ours"))
    alone = sum(found[step][0] for step in ("split pikepdf", "merge pikepdf"))
    peak = max(found["split ours"][1], found["merge ours"][1])
    print(f"  both: {alone / ours:.2f} of pikepdf alone (goal {GOAL_SPEED}), peak {peak} MB (goal {GOAL_MB})")


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--megabytes", type=int, default=105)
    parser.add_argument("--step", nargs=3)
    asked = parser.parse_args()
    if asked.step:
        one(*asked.step)
        return
    with tempfile.TemporaryDirectory(prefix="bench-books-") as folder:
        scratch = Path(folder)
        text, pictures = scratch / "text.pdf", scratch / "pictures.pdf"
        make_text(text, asked.pages)
        make_pictures(pictures, asked.pages, asked.megabytes)
        for book in (text, pictures):
            report(book.stem, book.stat().st_size, asked.pages, measure(book, asked.rounds, scratch))


if __name__ == "__main__":
    main()

"""A thesis of some 200 pages as PDF and Word file, against its bare words: processor seconds, memory, and their ratio.

    python bench/documents.py [--sections 44]

Each is made by a process of its own, the baselines too: typst sets, and python-docx writes, the same words as plain
paragraphs, without headings, contents, tables, notes and tags.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from documents import blocks
from documents import exports_worker
from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference
from documents.exports import flow
from documents.exports.composing import compose
from documents.exports.manuscript import PRESETS
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import Section
from documents.exports.manuscript import dumped

UKRAINIAN = (
    "Дослідження показує, що вплив методу залежить від умов, у яких його застосовано, та від якості вихідних даних."
)
ENGLISH = "The study shows that the effect of a method depends on the conditions under which it is applied."
SOURCES = 200


def thesis(sections: int) -> Manuscript:
    """Of 44 sections: 29 tables, 220 footnotes and 200 references, in two languages."""
    references = [
        Reference(
            f"S{number}", Kind.ARTICLE, f"Назва праці {number}", (Name("Коваль", "Ганна"), Name("Miller", "Ann")),
            container="Вісник лук", year=1950 + number % 70, volume=str(number), pages="1-9", language="uk",
        )
        for number in range(1, SOURCES + 1)
    ]  # fmt: skip
    made = [
        Section(f"Методи й результати {n}", _content(n), f"{n}", 1 if n % 6 == 1 else 2) for n in range(1, sections + 1)
    ]
    return compose(
        title="Дипломна робота",
        language="uk",
        sections=made,
        references=references,
        style="dstu-8302-2015",
        author="Ганна Коваль",
        layout=PRESETS["dstu-3008"],
    )


def _content(section: int) -> blocks.Blocks:
    stored: list[dict[str, Any]] = []
    for place in range(11):
        text = UKRAINIAN if (section + place) % 3 else ENGLISH
        source = (section * 11 + place) % SOURCES + 1
        sentences: list[dict[str, Any]] = [{"t": text} for _ in range(5)]
        sentences.append({"t": text, "c": [{"s": f"S{source}", "n": place + 1}]})
        if place % 2 == 0 and place < 10:
            sentences[0]["note"] = f"Див. також примітку {section}.{place}."
        stored.append({"kind": "paragraph", "s": sentences})
    if section % 3 != 2:
        rows = [[f"ряд {section}.{row}", f"{row * 1.5:.2f}", "ні, див. текст"] for row in range(9)]
        stored.append({"kind": "table", "caption": "Показники", "header": ["Показник", "Значення", "Ні"], "rows": rows})
    return blocks.read(stored)


def plain(manuscript: Manuscript) -> list[str]:
    """All its words, a paragraph for each element."""
    return [" ".join(flow.texts_of(element)) for element in flow.elements(manuscript)]


def baseline(kind: str, given: str, to: str) -> None:
    """In a child: the same words as plain paragraphs."""
    texts = json.loads(Path(given).read_text("utf-8"))
    if kind == "pdf":
        import typst

        head = '#set page(paper: "a4")\n#set text(size: 14pt)\n#set par(leading: 0.725em)\n'
        body = "\n\n".join(f"#text({json.dumps(text, ensure_ascii=False)})" for text in texts)
        fonts = typst.Fonts(include_system_fonts=False)
        Path(to).write_bytes(typst.compile((head + body).encode(), font_paths=fonts, pdf_tags=False))
    else:
        import docx

        file = docx.Document()
        for text in texts:
            file.add_paragraph(text)
        file.save(to)


def run(*command: str) -> dict[str, Any]:
    """What a child says of itself."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Both kinds of files, each beside its baseline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sections", type=int, default=44)
    parser.add_argument("--baseline", nargs=3, metavar=("KIND", "GIVEN", "TO"))
    asked = parser.parse_args()
    if asked.baseline:
        baseline(*asked.baseline)
        spent = exports_worker.spent()
        print(json.dumps(spent))
        return
    manuscript = thesis(asked.sections)
    figures = flow.figures(manuscript)
    print(f"{figures.words} words, {figures.tables} tables, {figures.notes} notes, {figures.references} references")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "texts.json").write_text(json.dumps(plain(manuscript), ensure_ascii=False), "utf-8")
        for command, kind in (("pdf", "pdf"), ("measure", "pdf"), ("docx", "docx")):
            arguments: dict[str, Any] = {"manuscript": dumped(manuscript)}
            if command != "measure":
                arguments["to"] = f"{folder}/made.{kind}"
            asked_for = {"memory_mb": exports_worker.MEMORY_MB, "arguments": arguments}
            (folder / "asked.json").write_text(json.dumps(asked_for), "utf-8")
            made = run(exports_worker.__file__, command, f"{folder}/asked.json")
            bare = run(__file__, "--baseline", kind, f"{folder}/texts.json", f"{folder}/bare.{kind}")
            print(_line(command, made, bare))


def _line(command: str, made: dict[str, Any], bare: dict[str, Any]) -> str:
    seconds, memory = made["cpu_seconds"] / bare["cpu_seconds"], made["peak_mb"] / bare["peak_mb"]
    return (
        f"{command:8} {made.get('pages', '-')} pages, {made['cpu_seconds']:.1f} s and {made['peak_mb']} MB; "
        f"bare words {bare['cpu_seconds']:.1f} s and {bare['peak_mb']} MB: {seconds:.1f} and {memory:.1f} times"
    )


if __name__ == "__main__":
    main()

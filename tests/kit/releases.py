"""Another release of the client, made of the build that is there: the same screens, and no file of the same name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_BY_CONTENT = re.compile(r"(?P<name>.+-)(?P<hash>[\w-]{8})(?P<end>\.(?:js|css))")
_TEXTS = {".js", ".css", ".json"}
_ID = re.compile(r"(?<=id:`)[0-9a-f]{12}(?=`)")


def next_release(built: Path, into: Path, *, worker: Callable[[str], str] = str) -> Path:
    """A directory with it; ``worker`` may change the code of its service worker."""
    names = {file.name for file in (built / "assets").iterdir()}
    renamed = {name: _renamed(name) for name in names if _BY_CONTENT.fullmatch(name)}
    assert renamed, f"There is no build of the client in {built}."
    anywhere = re.compile("|".join(map(re.escape, renamed)))
    for file in built.rglob("*"):
        if not file.is_file() or file.suffix == ".map":
            continue
        copy = into / file.relative_to(built).with_name(renamed.get(file.name, file.name))
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix in _TEXTS:
            text = anywhere.sub(lambda found: renamed[found[0]], file.read_text(encoding="utf-8"))
            copy.write_text(worker(_another_id(text)) if file.name == "sw.js" else text, encoding="utf-8")
        else:
            copy.write_bytes(file.read_bytes())
    return into


def entry(built: Path) -> str:
    """The name of the script that its page begins with."""
    [found] = (built / "assets").glob("main-*.js")
    return found.name


def _renamed(name: str) -> str:
    found = _BY_CONTENT.fullmatch(name)
    return f"{found['name']}{found['hash'][::-1]}{found['end']}" if found else name


def _another_id(worker: str) -> str:
    changed, count = _ID.subn(lambda found: found[0][::-1], worker)
    assert count == 1, "The worker names its release in another way than this looks for."
    return changed

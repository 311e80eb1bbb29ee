"""The one reader of ``.env``: of ``python3 -m deploy``, which runs before anything is installed, and of the server.

Nothing but the standard library may be imported here. The grammar is python-dotenv's, which Docker Compose shares:
lines of ``NAME=value`` or ``export NAME=value``, comments after ``#``, values in single quotes as they are, and in
double quotes with ``\\n`` and the like; ``${NAME}`` and ``${NAME:-default}`` stand for other variables, but not in
single quotes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

_BINDING = re.compile(
    r"""
    ^[ \t]*(?:export[ \t]+)?
    (?P<name>[A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*
    (?:
        '(?P<single>(?:\\'|[^'])*)'[ \t]*(?:\#[^\n]*)?
      | "(?P<double>(?:\\.|[^"\\])*)"[ \t]*(?:\#[^\n]*)?
      | (?P<plain>[^\n]*)
    )$
    """,
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*$")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(slots=True)
class EnvFile:
    """What stands in the file; of a name that is given twice the last value counts."""

    values: dict[str, str] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)

    @property
    def warning(self) -> str:
        """A sentence for whoever runs the place, or nothing."""
        if not self.repeated:
            return ""
        return f"The .env file gives {', '.join(self.repeated)} more than once; the last value counts."


def read(path: Path) -> EnvFile:
    """The variables of a file; none of one that is not there. Raises UnicodeDecodeError for what is not UTF-8."""
    found = EnvFile()
    if not path.exists() or path.is_dir():
        return found
    text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    for match in _BINDING.finditer(text):
        name = match["name"]
        if name in found.values and name not in found.repeated:
            found.repeated.append(name)
        found.values[name] = _value(match, found.values)
    return found


def setting(path: Path, name: str, default: str = "") -> str:
    """A variable of the environment, else of the file; an empty one is not set."""
    return os.environ.get(name) or read(path).values.get(name) or default


def _value(match: re.Match[str], known: dict[str, str]) -> str:
    if match["single"] is not None:
        return match["single"].replace("\\'", "'")
    if match["double"] is not None:
        return _filled(_ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), match["double"]), known)
    return _filled(_COMMENT.sub("", match["plain"]).strip(), known)


def _filled(value: str, known: dict[str, str]) -> str:
    def replaced(found: re.Match[str]) -> str:
        return os.environ.get(found["name"]) or known.get(found["name"]) or found["default"] or ""

    return _VARIABLE.sub(replaced, value)

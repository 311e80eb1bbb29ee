"""One reader of ``.env``: what the server reads, ``make run`` reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy import env_file
from deploy import steps
from kintsugi import config
from kintsugi.config import Config

pytestmark = pytest.mark.any_stack

CASES = {
    "plain": ("PORT=8123\n", "8123"),
    "a byte order mark": ("\ufeffPORT=8123\n", "8123"),
    "a comment behind": ("PORT=8123  # mine\n", "8123"),
    "exported": ("export PORT=8123\n", "8123"),
    "twice": ("PORT=8001\nPORT=8123\n", "8123"),
    "double quotes": ('PORT="8123" # mine\n', "8123"),
    "single quotes": ("PORT='8123'\n", "8123"),
    "blanks around": ("  PORT = 8123 \n", "8123"),
    "Windows": ("PORT=8123\r\nBIND=::1\r\n", "8123"),
    "commented out": ("PORT=8123\n# PORT=9\n#PORT=10\n", "8123"),
    "another variable": ("MINE=8123\nPORT=${MINE}\n", "8123"),
    "a default": ("PORT=${NO_SUCH_NAME:-8123}\n", "8123"),
    "empty": ("PORT=\n", "8080"),
    "only a comment": ("PORT= # none\n", "8080"),
    "another name": ("MY_PORT=1\nPORTS=2\n", "8080"),
}


@pytest.mark.parametrize(("content", "port"), CASES.values(), ids=list(CASES))
def test_server_and_make_read_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, port: str
) -> None:
    path = tmp_path / ".env"
    path.write_bytes(content.encode())
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("ENV_FILE", str(path))
    assert steps.setting("PORT", "8080") == port
    assert Config(_env_file=path).port == int(port)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("SECRET='a#b $c \\n'", "a#b $c \\n"),
        ('SECRET="two\\nlines # kept"', "two\nlines # kept"),
        ('SECRET="one\ntwo"', "one\ntwo"),
        ("SECRET=pa#ss", "pa#ss"),
        ("SECRET=pass #word", "pass"),
        ('SECRET="say \\"hi\\""', 'say "hi"'),
        ("SECRET=a=b==", "a=b=="),
    ],
)
def test_values_are_read_as_dotenv_reads_them(tmp_path: Path, line: str, value: str) -> None:
    from dotenv import dotenv_values

    path = tmp_path / ".env"
    path.write_text(f"{line}\nNEXT=1\n", encoding="utf-8")
    assert env_file.read(path).values == {"SECRET": value, "NEXT": "1"} == dotenv_values(path)


def test_a_name_given_twice_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("PORT=1\nBIND=::\nPORT=2\nPORT=3\n", encoding="utf-8")
    monkeypatch.delenv("PORT", raising=False)
    Config(_env_file=path)
    monkeypatch.setenv("ENV_FILE", str(path))
    steps.warn_of_repeated_settings()
    told = "The .env file gives PORT more than once; the last value counts.\n"
    assert capsys.readouterr().err == told * 2


def test_the_example_gives_each_name_once() -> None:
    assert env_file.read(config.BASE_DIR / ".env.example").repeated == []

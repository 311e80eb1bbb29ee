"""What Telegram signed is read, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from accounts import telegram_login
from accounts.telegram_login import BadInitData
from accounts.tests.telegram import BOT_TOKEN
from accounts.tests.telegram import VLAD
from accounts.tests.telegram import encode
from accounts.tests.telegram import init_data
from accounts.tests.telegram import sign

pytestmark = pytest.mark.any_stack

# The example of https://docs.telegram-mini-apps.com/packages/init-data-golang, made by Telegram for a real bot.
PUBLIC_TOKEN = "7342037359:AAHI25ES9xCOMPokpYoz-p8XVrZUdygo2J4"
PUBLIC = (
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A%22"
    "Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22"
    "allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F"
    "4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private"
    "&auth_date=1733509682&signature=TYJxVcisqbWjtodPepiJ6ghziUL94-KNpG8Pau-X7oNNLNBM72APCpi_RKiUlBvcqo5L-LAxIc3dnTzcZX"
    "_PDg&hash=a433d8f9847bd6addcc563bff7cc82c89e97ea0d90c11fe5729cae6796a36d73"
)
THEN = datetime.fromtimestamp(1733509682, UTC) + timedelta(hours=1)
NOW = datetime.now(UTC)


def read(raw: str, *, token: str = BOT_TOKEN, now: datetime | None = None) -> telegram_login.InitData:
    return telegram_login.read(raw, bot_token=token, now=now or datetime.now(UTC))


def refusal(raw: str, *, token: str = BOT_TOKEN, now: datetime | None = None) -> str:
    with pytest.raises(BadInitData) as refused:
        read(raw, token=token, now=now)
    assert str(VLAD["id"]) not in str(refused.value)
    return refused.value.reason


def test_the_public_vector() -> None:
    init = read(PUBLIC, token=PUBLIC_TOKEN, now=THEN)
    assert (init.telegram_id, init.username, init.language) == (279058397, "vdkfrost", "ru")
    assert init.opened_at == datetime.fromtimestamp(1733509682, UTC)


def test_the_signature_field_is_part_of_what_was_signed() -> None:
    fields = dict(parse_qsl(PUBLIC))
    del fields["signature"]
    assert refusal(encode(fields), token=PUBLIC_TOKEN, now=THEN) == "hash"
    assert read(init_data(signature=None)).telegram_id == VLAD["id"], "older clients send none"


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(hours=24), None),
        (timedelta(hours=24, seconds=1), "expired"),
        (timedelta(seconds=-60), None),
        (timedelta(seconds=-61), "future"),
    ],
)
def test_it_is_good_for_a_day(age: timedelta, reason: str | None) -> None:
    now = datetime.fromtimestamp(1733509682, UTC) + age
    if reason:
        assert refusal(PUBLIC, token=PUBLIC_TOKEN, now=now) == reason
    else:
        assert read(PUBLIC, token=PUBLIC_TOKEN, now=now).telegram_id == 279058397


def test_another_bots_data() -> None:
    assert refusal(init_data(token="7000000002:AAanother")) == "hash"


def _extra(raw: str) -> dict[str, str]:
    """Ways to say more or less than was signed."""
    user, rest = raw.split("&", 1)
    digest = raw.rsplit("=", 1)[1]
    return {
        "a key twice": f"{raw}&auth_date=1",
        "the same pair twice": f"{raw}&{user}",
        "the hash twice": f"{raw}&hash={digest}",
        "no hash": raw.rsplit("&", 1)[0],
        "an empty hash": raw.replace(digest, ""),
        "a hash in capitals": raw.replace(digest, digest.upper()),
        "half a hash": raw.replace(digest, digest[:32]),
        "a hash that is no ASCII": raw.replace(digest, "а" * 64),
        "an empty pair": raw.replace("&", "&&", 1),
        "another field": f"{raw}&is_admin=true",
        "a field without a value": f"{raw}&start_param=",
        "a line feed instead of a border": f"{user}&{rest.replace('&signature', '%0Asignature', 1)}",
        "an equals sign in a key": raw.replace("chat_type=", "chat_type%3Dx=", 1),
        "a leading question mark": f"?{raw}",
        "white space": f"{raw} ",
        "a broken character": raw.replace("private", "priv%FFate"),
        "half a surrogate pair": raw.replace("private", "priv\ud800ate"),
        "nothing": "",
        "noise": "&=&=&",
        "too many fields": raw + "".join(f"&f{n}=1" for n in range(100)),
        "too long": f"{raw}&pad={'x' * telegram_login.MAX_CHARS}",
    }


@pytest.mark.parametrize("name", sorted(_extra(init_data())))
def test_what_is_more_or_less_than_was_signed(name: str) -> None:
    assert refusal(_extra(init_data())[name]) in {"hash", "malformed", "duplicate"}


@pytest.mark.parametrize(
    "user",
    [
        None,
        "",
        "null",
        "[]",
        "{}",
        "[" * 2000,
        '{"id": "279058397"}',
        '{"id": true}',
        '{"id": 1.5}',
        '{"id": 0}',
        '{"id": -5}',
        '{"id": 9223372036854775808}',
        '{"id": 1e400}',
    ],
)
def test_signed_but_without_a_person(user: str | None) -> None:
    assert refusal(init_data(user=user)) == "no user"


@pytest.mark.parametrize("auth_date", [None, "", "yesterday", "-5", "1e9", "١٧٣٣٥٠٩٦٨٢", "9" * 30, "999999999999"])
def test_signed_but_without_a_time(auth_date: str | None) -> None:
    assert refusal(init_data(auth_date=auth_date)) in {"malformed", "future"}


def test_ids_have_64_bits_and_names_may_be_missing_or_odd() -> None:
    init = read(init_data({"id": 2**52 + 1, "username": 7, "language_code": None}))
    assert (init.telegram_id, init.username, init.language) == (2**52 + 1, "", "")
    assert read(init_data({"id": 5, "username": "a\u0000\nb"})).username == "ab"


def _decoded(raw: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(raw, keep_blank_values=True))


@budget(max_examples=400, deadline=None)
@given(st.integers(min_value=0, max_value=len(PUBLIC) - 1), st.characters(min_codepoint=1, max_codepoint=0x24F))
def test_no_changed_byte_gets_through(position: int, character: str) -> None:
    changed = PUBLIC[:position] + character + PUBLIC[position + 1 :]
    if _decoded(changed) == _decoded(PUBLIC):  # %2C and %2c are the same comma
        return
    assert refusal(changed, token=PUBLIC_TOKEN, now=THEN)


@budget(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(min_value=0, max_value=len(PUBLIC)), st.integers(min_value=0, max_value=40), st.text()),
        min_size=1,
        max_size=4,
    )
)
def test_no_cut_or_insertion_gets_through(edits: list[tuple[int, int, str]]) -> None:
    changed = PUBLIC
    for position, length, text in edits:
        changed = changed[:position] + text + changed[position + length :]
    try:
        init = read(changed, token=PUBLIC_TOKEN, now=THEN)
    except BadInitData:
        return
    assert _decoded(changed) == _decoded(PUBLIC)
    assert init.telegram_id == 279058397


@budget(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_nonsense_is_refused_and_never_breaks_anything(raw: str) -> None:
    assert refusal(raw) in {"malformed", "duplicate", "hash"}


_values = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=30)
_people = st.fixed_dictionaries({"id": st.integers(min_value=1, max_value=2**63 - 1), "first_name": _values})


@budget(max_examples=100, deadline=None)
@given(_people, st.dictionaries(st.from_regex(r"[a-z][a-z_]{2,9}", fullmatch=True), _values, max_size=5))
def test_whatever_telegram_signs_is_read(person: dict[str, Any], extra: dict[str, str]) -> None:
    fields = extra | {"user": json.dumps(person, ensure_ascii=False), "auth_date": str(int(NOW.timestamp()))}
    fields.pop("hash", None)
    raw = encode(fields | {"hash": sign(fields)})
    assert read(raw, now=NOW).telegram_id == person["id"]
    # A form encodes a blank as a plus, encodeURIComponent leaves some signs alone: the meaning counts.
    spelled = {key: quote(value, safe="'()*!").replace("%20", "+") for key, value in fields.items()}
    other = "&".join(f"{key}={value}" for key, value in spelled.items())
    assert read(f"{other}&hash={sign(fields)}", now=NOW).telegram_id == person["id"]

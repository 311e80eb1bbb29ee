"""Whatever a model writes: the host is the function's own, and the path keeps the shape of its template."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import egress
from agents.egress import Place
from agents.egress.building import _OURS
from agents.tests.kit import context
from agents.tests.kit import function
from agents.tests.kit import schema

pytestmark = pytest.mark.any_stack

_NASTY = st.sampled_from(
    [
        "..",
        "/",
        "//evil.example",
        "@evil.example",
        ":80",
        "?",
        "#",
        "%2f",
        "%2e",
        "\\",
        "\r\n",
        "\0",
        ".",
        ";",
        "&",
        "=",
        "{b}",
        "ж",
        "\u2215",
    ]
)
_TEXT = st.lists(st.one_of(_NASTY, st.text(max_size=5)), max_size=5).map("".join)
_VALUE = st.one_of(_TEXT, st.integers(), st.floats(), st.booleans(), st.none(), st.lists(_TEXT, max_size=3))
_TEMPLATES = st.sampled_from(
    [
        "https://api.example.com/{a}",
        "https://api.example.com/{a}/{b}",
        "https://api.example.com/users/{a}/files/{b}.json?key={c}",
        "https://api.example.com/.{a}/{b}{c}/x",
        "https://api.example.com/%2{a}/{b}?x=1",
        "https://api.example.com",
    ]
)
_PLACES = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(
        Place, st.sampled_from(["path", "query", "header", "field", "body"]), st.sampled_from(["a", "b", "X-One"])
    ),
    max_size=3,
)


def _request(template: str, arguments: dict[str, Any], places: dict[str, Place], method: str) -> egress.Request | None:
    made = function(template, http_method=method, parameters=schema(a={}, b={}, c={}), places=places)
    try:
        return egress.build(made, arguments, context())
    except egress.CannotBuild:
        return None


@given(
    _TEMPLATES,
    st.fixed_dictionaries({"a": _VALUE, "b": _VALUE, "c": _VALUE}),
    _PLACES,
    st.sampled_from(["GET", "POST"]),
)
def test_the_host_never_changes_and_the_path_never_leaves_its_template(
    template: str, arguments: dict[str, Any], places: dict[str, Place], method: str
) -> None:
    request = _request(template, arguments, places, method)
    if request is None:
        return
    seen = httpx2.URL(request.url)  # as the library that connects reads it
    assert (seen.scheme, seen.host, seen.port, seen.userinfo, seen.fragment) == (
        "https",
        "api.example.com",
        None,
        b"",
        "",
    )
    wanted, got = urlsplit(template).path or "/", seen.raw_path.decode().partition("?")[0]
    assert got.count("/") == wanted.count("/")
    for segment, before in zip(got.split("/"), wanted.split("/"), strict=True):
        assert "{" in before or segment == before
        if "{" in before:
            assert unquote(segment).strip(".")
            assert not {"\\", "%", "/"} & set(unquote(segment))


@given(_TEMPLATES, st.fixed_dictionaries({"a": _VALUE, "b": _VALUE, "c": _VALUE}), _PLACES)
def test_headers_are_single_lines_and_none_of_ours_is_set(
    template: str, arguments: dict[str, Any], places: dict[str, Place]
) -> None:
    request = _request(template, arguments, places, "POST")
    if request is None:
        return
    names = [name.lower() for name, _ in request.headers]
    assert len(names) == len(set(names))
    assert not {*names} & _OURS - {"idempotency-key"}
    assert all(name.isascii() and value.isascii() and value.isprintable() for name, value in request.headers)


def test_the_properties_are_asked_of_requests_and_not_of_refusals_only() -> None:
    request = _request("https://api.example.com/{a}/{b}", {"a": "v 1", "b": "ж.", "c": "x"}, {}, "GET")
    assert request is not None
    assert request.url == "https://api.example.com/v%201/%D0%B6.?c=x"

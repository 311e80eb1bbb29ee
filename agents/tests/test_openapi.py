from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from agents import egress
from agents.egress import Auth
from agents.egress import Place
from agents.sources.fetching import SourceFailed
from agents.sources.openapi import importing
from agents.sources.openapi.importing import DocumentRefused
from agents.sources.openapi.importing import ImportedFunction
from agents.tests.kit import context
from agents.tests.kit import function
from core.tests.http_peer import Server
from core.tests.test_http_guard import test_addresses_inside_are_not_public as _addresses

pytestmark = pytest.mark.any_stack

INSIDE = next(mark.args[1] for mark in _addresses.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
STRING = {"type": "string"}


def document(paths: Any, **more: Any) -> bytes:
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Bowls"}, "paths": paths} | more).encode()


def post(schema: Any, **more: Any) -> bytes:
    content = {"application/json": {"schema": schema}}
    return document({"/n": {"post": {"requestBody": {"content": content}}}}, **more)


def only(content: bytes) -> ImportedFunction:
    imported = importing.read(content)
    assert imported.left_out == ()
    (found,) = imported.functions
    return found


def _wide() -> bytes:
    schemas = {
        f"A{i}": {"properties": {f"p{j}": {"$ref": f"#/components/schemas/A{i + 1}"} for j in range(10)}}
        for i in range(12)
    }
    return post({"$ref": "#/components/schemas/A0"}, components={"schemas": schemas})


ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [" + ",".join([f"*{chr(97 + i)}"] * 9) + "]\n" for i in range(9)
)
REFUSED = {
    "aliases": (f"{ALIASES}paths: {{}}\n".encode(), "YAML aliases"),
    "python tag": (b"paths: !!python/object/apply:os.system ['echo owned']\n", "neither JSON nor YAML"),
    "deep json": (b'{"paths":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001, "nested too deeply"),
    "very deep json": (b'{"paths":' + b"[" * 2_000_000, "nested too deeply"),
    "deep yaml": (b"paths: " + b"[" * 100_000, "nested too deeply"),
    "operations": (document({f"/{i}": {"get": {}} for i in range(3_000)}), "more than 2000 operations"),
    "no paths": (b"{}", "no `paths`"),
    "html": (b"<html><body>Sign in</body></html>", "no `paths`"),
    "empty": (b"", "no `paths`"),
    "two keys": (b'{"paths": {"/a": {"get": {}}, "/a": {"post": {}}}}', "`/a` stands twice"),
    "nan": (b'{"paths": {"/a": {"get": {"x": NaN}}}}', "NaN is no JSON"),
    "no text": (b"\xff\xfe\x00\x01", "neither JSON nor YAML"),
    "broken": (b'{"paths": {', "line 1"),
    "too large": (b" " * (16 * 1024 * 1024 + 1), "At most 16 MB"),
    "nodes": (b'{"paths": {"/a": [' + b"0," * 2_100_000 + b"0]}}", "too many parts"),
    "huge number": (b'{"paths": {"/a": ' + b"9" * 10_000 + b"}}", "neither JSON nor YAML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_documents_are_refused_with_a_sentence(name: str) -> None:
    content, part = REFUSED[name]
    began = time.monotonic()
    with pytest.raises(DocumentRefused) as caught:
        importing.read(content)
    assert part in caught.value.problem.sentence
    assert caught.value.problem.code == "document_refused"
    assert time.monotonic() - began < 30


def test_a_schema_that_holds_itself_is_survived() -> None:
    node = {"properties": {"child": {"$ref": "#/components/schemas/N"}, "name": STRING}}
    made = only(post({"$ref": "#/components/schemas/N"}, components={"schemas": {"N": node}}))
    assert made.parameters["properties"]["body"]["properties"] == {"child": {}, "name": STRING}


def test_a_reference_to_itself_and_references_elsewhere_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"a": {"name": "stolen", "in": "query"}}')
    references = [
        "#/components/parameters/A",
        "http://169.254.169.254/latest",
        f"file://{secret}#/a",
        f"{secret}#/a",
        "#/no/where",
    ]
    content = document(
        {"/n": {"get": {"parameters": [{"$ref": one} for one in references]}}},
        components={"parameters": {"A": {"$ref": "#/components/parameters/A"}}},
    )
    imported = importing.read(content)
    assert imported.functions[0].parameters["properties"] == {}
    assert len(imported.notes) == 3


def test_references_that_unfold_into_millions_leave_one_operation_out() -> None:
    imported = importing.read(_wide())
    assert imported.functions == ()
    assert imported.left_out == ("POST /n: its parameters are too many",)


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(DocumentRefused) as caught:
        importing.read(b"a: [" + b"x, " * 3_000_000 + b"]", timeout=0.2)
    assert "too much time or memory" in caught.value.problem.sentence


def test_parameters_of_the_path_are_no_operation_and_those_of_the_operation_win() -> None:
    made = only(
        document(
            {
                "/bowls/{id}": {
                    "summary": "x",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                        {"name": "lang", "in": "header", "schema": STRING},
                        {"$ref": "#/components/parameters/Page"},
                    ],
                    "get": {
                        "operationId": "bowls/get one",
                        "summary": "One bowl.",
                        "description": "With its seams.",
                        "parameters": [{"name": "lang", "in": "header", "schema": {"enum": ["uk", "en"]}}],
                        "tags": ["bowls"],
                    },
                }
            },
            components={"parameters": {"Page": {"name": "page[size]", "in": "query", "schema": {"type": "integer"}}}},
        )
    )
    assert (made.name, made.description, made.tag, made.is_read) == (
        "bowls_get_one",
        "One bowl. With its seams",
        "bowls",
        True,
    )
    assert made.parameters["required"] == ["id"]
    assert made.parameters["properties"]["lang"] == {"enum": ["uk", "en"]}
    assert made.places["page_size_"] == Place("query", "page[size]")


def test_bodies_forms_and_what_is_left_out_with_a_line() -> None:
    def body(kind: str, schema: Any = None) -> Any:
        return {"requestBody": {"required": True, "content": {kind: {"schema": schema or STRING}}}}

    imported = importing.read(
        document(
            {
                "/json": {"post": body("application/vnd.api+json")},
                "/form": {"post": body("application/x-www-form-urlencoded", {"type": "object"})},
                "/file": {"post": body("multipart/form-data")},
                "/xml": {"post": body("application/xml")},
                "/cookie": {
                    "get": {"parameters": [{"name": "sid", "in": "cookie", "required": True, "schema": STRING}]}
                },
                "/a b": {"get": {}},
                "/#frag": {"get": {}},
            }
        )
    )
    assert [(one.path, one.places["body"].name) for one in imported.functions] == [
        ("/json", "application/vnd.api+json"),
        ("/form", "application/x-www-form-urlencoded"),
    ]
    assert [line.partition(":")[0] for line in imported.left_out] == [
        "POST /file", "POST /xml", "GET /cookie", "GET /a b", "GET /#frag",
    ]  # fmt: skip
    assert "multipart/form-data" in imported.left_out[0]


def test_names_are_cleaned_and_never_double() -> None:
    long = "a" * 90
    imported = importing.read(
        document(
            {
                "/a": {"get": {"operationId": "x y"}, "post": {"operationId": "X_y"}},
                "/9": {"get": {"operationId": "9"}, "put": {"operationId": long}},
            }
        )
    )
    names = [one.name for one in imported.functions]
    assert names[0] == "x_y"
    assert names[1].startswith("X_y_")
    assert names[2] == "f_9"
    assert len(names[3]) == 60
    assert len({name.lower() for name in names}) == 4


def test_swagger_2_in_yaml_with_a_form_and_lists() -> None:
    imported = importing.read(
        b"""
swagger: "2.0"
info: {title: Old, version: 1.0}
host: old.example.com
basePath: /v2
schemes: [http, https]
consumes: [application/x-www-form-urlencoded]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
  login: {type: basic}
  flow: {type: oauth2}
definitions:
  Bowl: {type: object, required: [name], properties: {name: {type: string}, id: {type: integer, readOnly: true}}}
paths:
  /bowls:
    get:
      parameters: [{name: ids, in: query, type: array, items: {type: integer}}]
      responses: {200: {description: fine}}
    post:
      parameters: [{name: note, in: formData, type: string, required: true}]
    put:
      parameters: [{name: bowl, in: body, required: true, schema: {$ref: '#/definitions/Bowl'}}]
    patch:
      parameters: [{name: picture, in: formData, type: file}]
"""
    )
    get, put, made = imported.functions
    assert get.places["ids"] == Place("query", "ids", ",")
    assert put.parameters["properties"]["body"]["properties"] == {"name": STRING}
    assert made.parameters["properties"]["body"]["required"] == ["note"]
    assert imported.left_out == ("PATCH /bowls: it takes a file",)
    assert [one.url for one in imported.servers] == ["https://old.example.com/v2", "http://old.example.com/v2"]
    assert [(one.kind, one.name) for one in imported.auth] == [("header", "X-Key"), ("basic", ""), ("bearer", "")]
    assert (imported.title, imported.version) == ("Old", "1.0")


def test_servers_are_offered_and_never_made_up() -> None:
    content = document(
        {},
        servers=[
            {"url": "/v1"},
            {"url": "https://{region}.example.com", "variables": {"region": {"enum": ["eu", "us"], "default": "eu"}}},
            {"url": "https://{anything}.example.com", "variables": {"anything": {"default": "evil"}}},
        ],
    )
    imported = importing.read(content, url="https://docs.example.com/openapi.json")
    assert [one.url for one in imported.servers] == [
        "https://docs.example.com/v1", "https://eu.example.com", "https://us.example.com",
    ]  # fmt: skip
    assert any("anybody may choose" in note for note in imported.notes)
    assert importing.endpoint("https://eu.example.com/", "/bowls/{id}") == "https://eu.example.com/bowls/{id}"
    with pytest.raises(egress.CannotBuild):
        importing.endpoint("http://eu.example.com/", "/bowls")


def _big(operations: int) -> tuple[bytes, int]:
    """Much like those that big companies publish: shared schemas, deep ones, and all kinds of parameters."""
    schemas = {
        f"Thing{i}": {
            "type": "object",
            "description": "A thing. " * 40,
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "description": "Its name. " * 20},
                "tags": {"type": "array", "items": {"$ref": f"#/components/schemas/Tag{i % 50}"}},
                "owner": {
                    "allOf": [{"$ref": f"#/components/schemas/Thing{(i + 7) % 300}"}, {"properties": {"since": STRING}}]
                },
                "parent": {"nullable": True, "oneOf": [{"type": "integer"}, {"type": "string"}]},
            },
        }
        for i in range(300)
    } | {f"Tag{i}": {"type": "object", "properties": {"k": STRING, "v": STRING}} for i in range(50)}
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}, "description": "Which. " * 50}
    paths: dict[str, Any] = {}
    for i in range(operations // 2):
        answer = {
            "200": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{i % 300}"}}}}
        }
        paths[f"/things{i}/{{id}}"] = {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": f"get{i}", "parameters": [page], "responses": answer, "description": "Long. " * 200},
            "patch": {
                "operationId": f"patch{i}",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{i % 300}"}}}
                },
                "responses": answer,
            },
        }
    return document(paths, components={"schemas": schemas}), operations


def test_a_big_document_is_read_whole() -> None:
    content, operations = _big(1_800)
    imported = importing.read(content)
    assert len(imported.functions) + len(imported.left_out) == operations
    assert len(imported.functions) > operations * 0.99
    assert max(len(json.dumps(one.parameters)) for one in imported.functions) <= 16 * 1024


def test_every_function_of_it_can_be_called_or_says_what_it_misses() -> None:
    imported = importing.read(_big(40)[0])
    for one in imported.functions:
        made = function(
            importing.endpoint("https://api.example.com", one.path),
            http_method=one.method,
            parameters=one.parameters,
            places=one.places,
        )
        request = egress.build(made, {"id": 7, "page": 2, "body": {"name": "x"}}, context())
        assert "/7" in request.url
        assert ("page=2" in request.url) == one.is_read


# By its address


async def test_a_document_is_fetched_with_its_key(peer: Server) -> None:
    peer.say("/openapi.json", body=_big(4)[0])
    content = await importing.fetch(f"{peer.url}/openapi.json", Auth("bearer", secret="token-1234"))
    assert len((await asyncio.to_thread(importing.read, content)).functions) == 4


@pytest.mark.parametrize(
    ("status", "code"), [(401, "source_needs_sign_in"), (404, "source_unreachable"), (302, "source_unreachable")]
)
async def test_what_can_go_wrong_is_said(peer: Server, status: int, code: str) -> None:
    peer.say("/openapi.json", status=status, Location="http://169.254.169.254/latest")
    with pytest.raises(SourceFailed) as caught:
        await importing.fetch(f"{peer.url}/openapi.json")
    assert caught.value.problem.code == code
    assert len(peer.seen) == 1


async def test_a_document_without_end_is_not_read(peer: Server) -> None:
    peer.say("/openapi.json", body=b" " * (16 * 1024 * 1024 + 1))
    with pytest.raises(SourceFailed) as caught:
        await importing.fetch(f"{peer.url}/openapi.json")
    assert "too large" in caught.value.problem.sentence


@pytest.mark.parametrize("address", [address for address in INSIDE if address])
async def test_no_address_inside_is_asked_for_a_document(address: str, settings: Settings) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(SourceFailed) as caught:
        await importing.fetch(f"https://{host}/openapi.json")
    assert caught.value.problem.code == "address_refused"
    assert not caught.value.sent

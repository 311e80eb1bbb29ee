"""Functions, contexts and a receiver on loopback, for the tests of what leaves the house."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from agents import egress
from core.ids import uuid7

KEY = base64.b64encode(b"a kintsugi bowl of gold!").decode()
SECRET = f"whsec_{KEY}"
OTHER_SECRET = "whsec_" + base64.b64encode(b"the bowl before this one").decode()
AT = 1_796_104_800
FUNCTION_ID = UUID("0193b4a0-0000-7000-8000-000000000001")
STEP_ID = UUID("0193b4a0-0000-7000-8000-000000000002")


def schema(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def function(url: str = "https://api.example.com/v1", **fields: Any) -> egress.Function:
    given: dict[str, Any] = {"name": "get_weather", "parameters": schema(), "http_method": "GET"} | fields
    return egress.Function(id=FUNCTION_ID, endpoint_url=url, **given)


def webhook(url: str = "https://hook.example.com/in", **fields: Any) -> egress.Function:
    parameters = schema(text={"type": "string"})
    given = {"parameters": parameters, "auth": egress.Auth("hmac", secret=SECRET), "http_method": "POST"}
    return function(url, function_type="webhook", **given | fields)


def context(**fields: Any) -> egress.CallContext:
    given: dict[str, Any] = {
        "step_id": STEP_ID,
        "run_id": uuid7(),
        "agent_id": uuid7(),
        "agent_name": "Клерк",
        "at": AT,
    }
    return egress.CallContext(**given | fields)


def built(made: egress.Function, arguments: Any = None, **fields: Any) -> egress.Request:
    return egress.build(made, arguments or {}, context(**fields))


def header(request: egress.Request, name: str) -> str | None:
    found = [value for key, value in request.headers if key.lower() == name.lower()]
    assert len(found) <= 1
    return found[0] if found else None


def headers(request: egress.Request) -> Mapping[str, str]:
    return dict(request.headers)


def refusal(made: egress.Function, arguments: Any = None) -> egress.Problem:
    with pytest.raises(egress.CannotBuild) as caught:
        built(made, arguments)
    return caught.value.problem

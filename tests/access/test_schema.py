"""Two users as peers over the whole schema: whatever is sent, nothing breaks and nothing of the other one comes out.

Charlie sends generated requests, with ids of his own and of Alice's in all places where an id stands.
``ACCESS_EXAMPLES`` is how many for an operation and a mode (good data, bad data); ``ACCESS_SEED`` repeats a run, which
prints its own.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core import signals
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from schemathesis import GenerationMode
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

from accounts.models import User
from aichat import presentation
from aichat.api.chat_views import ChatView
from aichat.models import Chat
from aichat.services import chats
from conftest import bearer
from tests.access import contract
from tests.access.estate import Estate
from tests.access.estate import World
from tests.access.estate import undone

EXAMPLES = int(os.environ.get("ACCESS_EXAMPLES", "3"))
SEED = int(os.environ.get("ACCESS_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)
LABELS = sorted(f"{verb.upper()} {path}" for path, verbs in contract.document()["paths"].items() for verb in verbs)

OPEN_TO_OWNERS_OF_LINKS = {"/api/messenger/invites/{token}", "/api/messenger/invites/{token}/join"}
PROOFS = {
    # Fields of a body that prove who somebody is, which no generator hits on: also with what Charlie was sent.
    "token": ("sign_in_link", "reset_link", "verify_link", "change_link"),
    "init_data": ("init_data", "other_init_data"),
}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.ignored_auth,
]
MEANT = {
    # The names of the estate that a parameter may mean; the others mean themselves.
    "message_id": ("said_id", "by_member_id", "question_id", "answer_id", "half_id"),
    "user_id": ("third_id", "blocked_id", "owner_id"),
    "session_id": ("session_id", "checkout_id"),
}


@pytest.fixture(scope="module", autouse=True)
def _say_seed() -> Iterator[None]:
    print(f"\nACCESS_SEED={SEED} ACCESS_EXAMPLES={EXAMPLES}")
    yield


@pytest.fixture(scope="module")
def api() -> Any:
    loaded = openapi.from_dict(contract.document())
    loaded.app = WSGIHandler()
    return loaded


@pytest.fixture(autouse=True)
def _kept_connection() -> Iterator[None]:
    """Requests share the transaction of the test, as those of Django's own client do."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def _ids(estate: Estate, name: str) -> list[str]:
    """What may stand in a place of this name."""
    names = MEANT.get(name, (name,) if name in estate.ids else tuple(key for key in estate.ids if key.endswith("_id")))
    return [str(estate.ids[key]) for key in names]


def _planted(draw: Any, world: World, case: Any) -> bool:
    """Put ids of both peers where ids stand; whether one of Alice's is in the path."""
    hers_in_path = False
    for name in list(case.path_parameters or {}):
        if name == "token":
            case.path_parameters[name] = str(world.his.ids["token"])
        elif name.endswith("_id"):
            whose = draw(st.sampled_from(["his", "his", "hers", "generated"]), label=f"whose {name}")
            if whose != "generated":
                estate = world.hers if whose == "hers" else world.his
                named = draw(st.sampled_from(_ids(estate, name)), label=name)
                case.path_parameters[name] = named
                # What both have, such as a template of the house, is nobody's.
                hers_in_path |= whose == "hers" and named not in _ids(world.his, name)
    operation = next(
        one for one in contract.operations() if (one.verb.upper(), one.path) == (case.method.upper(), case.path)
    )
    for field in sorted(operation.identities):
        whose = draw(st.sampled_from(["his", "hers", "generated"]), label=f"whose {field}")
        if whose == "generated":
            continue
        name = field.removeprefix("?").removesuffix("[]")
        value = draw(st.sampled_from(_ids(world.hers if whose == "hers" else world.his, name)), label=field)
        if field.startswith("?"):
            case.query = (case.query or {}) | {name: value}
        elif isinstance(case.body, dict):
            case.body = case.body | {name: [value] if field.endswith("[]") else value}
    for field in sorted(PROOFS.keys() & operation.fields):
        if isinstance(case.body, dict) and draw(st.booleans(), label=f"a true {field}"):
            case.body = case.body | {field: str(world.his.ids[draw(st.sampled_from(PROOFS[field]), label=field)])}
    return hers_in_path


@schemathesis.serializer("application/offset+octet-stream")
def _bytes(_context: Any, value: Any) -> bytes:
    """A piece of an upload, as it is."""
    raw = getattr(value, "data", value)
    return raw if isinstance(raw, bytes) else str(raw).encode()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("label", LABELS)
def test_a_peer_breaks_nothing_and_sees_nothing(
    world: World, api: Any, settings: Settings, label: str, mode: GenerationMode
) -> None:
    settings.RATE_LIMIT_ENABLED = False
    try:
        explore(world, api, label, mode, examples=EXAMPLES)
    except hypothesis.errors.Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE, "nothing can be sent"  # there is nothing to get wrong


def explore(world: World, api: Any, label: str, mode: GenerationMode, *, examples: int) -> None:
    """Send so many requests; raises on the first that does what it must not."""
    verb, path = label.split()
    operation = api[path][verb]
    headers = bearer(world.people["stranger"])

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if examples > 50 else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(st.data())
    def run(data: st.DataObject) -> None:
        case: Any = data.draw(operation.as_strategy(generation_mode=mode), label="case")
        hers_in_path = _planted(data.draw, world, case)
        with undone():
            cache.clear()
            response: Response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS, headers=headers)
            declared: dict[str, Any] = operation.definition.raw["responses"]
            assert response.status_code >= 300 or str(response.status_code) in declared, "an undeclared success"
            if path not in OPEN_TO_OWNERS_OF_LINKS:
                assert world.hers.canary not in response.text, "it tells Alice's words"
            assert not (hers_in_path and response.status_code < 300), "it opens what is Alice's"
            assert User.objects.filter(pk=world.people["owner"].pk, is_active=True, is_staff=False).exists()

    try:
        run()
    except BaseException as error:
        error.add_note(f"Again with ACCESS_SEED={SEED} ACCESS_EXAMPLES={examples}")
        raise


def _owner_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "_OWN", "SELECT {columns} FROM chats c WHERE c.id = %s AND CAST(%s AS text) <> ''")


def _breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presentation, "chat", lambda _row: dict[str, Any]()["nothing"])


def _shape_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = presentation.chat
    monkeypatch.setattr(presentation, "chat", lambda row: shown(row).model_dump() | {"title": None})


def _anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChatView, "permission_classes", [])
    nobody = ChatView.perform_authentication

    def as_owner(self: ChatView, request: Any) -> None:
        nobody(self, request)
        if not request.user.is_authenticated:
            request.user = Chat.objects.get(pk=self.kwargs["chat_id"]).owner

    monkeypatch.setattr(ChatView, "perform_authentication", as_owner)


FAULTS = [
    (_owner_dropped, "it tells Alice's words"),
    (_breaks, "Server error"),
    (_shape_changed, "violates schema"),
    (_anybody, "without authentication"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[plant.__name__ for plant, _words in FAULTS])
def test_a_planted_fault_is_found(
    world: World, api: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: tuple[Any, str]
) -> None:
    settings.RATE_LIMIT_ENABLED = False
    plant, words = fault
    plant(monkeypatch)
    with pytest.raises((Exception, BaseExceptionGroup)) as found:
        explore(world, api, "GET /api/chats/{chat_id}", GenerationMode.POSITIVE, examples=30)
    assert words in _told(found.value)


def _told(error: BaseException) -> str:
    """The words of an error, its title and the parts of a group."""
    return " ".join([str(error), str(getattr(error, "title", "")), *map(_told, getattr(error, "exceptions", ()))])

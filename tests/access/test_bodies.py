"""What stands in a body opens nothing either: foreign ids, and fields that are not for writing."""

from __future__ import annotations

import json
import re
from typing import Any
from typing import cast
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.utils import timezone

from core import sql
from tests.access import contract
from tests.access import matrix
from tests.access import table
from tests.access.estate import World
from tests.access.estate import rows
from tests.access.estate import snapshot
from tests.access.estate import undone
from tests.access.estate import written
from tests.access.surface import routes

ROWS = {row.name: row for row in table.ROUTES}

ANYBODY = "anybody may be named"
NOTED = "is only noted down"
OF_THE_CALL = "only the call's own count: calls/tests/test_services_legs.py"
STAFF = "staff look at anybody's"
SMUGGLED: dict[str, str | tuple[str, int]] = {
    # "route verb field": which of the owner's things a stranger names there, beside their own, and what they get.
    "auth-me patch avatar_id": ("picture_id", 404),
    "admin-ai-jobs get ?user_id": STAFF,
    "calls get ?conversation_id": ("conversation_id", 200),  # nothing is found
    "call-initiate post conversation_id": ("conversation_id", 404),
    "call-ice-servers get ?call_id": ("call_id", 404),
    "call-hms-token post call_id": ("call_id", 404),
    "call-end post leg_id": ("leg_id", 200),  # it is none of theirs, so nothing ends
    "call-beat post leg_id": ("leg_id", 404),
    "call-beat post media_from[]": OF_THE_CALL,
    "call-sfu post leg_id": ("leg_id", 404),
    "call-100ms post leg_id": ("leg_id", 404),
    "agents post avatar_id": ("picture_id", 404),
    "agent patch avatar_id": ("picture_id", 404),
    "agent-estimate post agent_id": ("agent_id", 404),
    "agent-sources post file_id": ("file_id", 400),  # beside a text; alone: agents/tests/test_api_sources.py
    "agent-source-refresh post file_id": ("file_id", 400),  # the same
    "chat patch active_message_id": ("answer_id", 404),
    "chat-messages post parent_id": ("answer_id", 404),
    "chat-messages post attachments[]": ("file_id", 404),
    "chat-messages post leaf_id": ("answer_id", 409),
    "chat-estimate post parent_id": ("answer_id", 404),
    "chat-estimate post attachments[]": ("file_id", 404),
    "chat-estimate post chat_id": ("chat_id", 404),
    "translation-documents post file_id": ("file_id", 404),
    "translations post glossary": ("glossary_id", 404),
    "translation-stream post glossary": ("glossary_id", 404),
    "translation-documents post glossary": NOTED,
    "document-sources post file_id": ("file_id", 404),
    "generate-outline post document_id": ("paper_id", 404),
    "generate-section post document_id": ("paper_id", 404),
    "generate-document post document_id": ("paper_id", 404),
    "messenger-blocks post user_id": ANYBODY,
    "messenger-conversations post participant_ids[]": ANYBODY,
    "messenger-conversations post avatar_id": ("picture_id", 404),
    "messenger-conversation patch avatar_id": ("picture_id", 404),
    "messenger-draft put reply_to_id": ("said_id", 404),
    "messenger-messages post media_id": ("file_id", 404),
    "messenger-messages post reply_to_id": ("said_id", 404),
    "messenger-messages post story_id": ("story_id", 404),
    "messenger-messages post album_id": NOTED,
    "messenger-participants post user_ids[]": ANYBODY,
    "messenger-read post message_id": ("said_id", 404),
    "messenger-media-links post ids[]": ("file_id", 200),  # left out of the answer
    "messenger-forward post conversation_ids[]": ("conversation_id", 404),
    "messenger-search get ?conversation_id": ("conversation_id", 404),
    "messenger-search get ?from": ("owner_id", 200),  # nothing is found
    "messenger-stories post media_id": ("picture_id", 404),
    # Beside an order of their own it decides nothing.
    "payment-create-intent post document_id": NOTED,
    "payment-create-intent post order": ("order_id", 404),
}
_OF_A_DRAFT = {
    "name",
    "system_prompt",
    "model",
    "temperature",
    "max_tokens",
    "history_tokens",
    "max_steps",
    "max_calls",
    "max_seconds",
    "run_tokens",
}
_OF_A_DOCUMENT = {
    "title",
    "topic",
    "kind",
    "language",
    "target_pages",
    "model",
    "citation_style",
    "additional_requirements",
}
WRITABLE = {
    # All that a change may say; what else a client sends is not written.
    "auth-me patch": {"username", "display_name", "bio", "language", "time_zone", "avatar_id"},
    "agent patch": _OF_A_DRAFT
    | {
        "username",
        "avatar_id",
        "audience",
        "payer",
        "owner_daily_tokens",
        "asker_daily_tokens",
        "is_active",
        "functions",
    },
    "agent-draft put": _OF_A_DRAFT,
    "agent-conversation-agent patch": {"speaks_up"},
    "agent-source patch": {"name", "auth", "is_off"},
    "call-settings put": {"hide_address", "ring"},
    "push-preferences put": {"quiet_from", "quiet_until"},
    "push-subscription patch": {"device", "enabled", "shows_text", "has_sound"},
    "file patch": {"encoding"},
    "glossary patch": {"name", "entries"},
    "translation-segment patch": {"target"},
    "document put": _OF_A_DOCUMENT,
    "document patch": _OF_A_DOCUMENT,
    "document-outline put": {"sections", "version"},
    "document-section patch": {"content", "version"},
    "document-source patch": {"excluded"},
    "chat patch": {
        "title",
        "model",
        "system_prompt",
        "temperature",
        "effort",
        "read_everything",
        "pinned",
        "archived",
        "active_message_id",
    },
    "chat-preferences put": {"instructions"},
    "file-upload patch": set(),  # bytes
    "messenger-conversation patch": {"name", "avatar_id"},
    "messenger-draft put": {"content", "reply_to_id"},
    "messenger-message put": {"content"},
    "messenger-participant patch": {"role"},
    "messenger-pin put": set(),
    "messenger-settings put": {"is_pinned", "is_muted", "notify", "is_archived"},
}


def test_every_id_in_a_body_has_a_row() -> None:
    found = {f"{one.name} {one.verb} {field}" for one in contract.operations() for field in one.identities}
    assert found == set(SMUGGLED)


@pytest.mark.parametrize("key", sorted(key for key, found in SMUGGLED.items() if isinstance(found, tuple)))
def test_nothing_foreign_is_named_in_a_body(world: World, key: str) -> None:
    name, verb, field = key.split()
    thing, status = cast("tuple[str, int]", SMUGGLED[key])
    row, route = ROWS[name], routes()[name]
    answers = []
    for smuggled in (str(world.hers.ids[thing]), str(uuid4())):
        with undone():
            cache.clear()
            path, request = route.url(row.ids(world.his, route.params)) + row.query, row.request(verb, world.his)
            if field.startswith("?"):
                path += f"&{field[1:]}={smuggled}"
            else:
                request["data"] |= {field.removesuffix("[]"): [smuggled] if field.endswith("[]") else smuggled}
            answer = matrix.call(world, "stranger", verb, path, **request)
            answers.append(matrix.told(answer))
            assert answer.status_code == status, answers
            assert world.hers.canary not in str(answers)
            assert written(world.base, snapshot()) == []
    assert answers[0] == answers[1], "the foreign and the missing are told apart"


def test_what_may_be_changed_is_known() -> None:
    assert unlisted() == {}


def unlisted() -> dict[str, Any]:
    """Changes whose writable fields are not those of the table."""
    found = {f"{one.name} {one.verb}": set(one.fields) for one in contract.operations() if one.verb in {"put", "patch"}}
    return {
        key: (found.get(key), WRITABLE.get(key))
        for key in found.keys() | WRITABLE.keys()
        if found.get(key) != WRITABLE.get(key)
    }


_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


_SECRET = re.compile(r"""md5\$[^'"]+|![A-Za-z0-9]{40}|enc1:[\w:=-]+|(?<=['"])[\w-]{32}(?=['"])""")
"""Hashes of passwords, what is encrypted, tokens of links: new each time."""


def _masked(found: dict[str, list[str]], known: set[str]) -> dict[str, list[str]]:
    """With one name for all ids that are new."""

    def mask(match: re.Match[str]) -> str:
        return match[0] if match[0].replace("-", "") in known else "new"

    def hide(match: re.Match[str]) -> str:
        return match[0] if _ID.fullmatch(match[0]) else "secret"

    return {name: sorted(_ID.sub(mask, _SECRET.sub(hide, row)) for row in lines) for name, lines in found.items()}


def planted(world: World, operation: contract.Operation) -> dict[str, Any]:
    """A value for every field that is shown or stored and not for writing, and that none of them has."""
    kinds = {
        name: field.get_internal_type()
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }
    values: dict[str, Any] = {
        "BooleanField": True,
        "DateTimeField": "2001-02-03T04:05:06Z",
        "ForeignKey": str(world.his.ids["owner_id"]),
        "UUIDField": str(uuid4()),
        "JSONField": {"planted": True},
    }
    found: dict[str, Any] = {}
    for name in (operation.shown | kinds.keys()) - operation.fields:
        kind = kinds.get(name, "CharField")
        found[name] = 7_777_777 if kind.endswith("IntegerField") else values.get(kind, "planted")
    chosen = {"role": "admin", "kind": "agent", "status": "complete"}
    return found | {name: value for name, value in chosen.items() if name in found}


WRITES = [
    pytest.param(one, id=f"{one.name}-{one.verb}")
    for one in contract.operations()
    if one.fields and one.verb in {"post", "put", "patch", "delete"} and not callable(ROWS[one.name].cells[one.verb][1])
]


@pytest.mark.parametrize("operation", WRITES)
def test_read_only_fields_survive(world: World, operation: contract.Operation) -> None:
    check_read_only(world, operation)


def check_read_only(world: World, operation: contract.Operation) -> None:
    """A request leaves the same rows and the same answer, whatever else stands in its body."""
    row, route = ROWS[operation.name], routes()[operation.name]
    known = {match.replace("-", "") for match in _ID.findall(json.dumps(rows()))}
    statuses = row.expected(operation.verb)
    role = next((role for role in ("owner", "member") if statuses[role] < 300), "owner")
    seen = []
    with time_machine.travel(timezone.now(), tick=False), pytest.MonkeyPatch.context() as patched:
        patched.setattr(sql, "now", timezone.now)  # the database's clock stands still for nobody
        for extra in ({}, planted(world, operation)):
            with undone():
                cache.clear()
                request = row.request(operation.verb, world.hers)
                request["data"] = extra | dict(request["data"])
                path = route.url(row.ids(world.hers, route.params))
                answer = matrix.call(world, role, operation.verb, path, **request)
                seen.append((answer.status_code, _masked(rows(), known)))
    (plain_status, plain), (status, after) = seen
    assert status == plain_status == statuses[role]
    changed = {name: set(after[name]) ^ set(plain[name]) for name in after if after[name] != plain[name]}
    assert not changed, f"{operation.name} {operation.verb}: {changed}"

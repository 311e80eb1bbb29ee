"""What stands beside the API: every address is known, with who gets what; the admin has tests of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.urls import URLResolver
from django.urls import get_resolver
from django.urls import reverse
from django_vite.core.asset_loader import DjangoViteAssetLoader
from pytest_django.fixtures import Settings

from billing.models import DemoObject
from billing.providers.demo import tickets
from tests.access import matrix
from tests.access.estate import World
from tests.access.estate import naming
from tests.access.estate import snapshot
from tests.access.estate import undone
from tests.access.estate import written
from tests.access.rows import ROLES

READING = {"get"}
WRITING = ("post", "put", "patch", "delete")
ANY = {"get", *WRITING}
SITE = {
    # The path's name (where there is none, the path), the verbs it knows, and what everybody gets for a plain GET.
    "health": (ANY, 200),
    "ready": (ANY, 200),
    "metrics": (ANY, 200),
    "landing": (READING, 200),
    "pricing": (READING, 200),
    "language": (READING, 302),
    "change-password": (ANY, 302),
    "manifest": (READING, 200),
    "worker": (READING, 200),
    "client": (READING, 200),
    # A post changes nothing: the worker of the client takes what is shared, and without one nothing is kept.
    "app/share": ({"get", "post"}, 200),
    "app/<path:path>": (READING, 200),
    "webhook-stripe": ({"post"}, 405),
    "webhook-hms": ({"post"}, 405),
    "webhook-otranslator": ({"post"}, 405),
    "billing-demo-checkout": ({"get", "post"}, 404),
    "billing-demo-portal": ({"get", "post"}, 404),
    "favicon.ico": (ANY, 302),
}
ARGUMENTS = {
    "language": ["en"],
    "billing-demo-checkout": ["no-such-ticket"],
    "billing-demo-portal": ["no-such-ticket"],
    "webhook-otranslator": ["no-such-token"],
}


def _patterns(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if not isinstance(pattern, URLResolver):
            yield pattern
        elif str(pattern.pattern) not in {"api/", "api/v1/", "admin/"}:
            yield from _patterns(pattern.url_patterns)


def _path(name: str) -> str:
    if "." in name or "/" in name:
        return "/" + name.replace("<path:path>", "a/b")
    return reverse(name, args=ARGUMENTS.get(name, []))


@pytest.fixture(autouse=True)
def _no_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings) -> None:
    """The pages are drawn whether the web client was built or not."""
    (tmp_path / "sw.js").write_text("")
    settings.FRONTEND_DIST = tmp_path
    for name in ("generate_vite_asset", "generate_vite_asset_url", "generate_vite_legacy_asset"):
        monkeypatch.setattr(DjangoViteAssetLoader, name, lambda _self, path, *_rest, **_named: path)


def test_every_address_is_known() -> None:
    assert {pattern.name or str(pattern.pattern) for pattern in _patterns(get_resolver().url_patterns)} == set(SITE)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(SITE))
def test_everybody_gets_the_same_and_nothing_is_written(world: World, name: str, role: str) -> None:
    verbs, status = SITE[name]
    for verb in ("get", *WRITING):
        with undone():
            answer = matrix.call(world, role, verb, _path(name))
            assert answer.status_code == status if verb == "get" else (answer.status_code == 405) != (verb in verbs)
            assert world.hers.canary.encode() not in matrix.body_of(answer)
            changed = set(written(world.base, snapshot())) - ({"accounts_user"} if role == "suspended" else set())
            assert not changed, (verb, changed)


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "t=1"])
@pytest.mark.parametrize("role", ["owner", "staff", "anonymous"])
def test_nobody_tells_of_payments_without_the_signature(
    world: World, settings: Settings, role: str, signature: str
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_of_the_tests"]
    body = {
        "id": "evt_forged",
        "object": "event",
        "type": "customer.subscription.deleted",
        "created": 1,
        "data": {"object": {"id": "sub_1", "object": "subscription", "customer": world.hers.ids["customer_id"]}},
    }
    with undone():
        path, told = reverse("webhook-stripe"), json.dumps(body)
        headers = {"Stripe-Signature": signature} if signature else {}
        answer = matrix.call(world, role, "post", path, data=told, content_type="application/json", headers=headers)
        assert answer.status_code == 400
        assert written(world.base, snapshot()) == []


class TestDemo:
    """Its addresses are credentials: who was given one acts as its owner, for its customer alone."""

    def test_a_page_without_its_token_changes_nothing(self, world: World) -> None:
        browser = Client(enforce_csrf_checks=True)
        subject = DemoObject.objects.get(kind="subscription", customer_id=world.hers.ids["customer_id"])
        path = reverse("billing-demo-portal", args=[tickets.sign(world.hers.ids["customer_id"])])
        with undone():
            assert browser.get(path).status_code == 200
            assert browser.post(path, {"action": "cancel", "id": subject.pk}).status_code == 403
            assert written(world.base, snapshot()) == []

    @pytest.mark.parametrize("action", ["cancel", "renew", "pay_invoice", "pay_intent", "decline", "give_up"])
    def test_the_own_portal_does_not_reach_what_is_alices(self, world: World, action: str) -> None:
        path = reverse("billing-demo-portal", args=[tickets.sign(world.his.ids["customer_id"])])
        hers = DemoObject.objects.filter(customer_id=world.hers.ids["customer_id"])
        assert {one.kind for one in hers} >= {"customer", "subscription", "invoice", "intent", "checkout"}
        for subject in hers:
            with undone():
                answer = matrix.call(
                    world, "stranger", "post", path, data={"action": action, "id": subject.pk}, format="multipart"
                )
                assert answer.status_code == 404
                assert naming(world.hers.owner) == world.held
                assert written(world.base, snapshot()) == []

    def test_a_ticket_opens_one_kind_of_page(self, world: World) -> None:
        crossed = (("billing-demo-portal", "checkout_id"), ("billing-demo-checkout", "customer_id"))
        for name, thing in crossed:
            for ticket in (tickets.sign(world.hers.ids[thing]), world.hers.ids[thing]):
                assert Client().get(reverse(name, args=[ticket])).status_code == 404

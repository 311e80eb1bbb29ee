"""Faults planted in our own code: the matrix must turn red at each of them, or it proves nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.db.models import QuerySet
from django.urls import clear_url_caches
from django.urls import path
from pytest_django.fixtures import Settings
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts.api.bodies import ProfileRequest
from accounts.api.views import MeView
from accounts.models import SessionQuerySet
from accounts.models import User
from accounts.services import sessions
from aichat.api.chat_views import ChatView
from aichat.models import Chat
from aichat.models import ChatMessageQuerySet
from aichat.models import ChatQuerySet
from aichat.services import chats
from billing import providers
from billing.models import BillingCustomer
from billing.models import OwnedQuerySet
from billing.payments import customers
from billing.payments import plan_pages
from core import errors
from core.files.models import StoredFileQuerySet
from messenger import access
from messenger.models import Participant
from messenger.models.messages import MessageQuerySet
from messenger.models.stories import StoryQuerySet
from tests.access import contract
from tests.access import matrix
from tests.access import rows
from tests.access import table
from tests.access import test_bodies
from tests.access.estate import World
from tests.access.surface import routes

ROWS = {row.name: row for row in table.ROUTES}
CASES = {str(case): case for row in table.ROUTES for case in row.cases()}
Patch = pytest.MonkeyPatch


def everywhere(monkeypatch: Patch, original: Callable[..., Any], replacement: Callable[..., Any]) -> None:
    """Also where it was imported by its name."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in {"core", "accounts", "aichat", "billing", "calls", "messenger"}:
            for attribute, value in list(vars(module).items()):
                if value is original:
                    monkeypatch.setattr(module, attribute, replacement)


def _of_anybody(queryset: type[QuerySet[Any]]) -> Callable[[Patch], None]:
    return lambda monkeypatch: monkeypatch.setattr(queryset, "visible_to", lambda self, _user: self.all())


def _for_staff(monkeypatch: Patch) -> None:
    filtered = StoredFileQuerySet.visible_to
    monkeypatch.setattr(
        StoredFileQuerySet, "visible_to", lambda self, user: self.all() if user.is_staff else filtered(self, user)
    )


def _owner_dropped(monkeypatch: Patch) -> None:
    monkeypatch.setattr(chats, "_OWN", "SELECT {columns} FROM chats c WHERE c.id = %s AND CAST(%s AS text) <> ''")


def _membership_dropped(monkeypatch: Patch) -> None:
    def anyone(_actor: User, conversation_id: Any, *, lock: bool = False) -> Participant:
        found = Participant.objects.select_related("conversation").filter(conversation_id=conversation_id).first()
        if found is None:
            raise errors.NotFound
        return found

    everywhere(monkeypatch, access.member_of, anyone)


def _role_dropped(monkeypatch: Patch) -> None:
    everywhere(monkeypatch, access.admin_of, access.member_of)


def _suspension_forgotten(monkeypatch: Patch) -> None:
    monkeypatch.setattr(sessions, "_ALIVE", sessions._ALIVE.replace("AND u.is_active", ""))


def _refusal_writes(monkeypatch: Patch) -> None:
    body = errors.NotFound.body

    def noted(self: errors.NotFound) -> dict[str, Any]:
        Chat.objects.update(title="Looked at")
        return body(self)

    monkeypatch.setattr(errors.NotFound, "body", noted)


def _word_slips_out(monkeypatch: Patch) -> None:
    body = errors.NotFound.body
    monkeypatch.setattr(
        errors.NotFound, "body", lambda self: body(self) | {"hint": list(Chat.objects.values_list("title", flat=True))}
    )


def _verb_stops_working(monkeypatch: Patch) -> None:
    def broken(*_arguments: Any, **_named: Any) -> Response:
        raise errors.Forbidden

    monkeypatch.setattr(ChatView, "patch", broken)


def _checkout_of_anybody(monkeypatch: Patch) -> None:
    def anybodys(_user: User, session_id: str) -> Any:
        return providers.get("demo").retrieve_checkout(session_id)

    everywhere(monkeypatch, plan_pages.page_of, anybodys)


def _wrong_subscriber(monkeypatch: Patch) -> None:
    """Plans are found for whoever asks; it is always the first customer's."""
    first = BillingCustomer.objects.get(user__username="alice")
    everywhere(monkeypatch, customers.known, lambda _user: first)
    monkeypatch.setattr(OwnedQuerySet, "visible_to", lambda self, _user: self.filter(user_id=first.user_id))


PLANTED = [
    (_of_anybody(ChatQuerySet), "chat-delete-stranger"),
    (_of_anybody(ChatQuerySet), "chats-get-stranger"),
    (_of_anybody(ChatMessageQuerySet), "chat-message-stream-get-stranger"),
    (_of_anybody(SessionQuerySet), "auth-session-delete-stranger"),
    (_of_anybody(StoredFileQuerySet), "file-get-stranger"),
    (_of_anybody(StoredFileQuerySet), "file-get-staff"),
    (_of_anybody(MessageQuerySet), "messenger-message-get-stranger"),
    (_of_anybody(StoryQuerySet), "messenger-story-get-stranger"),
    (_of_anybody(OwnedQuerySet), "payment-get-stranger"),
    (_of_anybody(OwnedQuerySet), "payment-history-get-stranger"),
    (_of_anybody(OwnedQuerySet), "order-get-stranger"),
    (_of_anybody(OwnedQuerySet), "order-cancel-post-stranger"),
    (_of_anybody(OwnedQuerySet), "subscription-payments-get-staff"),
    (_checkout_of_anybody, "subscription-checkout-state-get-stranger"),
    (_wrong_subscriber, "subscription-cancel-post-stranger"),
    (_for_staff, "file-get-staff"),
    (_owner_dropped, "chat-get-stranger"),
    (_membership_dropped, "messenger-pins-get-stranger"),
    (_membership_dropped, "messenger-typing-post-stranger"),
    (_role_dropped, "messenger-conversation-patch-member"),
    (_role_dropped, "messenger-invites-get-member"),
    (_suspension_forgotten, "chat-get-suspended"),
    (_refusal_writes, "file-get-stranger"),
    (_word_slips_out, "file-get-stranger"),
    (_verb_stops_working, "chat-patch-owner"),
]


@pytest.mark.parametrize(("plant", "case"), PLANTED, ids=[f"{plant.__name__}-{case}" for plant, case in PLANTED])
def test_a_planted_fault_is_found(world: World, monkeypatch: Patch, plant: Callable[[Patch], None], case: str) -> None:
    assert matrix.red(world, [CASES[case]]) == []
    plant(monkeypatch)
    assert matrix.red(world, [CASES[case]]) != []


CLOSED = sorted(name for name, route in routes().items() if IsAuthenticated in route.view.permission_classes)


@pytest.mark.parametrize("name", CLOSED)
def test_an_emptied_permission_class_is_found(world: World, monkeypatch: Patch, name: str) -> None:
    cases = [case for case in ROWS[name].cases() if case.role == "anonymous" and case.status == 401]
    assert cases
    monkeypatch.setattr(routes()[name].view, "permission_classes", [])
    # Behind the permission most views ask once more who is there; that door stands open as well.
    monkeypatch.setattr(api_settings, "UNAUTHENTICATED_USER", lambda: world.people["owner"])
    assert len(matrix.red(world, cases, crashes=True)) == len(cases)


def test_a_child_found_without_its_parent_is_found(world: World, monkeypatch: Patch) -> None:
    narrowed = ChatMessageQuerySet.filter

    def careless(self: ChatMessageQuerySet, *arguments: Any, **named: Any) -> Any:
        return narrowed(self, *arguments, **{key: value for key, value in named.items() if key != "chat_id"})

    route = routes()["chat-message-stream"]
    matrix.check_nested(world, ROWS[route.name], route, "get")
    monkeypatch.setattr(ChatMessageQuerySet, "filter", careless)
    with pytest.raises(AssertionError):
        matrix.check_nested(world, ROWS[route.name], route, "get")


def test_a_refusal_that_tells_foreign_from_missing_is_found(world: World, monkeypatch: Patch) -> None:
    def telling(actor: User, chat_id: Any) -> Chat:
        found = Chat.objects.filter(pk=chat_id).first()
        if found and found.owner_id != actor.pk:
            raise errors.NotFound("This chat is not yours.")
        return own(actor, chat_id)

    own = chats.own_chat
    matrix.check_missing(world, CASES["chat-get-stranger"])
    everywhere(monkeypatch, own, telling)
    with pytest.raises(AssertionError):
        matrix.check_missing(world, CASES["chat-get-stranger"])


@pytest.fixture
def _fresh_schema() -> Iterator[None]:
    """What is read from the schema is remembered: not beyond this test."""
    contract.document.cache_clear()
    contract.operations.cache_clear()
    yield
    contract.document.cache_clear()
    contract.operations.cache_clear()


def test_a_read_only_field_made_writable_is_found(monkeypatch: Patch, _fresh_schema: None) -> None:
    class Generous(ProfileRequest):
        is_staff: bool = False

    monkeypatch.setattr(ProfileRequest, "model_json_schema", Generous.model_json_schema)
    assert set(test_bodies.unlisted()) == {"auth-me patch"}


def test_a_field_that_is_written_though_the_schema_hides_it_is_found(world: World, monkeypatch: Patch) -> None:
    def generous(self: MeView, request: Request) -> Any:
        said: Any = request.data
        User.objects.filter(username=request.user.username).update(is_staff=bool(said.get("is_staff")))
        return patch(self, request)

    patch = MeView.patch
    operation = next(one for one in contract.operations() if (one.name, one.verb) == ("auth-me", "patch"))
    test_bodies.check_read_only(world, operation)
    monkeypatch.setattr(MeView, "patch", generous)
    with pytest.raises(AssertionError):
        test_bodies.check_read_only(world, operation)


def test_an_owner_taken_from_the_body_is_found(world: World, monkeypatch: Patch) -> None:
    def handed_over(self: ChatView, request: Request, chat_id: Any) -> Any:
        said: Any = request.data
        Chat.objects.filter(pk=chat_id).update(owner_id=said.get("owner_id", request.user.pk))
        return patch(self, request, chat_id)

    patch = ChatView.patch
    operation = next(one for one in contract.operations() if (one.name, one.verb) == ("chat", "patch"))
    monkeypatch.setattr(ChatView, "patch", handed_over)
    with pytest.raises(AssertionError):
        test_bodies.check_read_only(world, operation)


def test_an_owner_written_after_the_answer_is_found(world: World, monkeypatch: Patch) -> None:
    def handed_over(self: ChatView, request: Request, chat_id: Any) -> Any:
        answer = patch(self, request, chat_id)
        said: Any = request.data
        Chat.objects.filter(pk=chat_id).update(owner_id=said.get("owner_id", request.user.pk))
        return answer

    patch = ChatView.patch
    operation = next(one for one in contract.operations() if (one.name, one.verb) == ("chat", "patch"))
    monkeypatch.setattr(ChatView, "patch", handed_over)
    with pytest.raises(AssertionError, match="chats"):
        test_bodies.check_read_only(world, operation)


def test_a_new_route_without_a_row_is_found(settings: Settings) -> None:
    from kintsugi import urls

    module = ModuleType("urls_with_one_more")
    module.urlpatterns = [*urls.urlpatterns, path("api/backdoor", MeView.as_view(), name="backdoor")]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = module
    clear_url_caches()
    try:
        assert matrix.gaps() == ["backdoor (api/backdoor) has no row"]
    finally:
        clear_url_caches()


def test_a_new_verb_without_a_cell_is_found(monkeypatch: Patch) -> None:
    monkeypatch.setattr(ChatView, "put", ChatView.patch, raising=False)
    assert matrix.gaps() == ["chat put has no cell"]


def test_stale_rows_and_cells_are_found(monkeypatch: Patch) -> None:
    stale = [rows.Row("no-such-route", get=table.PRIVATE), rows.Row("chat", get=table.PRIVATE)]
    monkeypatch.setattr(table, "ROUTES", [*table.ROUTES, *stale])
    monkeypatch.delattr(ChatView, "delete")
    found = matrix.gaps()
    assert "no-such-route has a row, but there is no such route" in found
    assert "chat has two rows" in found
    monkeypatch.setattr(table, "ROUTES", [*table.ROUTES[:-2]])
    assert matrix.gaps() == ["chat delete has a cell, but the view has no such verb"]

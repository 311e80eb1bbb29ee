"""The socket of one document: how it stands, then what happens to it, and nothing of anything else."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from documents.services import changing
from documents.services import starting
from documents.tests.factories import make_document
from documents.tests.factories import make_outline
from tests.kit.asgi_sockets import Client
from tests.kit.asgi_sockets import access_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("desk")]


async def opened(user: User, document: object) -> Client:
    token = await sync_to_async(access_token)(user)
    return await Client(path=f"/api/jobs/ws/generation/{document}", query=f"token={quote(token)}").open()


async def test_the_present_state_comes_first_and_then_what_happens_to_this_document_alone(alice: User) -> None:
    document, other = [await sync_to_async(make_document)(alice) for _ in range(2)]
    await sync_to_async(make_outline)(document, "One")
    client = await opened(alice, document.pk)
    assert (await client.hear())["type"] == "hello"
    state = await client.hear()
    assert (state["type"], state["payload"]["status"]) == ("document.updated", "outline_generated")

    await sync_to_async(changing.change)(alice, other.pk, {"title": "Of no interest here"})
    run = await sync_to_async(starting.whole)(alice, document.pk)
    assert (await client.hear("job_started"))["payload"]["job_id"] == str(run.job_id)
    assert {frame["payload"]["id"] for frame in client.seen if frame["type"] == "document.updated"} == {
        str(document.pk)
    }
    await client.leave()

    again = await opened(alice, document.pk)
    started = await again.hear("job_started")
    assert (started["payload"]["status"], started.get("seq")) == ("queued", None), "as it stands, after a reload"
    await again.leave()


async def test_a_stranger_and_whoever_names_nothing_are_closed_alike(alice: User, charlie: User) -> None:
    document = await sync_to_async(make_document)(alice)
    for client in (await opened(charlie, document.pk), await opened(alice, charlie.pk)):
        assert await client.closing() == 4003
        assert client.seen == []


async def test_without_a_token_nobody_hears_anything(alice: User) -> None:
    document = await sync_to_async(make_document)(alice)
    client = await Client(path=f"/api/jobs/ws/generation/{document.pk}", query="token=nonsense").open()
    assert await client.closing() == 4001

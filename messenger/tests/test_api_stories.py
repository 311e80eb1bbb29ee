from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.models import User
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.jobs import sweeper
from core.models import StoredFile
from core.realtime import publish
from core.realtime.bus.base import Message
from core.tests import recordings
from core.tests import samples
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Participant
from messenger.models import Story
from messenger.models import StoryView
from messenger.services import stories
from messenger.tests.factories import make_direct
from messenger.tests.factories import make_group

STORIES = "/api/messenger/stories"

pytestmark = pytest.mark.django_db(transaction=True)

Told = list[tuple[str, str]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Stream and type of every frame that leaves for the bus."""
    frames: Told = []
    really = publish._publish

    def listen(message: Message) -> None:
        frames.append((str(message.stream.id), message.frame.decode().split('"')[3]))
        really(message)

    monkeypatch.setattr(publish, "_publish", listen)
    return frames


def upload(client: JsonClient, purpose: str = "story", data: bytes | None = None, name: str = "a.png") -> str:
    file = SimpleUploadedFile(name, data or samples.image("PNG"))
    answer = client.post("/api/files", {"file": file, "purpose": purpose}, format="multipart")
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def tell(client: JsonClient, **fields: Any) -> Any:
    return client.post(STORIES, {"media_id": upload(client), **fields})


def seen(client: JsonClient) -> list[tuple[str, list[str]]]:
    """By person, the captions that are shown."""
    groups = client.get(STORIES).json()["results"]
    return [(group["user"]["username"], [story["caption"] for story in group["stories"]]) for group in groups]


def over(*which: Any) -> None:
    rows = Story.objects.filter(pk__in=which) if which else Story.objects.all()
    rows.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_a_story_is_told_to_those_one_shares_a_conversation_with(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient, told: Told
) -> None:
    make_direct(alice, bob)
    answer = tell(alice_client, caption="Tea")
    body = answer.json()
    assert (answer.status_code, body["caption"], body["user"]["username"]) == (201, "Tea", "alice")
    assert (body["media"]["kind"], body["media"]["has_thumbnail"]) == ("image", True)
    assert (body["viewed"], body["view_count"]) == (True, 0)
    story = Story.objects.get()
    assert story.expires_at - story.created_at == timedelta(hours=24)
    assert sorted(told) == sorted([(str(alice.pk), "story.new"), (str(bob.pk), "story.new")])
    assert seen(bob_client) == [("alice", ["Tea"])]
    found = bob_client.get(f"{STORIES}/{body['id']}").json()
    assert (found["viewed"], found["view_count"]) == (False, None)


def test_a_film_is_a_story(alice_client: JsonClient) -> None:
    film = upload(alice_client, data=recordings.film(), name="trip.mp4")
    media = alice_client.post(STORIES, {"media_id": film}).json()["media"]
    assert (media["kind"], media["width"], round(media["duration"])) == ("video", 64, 2)


def test_a_stranger_finds_no_story_and_changes_none(
    bob: User, alice: User, alice_client: JsonClient, charlie_client: JsonClient, anonymous: JsonClient
) -> None:
    make_direct(alice, bob)
    path = f"{STORIES}/{tell(alice_client).json()['id']}"
    assert seen(charlie_client) == []
    answers = [
        charlie_client.get(path),
        charlie_client.delete(path),
        charlie_client.post(f"{path}/view"),
        charlie_client.get(f"{path}/views"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
    assert anonymous.get(STORIES).status_code == 401
    assert (Story.objects.count(), StoryView.objects.count()) == (1, 0)


def test_who_may_see_it_may_not_delete_it_nor_read_who_saw_it(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    make_direct(alice, bob)
    path = f"{STORIES}/{tell(alice_client).json()['id']}"
    assert (bob_client.delete(path).status_code, bob_client.get(f"{path}/views").status_code) == (403, 403)


@pytest.mark.parametrize("by_teller", [True, False])
def test_a_block_hides_stories_both_ways(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient, told: Told, *, by_teller: bool
) -> None:
    make_direct(alice, bob)
    blocker, blocked = (alice, bob) if by_teller else (bob, alice)
    Block.objects.create(blocker=blocker, blocked=blocked)
    path = f"{STORIES}/{tell(alice_client).json()['id']}"
    assert told == [(str(alice.pk), "story.new")]
    assert (seen(bob_client), bob_client.get(path).status_code) == ([], 404)
    assert bob_client.post(f"{path}/view").status_code == 404


def test_who_left_the_conversation_or_lost_it_sees_nothing(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    group = make_group(alice, bob)
    tell(alice_client, caption="Tea")
    assert seen(bob_client) == [("alice", ["Tea"])]
    Conversation.objects.update(deleted_at=timezone.now())
    assert seen(bob_client) == []
    Conversation.objects.update(deleted_at=None)
    Participant.objects.filter(conversation=group, user=bob).delete()
    assert seen(bob_client) == []


def test_views_are_counted_once_and_ones_own_not_at_all(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient
) -> None:
    make_direct(alice, bob)
    path = f"{STORIES}/{tell(alice_client).json()['id']}"
    for client in (bob_client, bob_client, alice_client):
        assert client.post(f"{path}/view").status_code == 204
    views = alice_client.get(f"{path}/views").json()["results"]
    assert [row["user"]["username"] for row in views] == ["bob"]
    assert alice_client.get(path).json()["view_count"] == 1
    assert bob_client.get(path).json()["viewed"] is True


def test_stories_stand_by_person_own_first_oldest_first(
    alice: User, bob: User, charlie: User, alice_client: JsonClient
) -> None:
    bob_client, charlie_client = signed_in(bob), signed_in(charlie)
    make_group(alice, bob, charlie)
    tell(alice_client, caption="a1")
    tell(bob_client, caption="b1")
    tell(charlie_client, caption="c1")
    tell(bob_client, caption="b2")
    assert seen(alice_client) == [("alice", ["a1"]), ("bob", ["b1", "b2"]), ("charlie", ["c1"])]


def test_the_list_costs_two_queries_however_long_it_is(
    alice: User, bob: User, alice_client: JsonClient, django_assert_num_queries: Callable[[int], Any]
) -> None:
    group = make_group(alice, bob)
    for number in range(3):
        friend = make_user(f"friend{number}")
        Participant.objects.create(conversation=group, user=friend)
        for _ in range(2):
            Story.objects.create(user=friend, expires_at=timezone.now() + timedelta(hours=1))
    with django_assert_num_queries(2):
        assert len(alice_client.get(STORIES).json()["results"]) == 3


def test_a_repeat_is_the_same_story(alice_client: JsonClient) -> None:
    media = upload(alice_client)
    body = {"media_id": media, "caption": "Tea", "client_id": "s-1"}
    first, again = alice_client.post(STORIES, body), alice_client.post(STORIES, body)
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    other = alice_client.post(STORIES, body | {"caption": "Coffee"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


def test_told_many_times_at_once_it_is_one_story(alice: User, alice_client: JsonClient) -> None:
    media = upload(alice_client)
    codes = _at_once(5, lambda: alice_client.post(STORIES, {"media_id": media, "client_id": "s-1"}).status_code)
    assert sorted(codes) == [200, 200, 200, 200, 201]
    assert Story.objects.count() == 1


def test_only_own_files_of_the_right_purpose(alice_client: JsonClient, bob_client: JsonClient) -> None:
    wrong = alice_client.post(STORIES, {"media_id": upload(alice_client, "attachment")})
    assert (wrong.status_code, wrong.json()["details"].keys()) == (400, {"media_id"})
    assert alice_client.post(STORIES, {"media_id": upload(bob_client)}).status_code == 404
    assert alice_client.post(STORIES, {"media_id": upload(alice_client), "caption": "x" * 501}).status_code == 400


def test_a_day_has_so_many_stories(alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "MOST_AT_ONCE", 1)
    assert tell(alice_client).status_code == 201
    assert tell(alice_client).json()["code"] == "stories_full"


def test_a_story_that_is_over_goes_with_its_file_and_is_told_once(
    alice: User, bob: User, alice_client: JsonClient, bob_client: JsonClient, told: Told
) -> None:
    make_direct(alice, bob)
    gone, stays = tell(alice_client, caption="gone").json(), tell(alice_client, caption="stays").json()
    file = StoredFile.objects.get(pk=gone["media"]["id"])
    assert file.expires_at is not None
    over(gone["id"])
    assert (seen(bob_client), bob_client.get(f"{STORIES}/{gone['id']}").status_code) == ([("alice", ["stays"])], 404)
    told.clear()
    sweeper.schedule(timezone.now())
    sweeper.schedule(timezone.now())
    assert sorted(told) == sorted([(str(alice.pk), "story.expired"), (str(bob.pk), "story.expired")])
    assert [str(row.pk) for row in Story.objects.all()] == [stays["id"]]
    assert not default_storage.exists(file.key)
    assert not default_storage.exists(file.thumbnail_key)


def test_two_sweepers_at_once_tell_once(alice: User, alice_client: JsonClient, told: Told) -> None:
    for _ in range(3):
        tell(alice_client)
    over()
    told.clear()
    assert sum(_at_once(3, stories.expire)) == 3
    assert told == [(str(alice.pk), "story.expired")] * 3
    assert stories.expire() == 0


def test_taking_a_story_back(alice: User, bob: User, alice_client: JsonClient, told: Told) -> None:
    make_direct(alice, bob)
    media = upload(alice_client)
    first, second = (alice_client.post(STORIES, {"media_id": media}).json()["id"] for _ in range(2))
    told.clear()
    assert alice_client.delete(f"{STORIES}/{first}").status_code == 204
    assert sorted(told) == sorted([(str(alice.pk), "story.expired"), (str(bob.pk), "story.expired")])
    assert StoredFile.objects.filter(pk=media).exists()  # the other one shows it
    assert alice_client.delete(f"{STORIES}/{second}").status_code == 204
    assert not StoredFile.objects.filter(pk=media).exists()
    assert alice_client.delete(f"{STORIES}/{second}").status_code == 404


def test_so_many_are_told_and_no_more(
    alice: User, alice_client: JsonClient, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "MOST_NOTIFIED", 2)
    make_group(alice, *(make_user(f"friend{number}") for number in range(5)))
    tell(alice_client)
    assert len(told) == 3  # two of them and herself


def _at_once(number: int, work: Callable[[], Any]) -> list[Any]:
    barrier, results = threading.Barrier(number), []

    def one() -> None:
        try:
            barrier.wait(20)
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == number
    return results

"""The same event to many, in the streams' order."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.parallel import at_once
from core.ids import uuid7
from core.models import StreamEvent
from core.realtime import streams
from core.realtime.names import user_stream
from messenger.events import ConversationDeleted
from messenger.services import notify
from messenger.tests.reading import audiences
from messenger.tests.reading import events

EVENT = ConversationDeleted(conversation_id=uuid7(), reason="removed")


def test_each_stream_takes_its_own_next_number(db: None) -> None:
    names = [user_stream(uuid7()) for _ in range(450)]
    with transaction.atomic():
        streams.append(names[7], EVENT)
        with CaptureQueriesContext(connection) as queries:
            streams.append_each([(name, EVENT, streams.Audience(opens={names[0]: 3})) for name in names])
    assert len(queries) == 6
    assert sorted(StreamEvent.objects.filter(stream=names[7].id).values_list("seq", flat=True)) == [1, 2]
    assert StreamEvent.objects.filter(seq=1).count() == 450
    assert events(names[449].id) == events(names[7].id)[1:]
    assert audiences(names[3].id) == [{"opens": {str(names[0]): 3}}]


def test_it_is_told_on_commit(db: None, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as told, transaction.atomic():
        notify.publish_to_users([uuid7(), uuid7()], EVENT)
    assert len(told) == 2


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        notify.publish_to_users([uuid7()], EVENT)
    assert not StreamEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_who_tell_the_same_people_do_not_wait_for_each_other_for_ever(alice: User, bob: User) -> None:
    people = [alice.pk, bob.pk, *(uuid7() for _ in range(20))]

    def tell(index: int) -> None:
        with transaction.atomic():
            notify.publish_to_users(people if index % 2 else reversed(people), EVENT)

    at_once(4, tell)
    assert list(StreamEvent.objects.filter(stream=bob.pk).order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]

"""What one page may take of Janus: few handles, and one that sends; and that none of them goes unmeasured."""

from __future__ import annotations

import pytest

from calls.models import Call
from calls.models import CallLeg
from calls.providers.janus import Janus
from calls.tests.media_peers import needs_janus
from calls.tests.sfu_legs import Leg
from calls.tests.sfu_legs import Page
from calls.tests.sfu_legs import Refused
from calls.tests.test_socket_door import _entered
from calls.tests.test_socket_door import _intervals
from calls.tests.test_socket_door import _left
from calls.tests.test_socket_door import _ticket
from calls.tests.test_socket_door import _until
from calls.tests.test_socket_door import rows
from calls.tests.test_socket_door import server

__all__ = ["rows", "server"]

pytestmark = [needs_janus, pytest.mark.django_db(transaction=True)]

Rows = tuple[Call, list[CallLeg]]


async def test_a_session_has_three_handles_at_most(rows: Rows, server: Janus) -> None:
    page = await Page(await _ticket(rows[1][0])).open()
    await page.create()
    first, *_ = [await page.attach() for _ in range(3)]
    with pytest.raises(Refused):
        await page.attach()
    await page.ask(janus="detach", handle_id=first)

    async def one_more() -> bool:
        try:
            await page.attach()
        except Refused:
            return False
        return True

    await _until(one_more)
    with pytest.raises(Refused):
        await page.attach()
    assert page.session is not None
    assert len(server.handles(page.session)) == 3
    await page.leave()


async def test_a_session_that_is_claimed_keeps_its_count(rows: Rows) -> None:
    page = await Page(await _ticket(rows[1][0])).open()
    await page.create()
    for _ in range(2):
        await page.attach()
    session = page.session or 0
    await page.leave()
    again = await Page(await _ticket(rows[1][0])).open()
    await again.claim(session)
    await again.attach()
    with pytest.raises(Refused):
        await again.attach()
    await again.leave()


async def test_nobody_sends_twice(rows: Rows) -> None:
    page = await Page(await _ticket(rows[1][0])).open()
    await page.create()
    first, second = [await page.attach() for _ in range(2)]
    await page.say(first, {"request": "join", "ptype": "publisher"})
    with pytest.raises(Refused):
        await page.say(second, {"request": "join", "ptype": "publisher"})
    await page.leave()


async def test_who_only_hears_is_measured(rows: Rows) -> None:
    call, legs = rows
    devices = await _entered(legs[:1])
    listener = Leg(legs[1].pk)
    listener.page = await Page(await _ticket(legs[1])).open()
    try:
        await listener.page.create()

        async def is_there() -> bool:
            return len(await _intervals(leg_id=legs[0].pk)) == 1

        await _until(is_there)
        await listener._subscribe([{"feed": str(legs[0].pk)}])

        async def measured() -> bool:
            return [one.ended_at for one in await _intervals(call_id=call.pk, leg_id=legs[1].pk)] == [None]

        await _until(measured)
        assert listener.down is not None
        await listener.down.close()

        async def no_more() -> bool:
            return [one.ended_by for one in await _intervals(leg_id=legs[1].pk)] == ["door"]

        await _until(no_more, 30)
        await listener.page.leave()
    finally:
        await _left(devices)

"""Everything that people do with calls and everything that befalls them, in any order that Hypothesis can think of."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from tests.proof.calls.play import LAYOUT
from tests.proof.calls.play import Answer
from tests.proof.calls.play import Play
from tests.proof.stage import Stage

MEMBERS = st.sampled_from([name for name in LAYOUT if name != "d1"])
ANYBODY = st.sampled_from(list(LAYOUT))
ROOMS = st.sampled_from(["pair", "group"])
TIMES = st.sampled_from([5, 16, 31, 46, 61])
"""About the deadlines: of connecting, of being lost, of a lease, of ringing, of being alone."""
ANSWERING = st.lists(MEMBERS, min_size=2, max_size=5, unique=True)


class Calls(RuleBasedStateMachine):
    """One example is one play with new people on the running stage; it ends when all calls have come to their end."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.play = Play(self.stage)
        self.restarts = 0

    @initialize()
    def begin(self) -> None:
        """It rings in both conversations, as a short play would hold few calls otherwise."""
        self.play.begin()
        self.play.call("a1", "pair")
        self.play.call("b1", "group")

    def teardown(self) -> None:
        try:
            if self.play.rooms:
                self.play.settle()
        finally:
            self.play.end()

    @invariant()
    def holds_always(self) -> None:
        if self.play.rooms:
            self.play.check_now()

    # People ------------------------------------------------------------------------------------------------------

    @rule(name=ANYBODY, room=ROOMS, call_type=st.sampled_from(["audio", "video"]))
    def calls(self, name: str, room: str, call_type: str) -> None:
        status, answer = self.play.call(name, room, call_type)
        self._is_refused_to_strangers(name, room, status)
        if room == "group" and name not in {"c1", "d1"}:
            assert status in {200, 201} or answer["code"] in {"call_exists", "call_full"}, answer

    @rule(room=ROOMS)
    def a_talk_begins(self, room: str) -> None:
        """As most do, with nothing between."""
        self.play.call("a1", room)
        self.play.answer("b1", room)
        self.play.all_hear(room)

    @rule(first=MEMBERS, second=MEMBERS, room=ROOMS)
    def two_call_at_once(self, first: str, second: str, room: str) -> None:
        self.play.together(lambda: self.play.call(first, room), lambda: self.play.call(second, room))

    @rule(names=ANSWERING, room=ROOMS)
    def several_devices_answer(self, names: list[str], room: str) -> None:
        """Of each person one at most is in."""
        answers = self.play.together(*(self._answering(name, room) for name in names))
        came = [LAYOUT[name][0] for name, (status, _) in zip(names, answers, strict=True) if status == 200]
        assert len(came) == len(set(came)), answers

    @rule(name=MEMBERS, room=ROOMS)
    def goes_on_with_another_device(self, name: str, room: str) -> None:
        self.play.answer(name, room, move=True)

    @rule(name=ANYBODY, room=ROOMS)
    def declines(self, name: str, room: str) -> None:
        was = self.play.legs(room)
        status, _ = self.play.decline(name, room)
        self._is_refused_to_strangers(name, room, status)
        if len(was) > 1:  # somebody answered: the call goes on
            assert self.play.legs(room) == was

    @rule(name=ANYBODY, room=ROOMS)
    def leaves(self, name: str, room: str) -> None:
        status, _ = self.play.leave(name, room)
        self._is_refused_to_strangers(name, room, status)

    @rule(room=ROOMS)
    def alice_ends_it_for_all(self, room: str) -> None:
        self.play.leave("a1", room, for_everyone=True)

    @rule(room=ROOMS)
    def all_hear_each_other(self, room: str) -> None:
        self.play.all_hear(room)

    @rule(name=MEMBERS, room=ROOMS, late=st.booleans())
    def one_gives_a_sign_of_life(self, name: str, room: str, late: bool) -> None:
        self.play.hears(name, room, late=late, of_nobody=not late)

    @rule(name=ANYBODY, other=MEMBERS, room=ROOMS)
    def says_something_to_another_device(self, name: str, other: str, room: str) -> None:
        self.play.signal(name, other, room)

    @rule(room=ROOMS, seconds=st.sampled_from([20, 70]))
    def goes_to_the_media_server(self, room: str, seconds: int) -> None:
        if len(self.play.legs(room)) > 1:
            self.play.all_hear(room)
            self.play.to_the_media_server(room)
            self.play.talk(room, seconds)

    @rule(name=MEMBERS, room=ROOMS, what=st.sampled_from(["begins", "ends"]))
    def media_comes_and_goes(self, name: str, room: str, what: str) -> None:
        self.play.media(name, room, what)

    # From outside ------------------------------------------------------------------------------------------------

    @rule(is_in=st.booleans())
    def charlie_is_out_or_in(self, is_in: bool) -> None:
        if is_in == self.play.charlie_is_out:
            self.play.charlie(is_in=is_in)
            assert "c1" not in self.play.legs("group") or is_in

    @rule()
    def alice_blocks_bob(self) -> None:
        self.play.block(is_blocked=not self.play.bob_is_blocked)
        assert not self.play.bob_is_blocked or self.play.legs("pair") == {}

    @rule(name=MEMBERS)
    def a_session_ends(self, name: str) -> None:
        self.play.sign_in_anew(name)

    # Time and processes ------------------------------------------------------------------------------------------

    @rule(seconds=TIMES)
    def time_passes(self, seconds: int) -> None:
        self.play.pass_time(seconds)

    @rule(room=ROOMS, name=MEMBERS)
    def one_is_silent_while_the_others_talk(self, room: str, name: str) -> None:
        self.play.talk(room, 40, silent=[name])

    @rule(name=MEMBERS)
    def a_network_is_gone_for_a_moment(self, name: str) -> None:
        self.play.cut(name)

    @precondition(lambda self: self.restarts < 1)
    @rule(units=st.sampled_from([(0,), (1,), (0, 1)]), away=st.sampled_from([0.0, 40.0]))
    def processes_are_killed(self, units: tuple[int, ...], away: float) -> None:
        """While none was there nobody is judged; who is rung was rung."""
        self.restarts += 1
        running = {room: self.play.legs(room) for room in self.play.rooms if self._runs(room)}
        self.play.restart(*units, away=away if len(units) == 2 else 0.0)
        for room, legs in running.items():
            assert self.play.legs(room) == legs, "a call was ended by nobody"

    # ---------------------------------------------------------------------------------------------------------------

    def _answering(self, name: str, room: str) -> Callable[[], Answer]:
        def act() -> Answer:
            return self.play.answer(name, room)

        return act

    def _runs(self, room: str) -> bool:
        return bool(self.play.legs(room)) and self.play.status(room)[0] != "ringing"

    def _is_refused_to_strangers(self, name: str, room: str, status: int) -> None:
        if not self.play.is_member(LAYOUT[name][0], self.play.rooms[room]):
            assert status == 404, f"{name} is nobody in {room}, and is answered {status}"

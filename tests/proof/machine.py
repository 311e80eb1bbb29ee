"""Everything that people do and everything that goes wrong, in any order that Hypothesis can think of."""

from __future__ import annotations

import time
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from tests.proof.play import Play
from tests.proof.stage import Stage

MEMBERS = st.sampled_from(["a1", "a2", "b1"])
TABS = st.sampled_from(["a1", "a2", "b1", "c1", "d1"])
UNITS = st.integers(0, 1)
SPEECHES = st.sampled_from(["one", "two"])
STEPS = st.sampled_from(["begin", "more", "more", "finish"])
BUS = st.lists(st.sampled_from(["drop", "double", "swap", "pass"]), min_size=1, max_size=4)


class Talk(RuleBasedStateMachine):
    """One example is one play with new people on the running stage; it ends with all invariants."""

    stage: ClassVar[Stage]
    settle_seconds: ClassVar[float] = 30.0

    def __init__(self) -> None:
        super().__init__()
        self.play = Play(self.stage, settle_seconds=self.settle_seconds)

    @initialize()
    def begin(self) -> None:
        self.play.begin()

    def teardown(self) -> None:
        try:
            if self.play.room:
                self.play.settle()
        finally:
            self.play.end()

    # People ------------------------------------------------------------------------------------------------------

    @rule(tab=MEMBERS, times=st.integers(1, 4))
    def says(self, tab: str, times: int) -> None:
        for _ in range(times):
            self.play.say(tab)

    @rule(tab=MEMBERS)
    def reads_all(self, tab: str) -> None:
        newest = self.play.newest()
        if newest:
            payload = {"conversation_id": self.play.room, "message_id": newest}
            self.play.command(tab, "read.mark", payload)

    @rule(tab=MEMBERS, emoji=st.sampled_from(["🔥", "👍"]), put=st.booleans())
    def reacts(self, tab: str, emoji: str, put: bool) -> None:
        newest = self.play.newest()
        if newest:
            kind = "reaction.add" if put else "reaction.remove"
            self.play.command(tab, kind, {"message_id": newest, "emoji": emoji})

    @rule(tab=MEMBERS, name=SPEECHES, steps=st.lists(STEPS, min_size=1, max_size=5))
    def an_agent_writes(self, tab: str, name: str, steps: list[str]) -> None:
        """A new message, or one that is being written, maybe by another process."""
        for step in steps:
            self.play.speak(tab, name, step)

    @rule()
    def alice_takes_back_what_the_agent_says(self) -> None:
        said = self.play.newest(of="agent")
        if said:
            self.play.command("a1", "message.delete", {"message_id": said})

    @rule(delete=st.booleans())
    def alice_changes_her_last(self, delete: bool) -> None:
        own = self.play.newest(of="alice")
        if own and delete:
            self.play.command("a1", "message.delete", {"message_id": own})
        elif own:
            self.play.command("a1", "message.edit", {"message_id": own, "content": "Said otherwise"})

    @precondition(lambda self: self.play.removed_at is None)
    @rule()
    def removes_charlie(self) -> None:
        self.play.remove_charlie()

    @precondition(lambda self: self.play.removed_at is not None)
    @rule()
    def adds_charlie(self) -> None:
        self.play.add_charlie()

    @rule()
    def charlie_is_out_and_in_while_he_is_away(self) -> None:
        if self.play.removed_at is not None:
            self.play.add_charlie()
        self.play.cut("c1")
        self.play.remove_charlie()
        self.play.add_charlie()

    @precondition(lambda self: self.play.removed_at is None)
    @rule()
    def charlie_is_let_in_in_the_middle_of_a_sync(self) -> None:
        self.play.listen("c1")
        self.play.bring_charlie_back_meanwhile()

    @rule()
    def alice_reads_on_two_devices_at_once(self) -> None:
        self.play.mark_on_two_devices()

    # The network -------------------------------------------------------------------------------------------------

    @rule(tab=MEMBERS)
    def says_after_a_cut(self, tab: str) -> None:
        self.play.cut(tab)
        self.play.say(tab)

    @rule(tab=MEMBERS)
    def is_cut_between_commit_and_ok(self, tab: str) -> None:
        self.play.say_and_lose_the_ok(tab)

    @rule(tab=MEMBERS)
    def is_cut_after_ok(self, tab: str) -> None:
        self.play.listen(tab)  # whoever is deaf hears no ok
        self.play.wait_for_answer(tab, self.play.say(tab))
        self.play.cut(tab)

    @rule(tab=TABS, speaker=MEMBERS, times=st.integers(1, 8))
    def comes_back_while_others_talk(self, tab: str, speaker: str, times: int) -> None:
        self.play.cut(tab)
        for _ in range(times):
            self.play.say(speaker)

    @rule()
    def everybody_is_cut(self) -> None:
        for tab in self.play.tabs:
            self.play.cut(tab)

    @rule(tab=TABS, deaf=st.booleans())
    def stops_reading(self, tab: str, deaf: bool) -> None:
        if deaf:
            self.play.stop_listening(tab)
        else:
            self.play.listen(tab)

    @rule(tab=TABS, lag=st.sampled_from([0.0, 0.05, 0.3]))
    def a_wire_is_slow(self, tab: str, lag: float) -> None:
        self.play.proxies[tab].lag = lag

    # The house ---------------------------------------------------------------------------------------------------

    @rule(unit=UNITS, plan=BUS, tab=MEMBERS)
    def the_bus_is_unreliable(self, unit: int, plan: list[str], tab: str) -> None:
        self.stage.units[unit].trouble.plan.extend(plan)
        for _ in plan:
            self.play.say(tab)

    @rule()
    def subscribers_are_killed(self) -> None:
        if self.stage.redis.is_running:
            self.stage.redis.kill_listeners()

    @rule(tab=MEMBERS)
    def redis_restarts_while_somebody_talks(self, tab: str) -> None:
        self.stage.redis.kill()
        self.play.say(tab)
        self.stage.redis.start()

    @rule()
    def database_connections_end(self) -> None:
        self.stage.terminate_backends()

    @precondition(lambda self: self.stage.postgres is not None)
    @rule(tab=MEMBERS, seconds=st.sampled_from([0.3, 1.0, 3.0]))
    def the_database_stands_still(self, tab: str, seconds: float) -> None:
        """No connection to it breaks, and none is answered."""
        self.play.say_while_the_database_stands_still(tab, seconds)

    @precondition(lambda self: self.stage.postgres is not None)
    @rule(tab=MEMBERS, away=st.sampled_from([0.0, 0.0, 1.0]), hears=st.booleans())
    def the_database_crashes(self, tab: str, away: float, hears: bool) -> None:
        """At once after an ``ok``, or in the middle of a message; what it had in memory only is lost."""
        self.play.crash_the_database(tab, away=away, after_ok=hears)

    @rule(unit=UNITS, tab=MEMBERS)
    def a_server_stands_still_while_somebody_talks(self, unit: int, tab: str) -> None:
        """Long enough for connections to be given up and for others to say more; it wakes into another world."""
        self.stage.units[unit].fall_asleep()
        self.play.say(tab)
        self.play.cut(tab)
        time.sleep(0.3)
        self.stage.units[unit].wake()

    @rule(unit=UNITS, tab=MEMBERS)
    def a_server_dies_between_commit_and_publish(self, unit: int, tab: str) -> None:
        self.play.kill_before_publish(unit, tab)

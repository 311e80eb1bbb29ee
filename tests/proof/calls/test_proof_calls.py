"""Calls come to what they should, whoever does what in whichever order, and proof that it would be seen if not.

``make prove-calls`` runs it; ``EXAMPLES=200 STEPS=30 SEED=7 make prove-calls`` is a long run of a known seed.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.kit.postgres import PostgresServer
from tests.proof import running
from tests.proof.calls import mutants
from tests.proof.calls.machine import Calls
from tests.proof.calls.play import Play
from tests.proof.stage import Stage
from tests.proof.stage import stage

pytestmark = [pytest.mark.prove, pytest.mark.timeout(0)]
EXAMPLES, STEPS = running.length(6, 20)
_SERVER = "tests.proof.calls.server"
_CLOCK = (
    "CREATE TABLE proof_clock (gone interval NOT NULL)",
    "INSERT INTO proof_clock VALUES (interval '0')",
)
# Nobody dials there: the media server of the proof is played.
_JANUS = {
    "JANUS_URL": "ws://127.0.0.1:9",
    "JANUS_ADMIN_URL": "http://127.0.0.1:9/admin",
    "JANUS_TOKEN_SECRET": "of-the-proof-0123456789-token",
    "JANUS_ADMIN_SECRET": "of-the-proof-0123456789-admin",
    "JANUS_ROOM_KEY": "of-the-proof-0123456789-rooms",
}


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer | None) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("calls"), postgres, server=_SERVER, prepare=_CLOCK, more=_JANUS) as made:
        yield made


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer | None) -> Iterator[Stage]:
    """A product of which any safeguard can be taken out."""
    prepare, folder = (*_CLOCK, *mutants.PREPARE), tmp_path_factory.mktemp("faulty-calls")
    with stage(folder, postgres, mutant="some", server=_SERVER, prepare=prepare, more=_JANUS) as made:
        yield made


def test_every_call_comes_to_its_end(theatre: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nSEED={running.SEED} EXAMPLES={EXAMPLES} STEPS={STEPS}")
    machine = seed(running.SEED)(type("Calling", (Calls,), {"stage": theatre}))
    run_state_machine_as_test(machine, settings=running.plays(EXAMPLES, STEPS))
    ends = theatre.rows("SELECT end_reason, count(*) FROM calls GROUP BY 1 ORDER BY 2 DESC")
    with capsys.disabled():
        print("calls ended:", ", ".join(f"{count} {reason}" for reason, count in ends))
    assert len(ends) > 1, "calls ended in one way only: nothing was played"


def _nobody_answers(play: Play) -> None:
    play.call("a1", "pair")
    for _ in range(4):
        play.pass_time(11)
        play.hears("a1", "pair", of_nobody=True)
    play.pass_time(3)
    assert play.status("pair") == ("ended", "missed"), play.status("pair")


def _all_at_once(play: Play) -> None:
    """Both call each other, then two devices of one person answer."""
    for _ in range(4):
        play.together(lambda: play.call("a1", "pair"), lambda: play.call("b1", "pair"))
        play.check_now()
        play.leave("a1", "pair", for_everyone=True)
        play.call("a1", "group")
        play.together(lambda: play.answer("b1", "group"), lambda: play.answer("b2", "group"))
        play.check_now()
        play.leave("a1", "group", for_everyone=True)


def _talking(play: Play, room: str = "pair") -> None:
    assert play.call("a1", room)[0] == 201
    assert play.answer("b1", room)[0] == 200
    play.all_hear(room)
    assert play.status(room)[0] == "active"


def _one_falls_silent(play: Play) -> None:
    _talking(play)
    for _ in range(4):
        play.pass_time(10)
        play.hears("a1", "pair", of_nobody=True)
    assert play.status("pair") == ("ended", "lost"), play.status("pair")


def _all_processes_die(play: Play) -> None:
    """For a minute; whoever was talking has time to come back, and does."""
    _talking(play)
    play.restart(0, 1, away=60)
    assert set(play.legs("pair")) == {"a1", "b1"}, "whoever was talking was put out"
    play.all_hear("pair")
    play.talk("pair", 40)
    assert play.status("pair")[0] == "active"


def _a_late_word(play: Play) -> None:
    """What is said of the way before is nothing about this one."""
    _talking(play)
    play.to_the_media_server("pair")
    assert play.generation("pair") == 2
    play.hears("a1", "pair", late=True)
    play.hears("b1", "pair", late=True)
    play.check_now()


def _an_offer(play: Play) -> None:
    """To one of Bob's devices, while the other one listens."""
    _talking(play)
    heard = play.devices["b1"].tab.received
    assert play.signal("a1", "b1", "pair")["type"] == "ok"
    play.wait(lambda: any(frame["type"] == "call.offer" for frame in heard), "it did not arrive")
    play.cut("b2")  # what was on its way to it has come
    play.check_signals()


def _one_waits_for_the_other(play: Play) -> None:
    """Alice is on the media server for more than a minute before anybody hears her there."""
    _talking(play)
    play.to_the_media_server("pair")
    play.media("b1", "pair", "ends")
    play.talk("pair", 70)
    play.media("b1", "pair", "begins")
    play.talk("pair", 20)


def _charlie_is_put_out(play: Play) -> None:
    _talking(play, "group")
    assert play.answer("c1", "group")[0] == 200
    play.all_hear("group")
    play.charlie(is_in=False)
    play.pass_time(5)
    assert set(play.legs("group")) == {"a1", "b1"}, "who was removed is in the call"
    play.charlie(is_in=True)


SCENES: dict[str, Callable[[Play], None]] = {
    "ring-until": _nobody_answers,
    "locks": _all_at_once,
    "lease": _one_falls_silent,
    "gap": _all_processes_die,
    "generation": _a_late_word,
    "only": _an_offer,
    "union": _one_waits_for_the_other,
    "removal": _charlie_is_put_out,
}
FOUND_BY = {
    "ring-until": "what is due is not done",
    "locks": "two live calls|two devices",
    "lease": "what is due is not done",
    "gap": "was put out",
    "generation": "never said that it has media",
    "only": "for another device",
    "union": "were charged",
    "removal": "who was removed is in the call|what is due is not done",
}
"""A machine without time is no proof that something is missing."""


def _scene(on: Stage, name: str, patience: float) -> None:
    play = Play(on, settle_seconds=patience)
    try:
        play.begin()
        SCENES[name](play)
        play.settle()
    finally:
        play.end()


@pytest.mark.parametrize("scene", SCENES)
def test_each_scene_passes_on_the_product(theatre: Stage, scene: str) -> None:
    _scene(theatre, scene, 30)


@pytest.mark.parametrize("mutant", SCENES)
def test_the_proof_sees_what_is_taken_out(faulty: Stage, mutant: str) -> None:
    """The same scene that passes above, on the product without one safeguard."""
    mutants.out(faulty.gate.parent, mutant)
    try:
        with pytest.raises(AssertionError, match=FOUND_BY[mutant]) as seen:
            _scene(faulty, mutant, 8)
    finally:
        mutants.out(faulty.gate.parent, "")
    print(f"{mutant}: {(str(seen.value).splitlines() or ['an invariant does not hold'])[0]}")

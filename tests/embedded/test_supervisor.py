from itertools import pairwise

from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.supervisor import LONGEST_PAUSE_S, Supervisor


class Program:
    """Runs until told otherwise."""

    def __init__(self) -> None:
        self.alive = True
        self.starts = 0
        self.broken = False

    def start(self) -> None:
        if self.broken:
            raise ServiceFailed("the disk is full")
        self.starts += 1
        self.alive = True


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.program = Program()
        self.supervisor = Supervisor({"API": self.program}, clock=lambda: self.now)

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.supervisor.look()


def test_what_runs_is_left_alone() -> None:
    bench = Bench()
    bench.pass_time(5)
    assert bench.program.starts == 0


def test_what_ended_is_started_again_after_a_pause() -> None:
    bench = Bench()
    bench.program.alive = False
    bench.pass_time(0.3)
    assert bench.program.starts == 0
    bench.pass_time(0.5)
    assert bench.program.starts == 1


def test_pauses_grow_while_it_keeps_ending_soon() -> None:
    bench = Bench()
    moments = []
    for _ in range(9):
        bench.program.alive = False
        while not bench.program.alive:
            bench.pass_time(0.1)
        moments.append(bench.now)
    pauses = [round(later - earlier, 1) for earlier, later in pairwise(moments)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 2
    assert LONGEST_PAUSE_S <= pauses[-1] < LONGEST_PAUSE_S + 1


def test_a_calm_run_makes_the_pause_short_again() -> None:
    bench = Bench()
    for _ in range(6):
        bench.program.alive = False
        bench.pass_time(40)
    bench.pass_time(120)
    bench.program.alive = False
    before = bench.program.starts
    bench.pass_time(0.7)
    assert bench.program.starts == before + 1


def test_a_start_that_fails_is_tried_again_later() -> None:
    bench = Bench()
    bench.program.alive = False
    bench.program.broken = True
    bench.pass_time(10)
    assert not bench.program.alive
    bench.program.broken = False
    bench.pass_time(40)
    assert bench.program.alive

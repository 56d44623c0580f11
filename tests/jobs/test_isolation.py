"""Work in child processes."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from coachwatts.errors import NotFound
from coachwatts.jobs.isolation import ChildDied, Children, TookTooLong


def add_up(*numbers: int) -> int:
    return sum(numbers)


def spin_for_ever() -> None:
    while True:
        pass


def fail() -> None:
    raise NotFound("no such file")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def take(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def give_what_cannot_be_sent() -> object:
    return (number for number in range(3))


@pytest.fixture
async def children() -> AsyncIterator[Children]:
    with Children(memory_mb=600) as children:
        yield children


async def test_the_answer_comes_back_and_the_child_stays_warm(children: Children) -> None:
    assert await children.run(20, add_up, 1, 2, 3) == 6
    first = await children.run(20, os.getpid)
    assert first != os.getpid()
    assert await children.run(20, os.getpid) == first


async def test_errors_of_the_function_come_back_as_they_are(children: Children) -> None:
    with pytest.raises(NotFound, match="no such file"):
        await children.run(20, fail)


async def test_what_takes_too_long_is_killed_and_the_loop_never_waited(children: Children) -> None:
    pid = await children.run(20, os.getpid)
    longest = asyncio.create_task(longest_pause(1.0))
    with pytest.raises(TookTooLong, match="spin_for_ever"):
        await children.run(0.5, spin_for_ever)
    assert await longest < 0.4
    assert not psutil.pid_exists(pid)
    assert await children.run(20, add_up, 4) == 4, "a fresh child took its place"


async def longest_pause(seconds: float) -> float:
    began = last = time.monotonic()
    longest = 0.0
    while last - began < seconds:
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


async def test_a_cancelled_job_takes_its_child_along(children: Children) -> None:
    pid = await children.run(20, os.getpid)
    work = asyncio.create_task(children.run(20, spin_for_ever))
    await asyncio.sleep(0.1)
    work.cancel()
    await asyncio.wait({work})
    assert not psutil.pid_exists(pid)


async def test_a_child_that_dies_is_an_error_and_not_a_wait(children: Children) -> None:
    with pytest.raises(ChildDied):
        await children.run(20, die)


async def test_memory_has_a_bound(children: Children) -> None:
    with pytest.raises(MemoryError):
        await children.run(20, take, 2000)


async def test_an_answer_that_cannot_be_sent_says_so(children: Children) -> None:
    with pytest.raises(TypeError, match="generator cannot be sent back"):
        await children.run(20, give_what_cannot_be_sent)


async def test_not_more_at_a_time_than_allowed(children: Children) -> None:
    pids = await asyncio.gather(*(children.run(20, os.getpid) for _ in range(4)))
    assert len(set(pids)) == 1

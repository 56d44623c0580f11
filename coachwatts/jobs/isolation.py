"""Work that would hold up the event loop, or might never end, runs in a child process that can be killed."""

import asyncio
import multiprocessing
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from coachwatts.errors import CoachWattsError

P = ParamSpec("P")
T = TypeVar("T")

MEGABYTE = 1024 * 1024
USES = 100  # then a fresh child, so that what libraries leak does not add up

_spawn = multiprocessing.get_context("spawn")  # a fork would copy our threads' locks and our sockets


class TookTooLong(CoachWattsError):
    pass


class ChildDied(CoachWattsError):
    """It was killed from outside or crashed, for want of memory as a rule."""


class Children:
    """At most `most` of them, each kept warm for the next call."""

    def __init__(self, most: int = 1, memory_mb: int | None = None) -> None:
        self._room = asyncio.Semaphore(most)
        self._memory_mb = memory_mb
        self._idle: list[Child] = []

    async def run(self, timeout_s: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function lives at the top of a module, and what goes in and comes out can be pickled. Its own errors come back."""
        async with self._room:
            child = self._idle.pop() if self._idle else await asyncio.to_thread(Child, self._memory_mb)
            answered = False
            try:
                async with asyncio.timeout(timeout_s):
                    value: T | Exception = await asyncio.to_thread(child.ask, function, args, kwargs)
                answered = True
            except TimeoutError:
                raise TookTooLong(f"{function.__name__} was not done within {timeout_s:g} s.") from None
            except (EOFError, ConnectionError):
                raise ChildDied(f"The process that ran {function.__name__} died.") from None
            finally:
                if answered and child.uses < USES:
                    self._idle.append(child)
                else:
                    child.kill()
        if isinstance(value, Exception):
            raise value
        return value

    def close(self) -> None:
        while self._idle:
            self._idle.pop().kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Child:
    def __init__(self, memory_mb: int | None) -> None:
        self.uses = 0
        self._pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_serve, args=(theirs, memory_mb), daemon=True)
        self._process.start()
        theirs.close()  # so that its death is seen as the end of the pipe

    def ask(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T | Exception:
        """Blocks until it is answered or the child is killed."""
        self.uses += 1
        self._pipe.send((function, args, kwargs))
        answer: T | Exception = self._pipe.recv()
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.join(5)


def _serve(pipe: Connection, memory_mb: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    if memory_mb:
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    with suppress(EOFError, ConnectionError):  # the parent is gone
        while True:
            function, args, kwargs = pipe.recv()
            try:
                answer = function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - it is the caller's
                answer = error
            _send(pipe, answer)


def _send(pipe: Connection, answer: Any) -> None:
    try:
        pipe.send(answer)
    except Exception as unsendable:  # noqa: BLE001 - pickle raises many kinds
        pipe.send(TypeError(f"{type(answer).__name__} cannot be sent back: {type(unsendable).__name__}"))

"""A kind of job: its name, its handler and its limits."""

import pkgutil
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from coachwatts.jobs.run import Run

# The second argument is the process's Runtime, which lies above this layer.
Handler = Callable[[Run, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    handler: Handler
    timeout_s: float = 60
    max_attempts: int = 5  # counted when claimed, so that a job that kills its worker also comes to an end
    concurrency: int | None = None  # at most so many at a time, in all workers together

    def __post_init__(self) -> None:
        if self.timeout_s <= 0 or not 1 <= self.max_attempts <= 1000 or (self.concurrency is not None and self.concurrency < 1):
            raise ValueError(f"job kind {self.name}: limits must be positive")


def job(name: str, *, timeout_s: float = 60, max_attempts: int = 5, concurrency: int | None = None) -> Callable[[Handler], Kind]:
    """Make a Kind of an `async def name(run: Run, runtime: Runtime)`."""
    return lambda handler: Kind(name, handler, timeout_s, max_attempts, concurrency)


def discover(package: ModuleType) -> dict[str, Kind]:
    """Every Kind in the package's modules."""
    modules = (
        import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__) if found.name != "__main__"
    )
    return by_name(value for module in modules for value in vars(module).values() if isinstance(value, Kind))


def by_name(kinds: Iterable[Kind]) -> dict[str, Kind]:
    known: dict[str, Kind] = {}
    for kind in kinds:
        if known.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two job kinds are called {kind.name}")
    return known

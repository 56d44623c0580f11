"""From `coachwatts up` to ready, with the database already there, and what the processes weigh then.

On a busy machine the wall time says little; beside it stand the processor time and, as a yardstick taken in the same run,
how long it takes merely to import the application.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.figure import Figure
from tests.kit.up import Up, cmdline, plain_environment

TIMES = 5
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Start:
    took: float
    busy: float
    yardstick: float
    weights: dict[str, int]


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="cw-") as folder:
        environment = {**plain_environment(), "COACHWATTS_DATA_DIR": f"{folder}/data", "COACHWATTS_LOG_LEVEL": "warning"}
        first = start(environment, Path(folder))
        starts = [start(environment, Path(folder)) for _ in range(TIMES)]
    yield Figure("up: start to ready, new data folder", first.took, "s")
    yield Figure(f"up: start to ready, median of {TIMES}", median(each.took for each in starts), "s", most=2.5)
    yield Figure("up: start to ready, in imports of the application", median(each.took / each.yardstick for each in starts))
    yield Figure("up: processor time of all processes until ready", median(each.busy for each in starts), "s")
    for name, most in {"serve": 180.0, "worker": 180.0, "up": None}.items():
        yield Figure(f"{name}: resident memory when ready", median(each.weights[name] for each in starts) / MB, "MB", most=most)


def start(environment: dict[str, str], folder: Path) -> Start:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import uvicorn, coachwatts.app"], env=environment, check=True)
    yardstick = time.perf_counter() - began
    began = time.perf_counter()
    up = Up(environment, folder)
    try:
        up.await_ready()
        took = time.perf_counter() - began
        processes = [psutil.Process(up.process.pid), *up.family()]
        return Start(took, sum(map(busy, processes)), yardstick, weights(up))
    finally:
        up.stop()


def busy(process: psutil.Process) -> float:
    """With the children that have ended, such as the migration. Other work on this machine does not count here."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def weights(up: Up) -> dict[str, int]:
    """Once they no longer grow: the worker starts last."""
    known: dict[str, int] = {}
    while known != (now := look(up)) or "worker" not in now:
        known = now
        time.sleep(1)
    return known


def look(up: Up) -> dict[str, int]:
    processes = [psutil.Process(up.process.pid), *up.family()]
    return {name: process.memory_info().rss for process in processes for name in ("up", "serve", "worker") if name in cmdline(process)}

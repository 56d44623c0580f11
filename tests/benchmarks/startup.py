"""From `coachwatts up` to ready, with the database already there, and what the processes weigh then."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.benchmarks.figure import Figure
from tests.kit.up import Up, cmdline, plain_environment

TIMES = 5
MB = 1_000_000


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="cw-") as folder:
        environment = {**plain_environment(), "COACHWATTS_DATA_DIR": f"{folder}/data", "COACHWATTS_LOG_LEVEL": "warning"}
        first, _ = start(environment, Path(folder))
        runs = [start(environment, Path(folder)) for _ in range(TIMES)]
    yield Figure("up: start to ready, new data folder", first, "s")
    yield Figure(f"up: start to ready, median of {TIMES}", statistics.median(took for took, _ in runs), "s", most=2.5)
    for name, most in {"serve": 180.0, "worker": 180.0, "up": None}.items():
        weight = statistics.median(weights[name] for _, weights in runs)
        yield Figure(f"{name}: resident memory when ready", weight / MB, "MB", most=most)


def start(environment: dict[str, str], folder: Path) -> tuple[float, dict[str, int]]:
    began = time.perf_counter()
    up = Up(environment, folder)
    try:
        up.await_ready()
        took = time.perf_counter() - began
        return took, {"up": psutil.Process(up.process.pid).memory_info().rss, **weights(up)}
    finally:
        up.stop()


def weights(up: Up) -> dict[str, int]:
    return {name: child.memory_info().rss for child in up.family() for name in ("serve", "worker") if name in cmdline(child)}

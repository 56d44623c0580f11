"""`make bench`: runs every benchmark here, prints a table and keeps the figures in results/latest.json.

A benchmark is a file `<name>.py` with `measure() -> Iterable[Figure]`. A name as an argument runs that one alone.
"""

import json
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figure import Figure

HERE = Path(__file__).parent
LATEST = HERE / "results" / "latest.json"
NOT_BENCHMARKS = {"__main__", "figure"}


def main(wanted: list[str]) -> int:
    names = wanted or sorted(file.stem for file in HERE.glob("*.py") if file.stem not in NOT_BENCHMARKS)
    console = Console()
    figures: list[Figure] = []
    for name in names:
        console.print(f"{name} …", style="dim")
        figures += import_module(f"tests.benchmarks.{name}").measure()
    console.print(as_table(figures))
    LATEST.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()} {platform.system()}, Python {platform.python_version()}"
    LATEST.write_text(
        json.dumps({"at": datetime.now(UTC).isoformat(), "machine": machine, "figures": [asdict(figure) for figure in figures]}, indent=2)
    )
    return any(not figure.holds for figure in figures)


def as_table(figures: list[Figure]) -> Table:
    table = Table("what", "measured", "budget", "")
    for figure in figures:
        table.add_row(figure.what, figure.shown, figure.budget_shown, "ok" if figure.holds else "[red]over[/red]")
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The master keys: what seals tokens and other secrets in the database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections import Counter

    from coachwatts.config import Settings
    from coachwatts.db.rotation import Rotated

app = typer.Typer(help="The master keys that seal secrets in the database.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command()
def generate(
    file: Annotated[Path | None, typer.Option(help="Put it first in this key file, made if need be, instead of printing it.")] = None,
) -> None:
    """Make a new key. It is used once it stands first in COACHWATTS_MASTER_KEYS and every process was restarted."""
    from coachwatts.security.keys import add_key, generate_key

    print(f"{add_key(file)} is now the first key in {file}. Restart, then `coachwatts keys rotate`." if file else generate_key())


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show each key's id and how many secrets it seals. The keys themselves are never shown."""
    import asyncio
    import json

    from coachwatts import config
    from coachwatts.embedded.services import reached
    from coachwatts.security.keys import load_keys

    with reached(config.load()) as settings:
        ring = load_keys(settings)
        counts = asyncio.run(_count(settings))
    rows = [{"id": key_id, "secrets": counts[key_id], "state": _state(key_id, ring.ids)} for key_id in dict.fromkeys([*ring.ids, *counts])]
    print(json.dumps(rows, indent=2) if as_json else "\n".join("{id:32} {secrets:>9} {state}".format(**row) for row in rows))
    raise typer.Exit(any(counts[key_id] for key_id in counts.keys() - set(ring.ids)))


@app.command()
def rotate(as_json: AsJson = False) -> None:
    """Seal every secret with the first key, while everything runs. Then the older keys can be dropped.

    Several processes: let all of them know the new key first (behind the old one, restart, then in front, restart).
    """
    import asyncio
    import json
    from dataclasses import asdict

    from coachwatts import config
    from coachwatts.embedded.services import reached

    with reached(config.load()) as settings:
        reports = asyncio.run(_rotate(settings, quiet=as_json))
    print(json.dumps([asdict(report) for report in reports], indent=2) if as_json else "\n".join(map(_line, reports)))
    raise typer.Exit(any(report.unreadable or report.left for report in reports))


async def _count(settings: "Settings") -> "Counter[str]":
    from coachwatts.db.engine import owner_engine
    from coachwatts.db.rotation import count_by_key
    from coachwatts.models.base import Base

    return await count_by_key(owner_engine(settings), Base.metadata)


async def _rotate(settings: "Settings", *, quiet: bool) -> "list[Rotated]":
    from coachwatts.db.engine import owner_engine
    from coachwatts.db.rotation import rotate as rotate_all
    from coachwatts.models.base import Base
    from coachwatts.security.keys import load_keys

    def tell(table: str, rows: int) -> None:
        typer.echo(f"{table}: {rows}", err=True)

    return await rotate_all(owner_engine(settings), Base.metadata, load_keys(settings), None if quiet else tell)


def _state(key_id: str, ring: tuple[str, ...]) -> str:
    if key_id not in ring:
        return "MISSING: put it back, or these secrets stay closed"
    return "seals" if key_id == ring[0] else "opens"


def _line(report: "Rotated") -> str:
    left = f", {report.left} in use all the time: run this again" if report.left else ""
    return "\n  cannot be opened: ".join([f"{report.table}: {report.resealed} rows sealed anew{left}", *report.unreadable])

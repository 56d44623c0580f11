"""What runs in the background, and what did not get done."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

if TYPE_CHECKING:
    from coachwatts.db.engine import Database
    from coachwatts.models.job import Job

app = typer.Typer(help="What runs in the background, and what did not get done.", no_args_is_help=True)

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
JobId = Annotated[UUID, typer.Argument(metavar="JOB")]
COLUMNS = ("id", "kind", "state", "attempt", "run_at", "last_error")
DETAILS = (
    *COLUMNS[:-1],
    *("max_attempts", "priority", "dedupe_key", "user_id", "payload", "lease_until", "created_at", "started_at", "progress_at"),
    *("finished_at", "last_error"),
)


@app.command("list")
def list_jobs(
    *,
    kind: Annotated[list[str] | None, typer.Option(help="Only these kinds.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="QUEUED, RUNNING, DONE, DEAD or CANCELLED.")] = None,
    user: Annotated[UUID | None, typer.Option(help="Only what concerns this person.")] = None,
    after: Annotated[UUID | None, typer.Option(help="The page behind the job with this id.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show jobs, newest first."""
    from coachwatts.jobs.repository import listing

    wanted = listing.Filter(kind or (), _states(state or []), user)

    async def action(db: "Database") -> list[dict[str, Any]]:
        async with db.read(_nobody()) as session:
            return [_row(job, COLUMNS) for job in await listing.page(session, wanted, after=after, most=most)]

    rows = _run(action)
    line = "{id}  {kind:28} {state:9} {attempt:>3}  {run_at:%Y-%m-%d %H:%M:%S}  {last_error}"
    print(_json(rows) if as_json else "\n".join(line.format(**{**row, "last_error": row["last_error"] or ""}) for row in rows))


@app.command()
def show(job: JobId, as_json: AsJson = False) -> None:
    """Show one job in full."""
    from coachwatts.errors import NotFound
    from coachwatts.jobs.repository import listing

    async def action(db: "Database") -> dict[str, Any]:
        async with db.read(_nobody()) as session:
            found = await listing.by_id(session, job)
            if found is None:
                raise NotFound(f"There is no job {job}.")
            return _row(found, DETAILS)

    row = _run(action)
    print(_json(row) if as_json else "\n".join(f"{name:13} {value}" for name, value in row.items() if value is not None))


@app.command()
def counts(as_json: AsJson = False) -> None:
    """Count jobs by kind and state, and say which kinds are paused."""
    from dataclasses import asdict

    from coachwatts.jobs.repository import listing
    from coachwatts.models.job import JobState

    async def action(db: "Database") -> dict[str, Any]:
        async with db.read(_nobody()) as session:
            standings = await listing.standings(session, tuple(JobState))
            paused = {pause.kind: pause.reason for pause in await listing.paused(session)}
            return {"jobs": [asdict(standing) for standing in standings], "paused": paused}

    found = _run(action)
    lines = ["{kind:28} {state:9} {count:>7}".format(**row) + _waiting(row["oldest_due_s"]) for row in found["jobs"]]
    lines += [f"{kind:28} PAUSED    {reason or ''}" for kind, reason in found["paused"].items()]
    print(_json(found) if as_json else "\n".join(lines))


@app.command()
def retry(
    jobs: Annotated[list[UUID] | None, typer.Argument(metavar="[JOB]…")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All dead letters, or those of --kind.")] = False,
    kind: Annotated[str | None, typer.Option(help="With --dead: only of this kind.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let dead or cancelled jobs begin anew."""
    from coachwatts.jobs import service
    from coachwatts.jobs.repository import listing

    if bool(jobs) == dead:
        raise typer.BadParameter("Name the jobs, or say --dead.")

    async def action(db: "Database") -> list[UUID]:
        async with db.write(_nobody()) as session:
            return await service.retry(session, jobs or await listing.dead(session, kind))

    revived = _run(action)
    print(_json(revived) if as_json else f"{len(revived)} queued again.")
    raise typer.Exit(bool(set(jobs or ()) - set(revived)))


@app.command()
def cancel(job: JobId) -> None:
    """Stop a job that waits or runs. Nothing it still writes is kept."""
    from coachwatts.jobs import service

    async def action(db: "Database") -> None:
        async with db.write(_nobody()) as session:
            await service.cancel(session, job)

    _run(action)


@app.command()
def pause(kind: str, reason: Annotated[str | None, typer.Option(help="For the next who looks.")] = None) -> None:
    """Start no more jobs of a kind. Those that run go on."""
    from coachwatts.jobs.repository import listing

    async def action(db: "Database") -> None:
        async with db.write(_nobody()) as session:
            await listing.pause(session, kind, reason)

    _run(action)


@app.command()
def resume(kind: str) -> None:
    """Start jobs of a kind again."""
    from coachwatts.errors import NotFound
    from coachwatts.jobs.repository import listing

    async def action(db: "Database") -> None:
        async with db.write(_nobody()) as session:
            if not await listing.resume(session, kind):
                raise NotFound(f"{kind} is not paused.")

    _run(action)


def _run(action: "Callable[[Database], Awaitable[T]]") -> T:
    import asyncio

    from coachwatts import config
    from coachwatts.embedded.services import reached

    with reached(config.load()) as settings:
        return asyncio.run(_with_database(settings, action))


async def _with_database(settings: Any, action: "Callable[[Database], Awaitable[T]]") -> T:
    from coachwatts.db.engine import Database
    from coachwatts.jobs.bell import ArqBell, connect

    async with connect(settings) as redis:
        database = Database(settings, ArqBell(redis))
        try:
            return await action(database)
        finally:
            await database.close()


def _nobody() -> Any:
    from coachwatts.db.scope import Scope

    return Scope.nobody()


def _states(names: list[str]) -> list[Any]:
    from coachwatts.models.job import JobState

    try:
        return [JobState(name.upper()) for name in names]
    except ValueError:
        raise typer.BadParameter(f"A state is one of {', '.join(JobState)}.") from None


def _row(job: "Job", columns: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(job, name) for name in columns}


def _waiting(seconds: float | None) -> str:
    return "" if seconds is None else f"  the oldest is due since {seconds:.0f} s"


def _json(value: Any) -> str:
    import json

    return json.dumps(value, indent=2, default=str)

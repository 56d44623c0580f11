"""What nobody needs any more goes; what still counts stays. The rules are PostgreSQL's own clock and functions."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.jobs.dispatcher import Dispatcher
from coachwatts.jobs.kinds import by_name
from coachwatts.jobs.repository import leftovers
from coachwatts.runtime import Runtime
from tests.kit.jobs import NOBODY, QUICK, add, kind_of, look, recorder, set_columns, until
from tests.kit.rows import person
from workers.cleanup import purge_finished_jobs, purge_sign_in_leftovers

DAY = timedelta(days=1)


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    assert settings.direct_url
    connection = await asyncpg.connect(settings.direct_url.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture
async def cleaner(settings: Settings, db: Database) -> AsyncIterator[Dispatcher]:
    runtime = Runtime.of(settings)
    kinds = by_name([purge_sign_in_leftovers, purge_finished_jobs])
    yield Dispatcher(db, runtime, kinds, timing=QUICK)
    await runtime.close()


async def run(db: Database, cleaner: Dispatcher, kind: str) -> None:
    job_id = await add(db, kind)
    await cleaner.claim()
    await until(db, job_id, "DONE")


async def insert(owner: asyncpg.Connection, table: str, **values: Any) -> UUID:
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row = await owner.fetchval(
        f"INSERT INTO {table} (id, {', '.join(values)}) VALUES (gen_random_uuid(), {marks}) RETURNING id",  # noqa: S608 - our names
        *values.values(),
    )
    assert isinstance(row, UUID)
    return row


async def there(owner: asyncpg.Connection, table: str) -> set[UUID]:
    return {row["id"] for row in await owner.fetch(f"SELECT id FROM {table}")}  # noqa: S608 - our names


async def test_sign_in_leftovers_of_everybody_go_in_batches(
    owner: asyncpg.Connection, db: Database, cleaner: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.cleanup.BATCH", 2)
    now = clock.now()
    old, kept = set(), set()
    for number in range(5):
        user, token = await person(owner), number.to_bytes(1) + UUID(int=number).bytes * 2
        shape = {"user_id": user, "last_seen_at": now, "remember_me": False}
        old.add(await insert(owner, "session", **shape, token_hash=token[:31] + b"a", expires_at=now - 31 * DAY))
        old.add(await insert(owner, "session", **shape, token_hash=token[:31] + b"b", expires_at=now + DAY, revoked_at=now - 31 * DAY))
        kept.add(await insert(owner, "session", **shape, token_hash=token[:31] + b"c", expires_at=now - 29 * DAY))
        kept.add(await insert(owner, "session", **shape, token_hash=token[:31] + b"d", expires_at=now + DAY))
    await run(db, cleaner, "purge_sign_in_leftovers")
    left = await there(owner, "session")
    assert not old & left
    assert kept <= left


async def test_used_up_links_keys_and_flows_go(owner: asyncpg.Connection, db: Database, cleaner: Dispatcher) -> None:
    now, user = clock.now(), await person(owner)
    link = {"user_id": user, "purpose": "VERIFY_EMAIL", "identifier": "a@example.org"}
    key = {"user_id": user, "operation": "createGoal", "request_hash": b"", "result_id": user}
    flow = {"provider": "github", "return_to": "/"}
    rows: dict[str, list[dict[str, Any]]] = {
        "email_token": [link | {"token_hash": user.bytes + marks} for marks in (b"1", b"2")],
        "idempotency_key": [key | {"key": name} for name in ("1", "2")],
        "oauth_flow": [flow | {"state_hash": user.bytes + marks} for marks in (b"1", b"2")],
        "admin_link": [{"token_hash": user.bytes + marks} for marks in (b"1", b"2")],
    }
    ids = {
        table: [await insert(owner, table, **row, expires_at=at) for row, at in zip(pair, (now - 2 * DAY, now + DAY), strict=True)]
        for table, pair in rows.items()
    }
    await run(db, cleaner, "purge_sign_in_leftovers")
    for table, (old, kept) in ids.items():
        left = await there(owner, table)
        assert old not in left, table
        assert kept in left, table


async def test_jobs_go_a_month_after_they_ended(db: Database, owner: asyncpg.Connection, cleaner: Dispatcher) -> None:
    kind = kind_of(recorder()[1])
    old, young, waiting = [await add(db, kind) for _ in range(3)]
    await set_columns(db, old, state="DONE", finished_at=clock.now() - 31 * DAY)
    await set_columns(db, young, state="DEAD", finished_at=clock.now() - 29 * DAY)
    await set_columns(db, waiting, created_at=clock.now() - 90 * DAY)
    await run(db, cleaner, "purge_finished_jobs")
    left = await there(owner, "job")
    assert old not in left
    assert {young, waiting} <= left
    assert (await look(db, waiting)).state == "QUEUED"


async def test_the_application_role_can_purge_only_what_is_old(db: Database, owner: asyncpg.Connection) -> None:
    """The function takes no date, so whoever calls it cannot make it delete what still counts."""
    now, user = clock.now(), await person(owner)
    shape = {"user_id": user, "last_seen_at": now, "remember_me": False, "token_hash": user.bytes * 2}
    living = await insert(owner, "session", **shape, expires_at=now + DAY)
    async with db.write(NOBODY) as session:
        await leftovers.purge(session, "session", 1_000_000)
    assert living in await there(owner, "session")

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, Uuid, delete, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncEngine

from coachwatts.config import Settings
from coachwatts.db import rotation
from coachwatts.db.encrypted import Encrypted, owner_column
from coachwatts.db.engine import make_engine
from coachwatts.db.rotation import Rotated, count_by_key, rotate
from coachwatts.security.cipher import KeyRing, Place

METADATA = MetaData()
INTEGRATION = Table(
    "scratch_integration",
    METADATA,
    Column("athlete_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("access_token", Encrypted),
    Column("refresh_token", Encrypted),
)
SECOND_FACTOR = Table("scratch_totp", METADATA, Column("id", Uuid, primary_key=True), Column("user_id", Uuid), Column("secret", Encrypted))
FLOW = Table("scratch_flow", METADATA, Column("id", Uuid, primary_key=True), Column("verifier", Encrypted))

OLD_KEY, NEW_KEY = os.urandom(32), os.urandom(32)
OLD = KeyRing({"old": OLD_KEY})
BOTH = KeyRing({"new": NEW_KEY, "old": OLD_KEY})
BOTH_BEFORE = KeyRing({"old": OLD_KEY, "new": NEW_KEY})
NEW = KeyRing({"new": NEW_KEY})


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    assert settings.direct_url
    engine = make_engine(settings.direct_url.get_secret_value(), pool_size=20)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield engine
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await engine.dispose()


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 10)
    monkeypatch.setattr(rotation, "PAUSE_S", 0.01)


def some_row(table: Table, ring: KeyRing, text: str | None = None) -> dict[str, Any]:
    """A row with a secret in every encrypted column, in clear beside it for the comparison."""
    row: dict[str, Any] = {column.name: uuid4() for column in table.c if isinstance(column.type, Uuid)}
    return row | {column.name: sealed(table, row, column.name, ring, text) for column in secrets_of(table)}


def secrets_of(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if isinstance(column.type, Encrypted)]


def place(table: Table, row: dict[str, Any], column: str) -> Place:
    owner = owner_column(table)
    return Place(table.name, None if owner is None else row[owner.name], row["id"], column)


def sealed(table: Table, row: dict[str, Any], column: str, ring: KeyRing, text: str | None = None) -> Any:
    return ring.seal(text or f"{column} of {row['id']}", place(table, row, column))


async def fill(engine: AsyncEngine, table: Table, number: int, ring: KeyRing = OLD) -> list[dict[str, Any]]:
    rows = [some_row(table, ring) for _ in range(number)]
    async with engine.begin() as connection:
        await connection.execute(insert(table), rows)
    return rows


async def opened(engine: AsyncEngine, table: Table, ring: KeyRing) -> dict[UUID, list[str | None]]:
    async with engine.connect() as connection:
        rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
    return {
        row["id"]: [row[column.name] and ring.open(row[column.name], place(table, row, column.name)) for column in secrets_of(table)]
        for row in rows
    }


def expected(table: Table, rows: list[dict[str, Any]]) -> dict[UUID, list[str]]:
    return {row["id"]: [f"{column.name} of {row['id']}" for column in secrets_of(table)] for row in rows}


async def rotated(engine: AsyncEngine, table: Table) -> Rotated:
    return next(report for report in await rotate(engine, METADATA, BOTH) if report.table == table.name)


async def test_after_rotation_the_old_key_can_go(engine: AsyncEngine) -> None:
    rows = {table: await fill(engine, table, 33) for table in METADATA.sorted_tables}
    assert set(await rotate(engine, METADATA, BOTH)) == {Rotated(table.name, 33, (), 0) for table in METADATA.sorted_tables}
    for table in METADATA.sorted_tables:
        assert await opened(engine, table, NEW) == expected(table, rows[table])


async def test_what_the_first_key_sealed_is_left_alone(engine: AsyncEngine) -> None:
    await fill(engine, FLOW, 15, NEW)
    await fill(engine, FLOW, 5, OLD)
    async with engine.connect() as connection:
        before = Counter((await connection.execute(select(type_coerce(FLOW.c.verifier, LargeBinary)))).scalars())
    assert (await rotated(engine, FLOW)).resealed == 5
    async with engine.connect() as connection:
        after = Counter((await connection.execute(select(type_coerce(FLOW.c.verifier, LargeBinary)))).scalars())
    assert len(before & after) == 15


async def test_columns_without_a_value_stay_so(engine: AsyncEngine) -> None:
    (row,) = await fill(engine, INTEGRATION, 1)
    async with engine.begin() as connection:
        await connection.execute(update(INTEGRATION).values(refresh_token=None))
    await rotate(engine, METADATA, BOTH)
    assert await opened(engine, INTEGRATION, NEW) == {row["id"]: [f"access_token of {row['id']}", None]}


async def test_one_old_value_in_a_row_is_enough_to_be_found(engine: AsyncEngine) -> None:
    (row,) = await fill(engine, INTEGRATION, 1, NEW)
    async with engine.begin() as connection:
        await connection.execute(update(INTEGRATION).values(refresh_token=sealed(INTEGRATION, row, "refresh_token", OLD)))
    await rotate(engine, METADATA, BOTH)
    assert await opened(engine, INTEGRATION, NEW) == expected(INTEGRATION, [row])


async def test_a_run_that_was_killed_goes_on_where_it_stopped(engine: AsyncEngine) -> None:
    rows = await fill(engine, SECOND_FACTOR, 45)

    def die(_table: str, done: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotate(engine, METADATA, BOTH, die)
    assert await count_by_key(engine, METADATA) == {"new": 20, "old": 25}
    assert (await rotated(engine, SECOND_FACTOR)).resealed == 25
    assert await opened(engine, SECOND_FACTOR, NEW) == expected(SECOND_FACTOR, rows)


async def test_writers_at_the_same_time_never_lose(engine: AsyncEngine) -> None:
    """Also those that have not been told yet which key is first: one more run finds what they sealed with the old one."""
    rows = await fill(engine, SECOND_FACTOR, 60)
    written = {row["id"]: f"secret of {row['id']}" for row in rows}
    done = asyncio.Event()

    async def write(part: list[dict[str, Any]], ring: KeyRing) -> int:
        number = 0
        while not done.is_set():
            async with engine.begin() as connection:  # two rows in any order: what deadlocks when others lock in order, too
                for row in random.sample(part, 2):
                    text = f"write {number} of {row['id']}"
                    value = sealed(SECOND_FACTOR, row, "secret", ring, text)
                    await connection.execute(update(SECOND_FACTOR).where(SECOND_FACTOR.c.id == row["id"]).values(secret=value))
                    written[row["id"]] = text
                    number += 1
        return number

    writers = [asyncio.create_task(write(rows[start::4], ring)) for start, ring in enumerate((BOTH, BOTH_BEFORE, BOTH, BOTH_BEFORE))]
    for _ in range(5):
        await rotate(engine, METADATA, BOTH)
    done.set()
    assert min(await asyncio.gather(*writers)) > 10
    assert {report.left for report in await rotate(engine, METADATA, BOTH)} == {0}
    assert await opened(engine, SECOND_FACTOR, NEW) == {row_id: [text] for row_id, text in written.items()}


async def test_rows_that_others_hold_are_not_waited_for_and_counted(engine: AsyncEngine) -> None:
    rows = await fill(engine, FLOW, 25)
    held = [row["id"] for row in rows[:3]]
    async with engine.begin() as connection:
        await connection.execute(select(FLOW).where(FLOW.c.id.in_(held)).with_for_update())
        async with asyncio.timeout(5):
            report = await rotated(engine, FLOW)
        assert (report.resealed, report.left) == (22, 3)
    report = await rotated(engine, FLOW)
    assert (report.resealed, report.left) == (3, 0)


async def test_rows_released_in_time_need_no_second_run(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "PAUSE_S", 0.2)
    await fill(engine, FLOW, 5)

    async def hold() -> None:
        async with engine.begin() as connection:
            await connection.execute(select(FLOW).limit(2).with_for_update())
            locked.set()
            await asyncio.sleep(0.1)

    locked = asyncio.Event()
    holder = asyncio.create_task(hold())
    await locked.wait()
    report = await rotated(engine, FLOW)
    await holder
    assert (report.resealed, report.left) == (5, 0)


async def test_what_cannot_be_opened_is_reported_and_stays_as_it_is(engine: AsyncEngine) -> None:
    good, lost, moved, junk = await fill(engine, FLOW, 4)
    values = {
        lost["id"]: KeyRing({"lost": os.urandom(32)}).seal("x", place(FLOW, lost, "verifier")).data,
        moved["id"]: good["verifier"].data,
        junk["id"]: b"\x01",
    }
    async with engine.begin() as connection:
        for row_id, raw in values.items():
            change = update(FLOW).where(FLOW.c.id == row_id).values(verifier=type_coerce(raw, LargeBinary))
            await connection.execute(change)
    report = await rotated(engine, FLOW)
    assert (report.resealed, report.left) == (1, 0)
    assert set(report.unreadable) == {str(place(FLOW, row, "verifier")) for row in (lost, moved, junk)}
    async with engine.connect() as connection:
        stored: dict[UUID, bytes] = dict((await connection.execute(select(FLOW.c.id, type_coerce(FLOW.c.verifier, LargeBinary)))).all())
    assert {row_id: stored[row_id] for row_id in values} == values


async def test_one_unreadable_value_does_not_keep_its_neighbour_on_the_old_key(engine: AsyncEngine) -> None:
    (row,) = await fill(engine, INTEGRATION, 1)
    async with engine.begin() as connection:
        await connection.execute(update(INTEGRATION).values(access_token=type_coerce(b"\x01\x03junk", LargeBinary)))
    report = await rotated(engine, INTEGRATION)
    assert (report.resealed, len(report.unreadable)) == (1, 1)
    async with engine.connect() as connection:
        refresh_token = await connection.scalar(select(INTEGRATION.c.refresh_token))
    assert refresh_token
    assert NEW.open(refresh_token, place(INTEGRATION, row, "refresh_token")) == f"refresh_token of {row['id']}"


async def test_values_are_counted_by_their_key(engine: AsyncEngine) -> None:
    await fill(engine, INTEGRATION, 3, OLD)
    await fill(engine, FLOW, 4, NEW)
    async with engine.begin() as connection:
        await connection.execute(insert(FLOW).values(id=uuid4(), verifier=type_coerce(b"\x01", LargeBinary)))
        await connection.execute(insert(FLOW).values(id=uuid4(), verifier=None))
    assert await count_by_key(engine, METADATA) == {"old": 6, "new": 4, "": 1}


async def test_rows_that_vanish_meanwhile_do_no_harm(engine: AsyncEngine) -> None:
    await fill(engine, FLOW, 40)

    async def clear() -> None:
        for _ in range(10):
            async with engine.begin() as connection:
                await connection.execute(delete(FLOW).where(FLOW.c.id.in_(select(FLOW.c.id).limit(3))))

    reports, _ = await asyncio.gather(rotate(engine, METADATA, BOTH), clear())
    assert {report.left for report in reports} == {0}
    assert set(await count_by_key(engine, METADATA)) <= {"new"}

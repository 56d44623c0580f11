"""A page of the trail reads what it shows, however long the trail is."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.db.keyset import Window
from coachwatts.db.scope import Scope
from coachwatts.identity.repository import audit
from tests.kit.plans import sent

LINES = 50_000
FILL = """
INSERT INTO audit_event (id, at, actor_id, athlete_id, action)
SELECT gen_random_uuid(), now() - n * interval '1 minute',
       CASE WHEN n % 3 = 0 THEN $2::uuid ELSE $1::uuid END, CASE WHEN n % 5 = 0 THEN $2::uuid ELSE $1::uuid END, 'test.filled'
FROM generate_series(1, $3::int) n
"""


@pytest.fixture(scope="module")
async def busy(settings: Settings) -> AsyncIterator[UUID]:
    """Somebody with a long trail: their own lines, a coach's about them, theirs about another."""
    assert settings.direct_url
    connection = await asyncpg.connect(settings.direct_url.get_secret_value())
    person = uuid4()
    await connection.execute(FILL, person, uuid4(), LINES)
    await connection.execute("ANALYZE audit_event")
    yield person
    await connection.execute("DELETE FROM audit_event WHERE action = 'test.filled'")
    await connection.close()


async def plan_of(db: Database, person: UUID, window: Window) -> str:
    """How PostgreSQL reads the page, as the application role, with the rows that it really touches."""
    async with db.read(Scope.own(person)) as session:
        with sent() as statements:
            page = await audit.page(session, person, window)
        assert len(page.rows) == window.limit
        ((statement, parameters),) = statements
        connection = await session.connection()
        lines = await connection.exec_driver_sql(
            f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, SUMMARY OFF, BUFFERS OFF) {statement}", parameters
        )
        return "\n".join(line for (line,) in lines)


@pytest.mark.parametrize("backward", [False, True], ids=["from the newest", "from the oldest"])
@pytest.mark.parametrize("deep", [False, True], ids=["at the end", "in the middle"])
async def test_a_page_of_a_long_trail_reads_a_page(db: Database, busy: UUID, *, backward: bool, deep: bool) -> None:
    window = Window(20, backward=backward)
    if deep:
        key = (datetime.now(UTC) - timedelta(minutes=LINES // 2), UUID(int=0))
        window = Window(20, before=key, backward=True) if backward else Window(20, after=key)
    plan = await plan_of(db, busy, window)
    assert "Seq Scan" not in plan
    assert "ix_audit_event__actor" in plan
    assert "ix_audit_event__by_others" in plan
    read = [int(float(rows)) for rows in re.findall(r"(?:rows=|Rows Removed by Filter: )([\d.]+)", plan)]
    assert sum(read) < LINES / 100, plan


async def test_the_two_halves_are_the_whole_and_no_line_is_twice(db: Database, busy: UUID) -> None:
    async with db.read(Scope.own(busy)) as session:
        page = await audit.page(session, busy, Window(100))
        assert len({row.id for row in page.rows}) == 100
        assert all(busy in {row.actor_id, row.athlete_id} for row in page.rows)
        assert await audit.count(session, busy) == LINES - LINES // 15  # every fifteenth is another's about another

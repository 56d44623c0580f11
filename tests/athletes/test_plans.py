"""Every query of this part goes through an index that begins with the athlete, also when the tables are large."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from uuid import UUID

import asyncpg
import pytest

from coachwatts.athletes.repository import availability, profiles, thresholds, zones
from coachwatts.athletes.repository.thresholds import Filter
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.db.keyset import Window
from coachwatts.db.scope import Scope
from coachwatts.db.session import ReadSession
from coachwatts.models.athlete import Discipline, ThresholdStatus
from tests.kit.plans import plans_of, sent

FILL = """
WITH people AS (
    INSERT INTO user_account (id, email, name)
    SELECT gen_random_uuid(), n || '@plans.example', '' FROM generate_series(1, 2000) n RETURNING id
), busy AS (
    SELECT id FROM people LIMIT 12
), history AS (
    INSERT INTO threshold (athlete_id, id, discipline, effective_from, ftp_watts, source, status)
    SELECT id, gen_random_uuid(), discipline, date '2020-01-01' + 7 * n, 200, 'MANUAL', 'ACTIVE'
    FROM busy, unnest(ARRAY['RIDE', 'RUN', 'SWIM']) discipline, generate_series(1, 330) n
), zones AS (
    INSERT INTO training_zone (athlete_id, id, discipline, metric, number, name, lower, upper)
    SELECT id, gen_random_uuid(), discipline, 'HR', n, 'Zone', n, n + 1
    FROM busy, unnest(ARRAY['RIDE', 'RUN', 'SWIM']) discipline, generate_series(1, 7) n
), week AS (
    INSERT INTO availability (athlete_id, id, weekday, minutes, disciplines)
    SELECT id, gen_random_uuid(), n, 60, '{}' FROM busy, generate_series(1, 7) n
), profile AS (
    INSERT INTO athlete_profile (athlete_id, id) SELECT id, gen_random_uuid() FROM people
)
SELECT id FROM busy LIMIT 1
"""
ANALYZE = "ANALYZE user_account, threshold, training_zone, availability, athlete_profile"

Query = Callable[[ReadSession, UUID], Awaitable[object]]
MIDDLE = date(2025, 1, 1)


@pytest.fixture(scope="module")
async def athlete_id(settings: Settings) -> AsyncIterator[UUID]:
    assert settings.direct_url
    owner = await asyncpg.connect(settings.direct_url.get_secret_value())
    try:
        found: UUID = await owner.fetchval(FILL)
        await owner.execute(ANALYZE)
        yield found
        await owner.execute("DELETE FROM user_account WHERE email LIKE '%@plans.example'")
    finally:
        await owner.close()


async def newest(session: ReadSession, athlete_id: UUID, chosen: Filter) -> object:
    return await thresholds.page(session, athlete_id, chosen, Window(20, after=(MIDDLE, UUID(int=0))))


# Where several indexes serve equally well, which one is up to PostgreSQL.
QUERIES: dict[str, tuple[str, Query]] = {
    "history of an athlete": ("uq_threshold__active_day", lambda s, a: thresholds.histories(s, [a])),
    "a page of thresholds": ("ix_threshold__newest", lambda s, a: newest(s, a, Filter())),
    "a page of one discipline": ("ix_threshold__history", lambda s, a: newest(s, a, Filter(Discipline.RUN))),
    "the open proposals of a discipline": (
        "ix_threshold__history",
        lambda s, a: newest(s, a, Filter(Discipline.RUN, ThresholdStatus.PROPOSED)),
    ),
    "a span of days": ("ix_threshold__newest", lambda s, a: newest(s, a, Filter(since=date(2021, 6, 1), until=MIDDLE))),
    "how many there are": ("threshold", lambda s, a: thresholds.count(s, a, Filter(Discipline.RUN))),
    "one threshold": ("threshold", lambda s, a: thresholds.by_id(s, a, UUID(int=1))),
    "what was said about a day": ("threshold", lambda s, a: thresholds.on_day(s, a, Discipline.RUN, MIDDLE)),
    "custom zones": ("uq_training_zone", lambda s, a: zones.by_athletes(s, [a])),
    "availability": ("uq_availability", lambda s, a: availability.by_athletes(s, [a])),
    "profile": ("uq_athlete_profile", lambda s, a: profiles.by_athletes(s, [a])),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_a_query_walks_an_index_of_the_athlete(db: Database, athlete_id: UUID, name: str) -> None:
    index, query = QUERIES[name]
    async with db.read(Scope.own(athlete_id)) as session:
        with sent() as statements:
            await query(session, athlete_id)
        (plan,) = await plans_of(session, statements)
    assert index in plan, plan
    assert "Index Cond: ((athlete_id" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert not name.startswith("a page") or "Sort" not in plan, plan  # a page reads its rows and no more

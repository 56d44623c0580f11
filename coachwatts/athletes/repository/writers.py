"""One writer at a time per athlete: rules that look at several rows hold although requests run side by side."""

from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select

from coachwatts.db.session import WriteSession


async def wait_for_turn(session: WriteSession, athlete_id: UUID) -> None:
    """The turn lasts until the transaction ends."""
    key = int.from_bytes(athlete_id.bytes[8:], signed=True)  # the random half; two athletes who share it only wait for each other
    await session.execute(select(func.pg_advisory_xact_lock(cast(key, BigInteger))))

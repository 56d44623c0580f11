"""Runs migrations as the owner: one at a time, never waiting long for a lock, each in its own transaction."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text

from coachwatts import config
from coachwatts.db.engine import owner_engine
from coachwatts.models import Base

ONE_AT_A_TIME = 0x636F616368  # an arbitrary number that all migrating processes share


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    settings = context.config.attributes.get("settings") or config.load()
    engine = owner_engine(settings)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": ONE_AT_A_TIME})
        await connection.execute(text("SET lock_timeout = '4s'"))
        await connection.execute(text("SET statement_timeout = '60s'"))
        await connection.commit()
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())

"""Rows that nobody needs any more, removed in batches."""

from datetime import timedelta

from sqlalchemy import TextClause, text

from coachwatts.db.session import WriteSession

GONE = "WITH gone AS (DELETE FROM {table} WHERE id IN ({old}) RETURNING 1) SELECT count(*) FROM gone"
FLOWS = "SELECT id FROM oauth_flow WHERE expires_at < now() - interval '1 day' LIMIT :most"
ADMIN_LINKS = "SELECT id FROM admin_link WHERE expires_at < now() - interval '1 day' LIMIT :most"
JOBS = "SELECT id FROM job WHERE finished_at < now() - CAST(:age AS interval) LIMIT :most FOR UPDATE SKIP LOCKED"

# The first three go past row-level security, through functions that decide for themselves what is old.
SIGN_IN: dict[str, TextClause] = {
    "session": text("SELECT purge_session(:most)"),
    "email_token": text("SELECT purge_email_token(:most)"),
    "idempotency_key": text("SELECT purge_idempotency_key(:most)"),
    "oauth_flow": text(GONE.format(table="oauth_flow", old=FLOWS)),
    "admin_link": text(GONE.format(table="admin_link", old=ADMIN_LINKS)),
}
FINISHED_JOBS = text(GONE.format(table="job", old=JOBS))


async def purge(session: WriteSession, table: str, most: int) -> int:
    return int(await session.scalar(SIGN_IN[table], {"most": most}) or 0)


async def purge_jobs(session: WriteSession, age: timedelta, most: int) -> int:
    return int(await session.scalar(FINISHED_JOBS, {"age": age, "most": most}) or 0)

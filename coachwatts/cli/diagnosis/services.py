"""Whether the services answer and stand as they should. One that does not answer does not keep us from asking the next."""

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter
from urllib.parse import unquote, urlsplit

import obstore
from aiosmtplib import SMTP
from obstore.store import from_url
from redis.asyncio import Redis

from coachwatts.cli.diagnosis.finding import Finding, bad, good, warning
from coachwatts.config import Settings
from coachwatts.db import migrations
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope

PATIENCE_S = 8
OLDEST_POSTGRES = 15
PROBE = ".doctor"
STANDING = """
SELECT current_setting('server_version') AS version, current_user AS role, rolsuper OR rolbypassrls AS too_mighty,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relowner = r.oid) AS owner
FROM pg_roles r WHERE rolname = current_user
"""


async def look_at_services(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    for about, (check, advice) in CHECKS.items():
        try:
            async with asyncio.timeout(PATIENCE_S):
                found += [finding async for finding in check(settings)]
        except Exception as trouble:  # noqa: BLE001 - whatever it is, it is the finding
            words = str(trouble).strip().splitlines() or [type(trouble).__name__]
            found.append(bad(about, f"does not answer: {words[0]}", advice))
    return found


async def _postgres(settings: Settings) -> AsyncIterator[Finding]:
    database = Database(settings)
    try:
        async with database.read(Scope.nobody()) as session:
            connection = await session.connection()
            row = (await connection.exec_driver_sql(STANDING)).one()
            yield _version(row.version)
            yield _role(row.role, too_mighty=row.too_mighty, owner=row.owner)
            exists = (await connection.exec_driver_sql("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
            yield _revision(await migrations.current(session) if exists else None)
    finally:
        await database.close()


def _version(version: str) -> Finding:
    if int(version.partition(".")[0]) < OLDEST_POSTGRES:
        return bad("PostgreSQL", f"version {version}", f"Use PostgreSQL {OLDEST_POSTGRES} or later.")
    return good("PostgreSQL", f"version {version}")


def _role(role: str, *, too_mighty: bool, owner: bool) -> Finding:
    """Row-level security does not bind these; it is the second line between one athlete's data and another's."""
    if too_mighty or owner:
        what = "is a superuser or has BYPASSRLS" if too_mighty else "owns the tables"
        advice = "Give DATABASE_URL a login that is only IN ROLE coachwatts_app, and DIRECT_URL the owner."
        return bad("Database role", f"{role} {what}, so row-level security does not bind it.", advice)
    return good("Database role", f"{role} is bound by row-level security")


def _revision(revision: str | None) -> Finding:
    if revision == migrations.head():
        return good("Migrations", f"at {revision}, as this release expects")
    if revision and revision not in migrations.known_revisions():
        return warning("Migrations", f"at {revision}, which a later release made.", "Update this one.")
    return bad(
        "Migrations",
        f"at {revision or 'nothing'}, this release needs {migrations.head()}.",
        "Run: coachwatts migrate (`coachwatts up` does so by itself).",
    )


async def _redis(settings: Settings) -> AsyncIterator[Finding]:
    assert settings.redis_url  # noqa: S101 - whoever asks has resolved the settings
    async with Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=PATIENCE_S, decode_responses=True) as client:
        began = perf_counter()
        await client.ping()
        took = (perf_counter() - began) * 1000
        about = await client.info("all")
        yield good("Redis", f"version {about['redis_version']}, answers within {took:.1f} ms")
        if about.get("maxmemory_policy", "noeviction") != "noeviction":
            yield warning("Redis", f"drops entries when memory is short ({about['maxmemory_policy']}).", "Set maxmemory-policy noeviction.")


async def _storage(settings: Settings) -> AsyncIterator[Finding]:
    assert settings.storage_url  # noqa: S101 - likewise
    store = from_url(settings.storage_url)
    await obstore.put_async(store, PROBE, b"written by doctor")
    same = bytes(await (await obstore.get_async(store, PROBE)).bytes_async()) == b"written by doctor"
    await obstore.delete_async(store, PROBE)
    where = urlsplit(settings.storage_url)
    place = f"{where.scheme}://{where.hostname or ''}{where.path}"
    yield good("Storage", f"{place} takes, gives and forgets") if same else bad("Storage", f"{place} gives back something else.", "")


async def _mail(settings: Settings) -> AsyncIterator[Finding]:
    if settings.smtp_url is None:
        if settings.shows_links:
            yield good("E-mail", "none; on this machine alone, pages show the link that a mail would carry")
        else:
            yield bad("E-mail", "none, so nobody can confirm an address or reset a password.", ADVICE_ON_MAIL)
        return
    url = urlsplit(settings.smtp_url.get_secret_value())
    start_tls = True if url.scheme == "smtp+starttls" else None  # None: if the server offers it
    async with SMTP(
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=start_tls if url.scheme != "smtps" else False,
        timeout=PATIENCE_S,
    ):
        yield good("E-mail", f"{url.hostname} lets us in")


ADVICE_ON_MAIL = "Set COACHWATTS_SMTP_URL, such as smtp+starttls://user:password@host:587."
CHECKS = {
    "PostgreSQL": (_postgres, "Is the server running, and DATABASE_URL right?"),
    "Redis": (_redis, "Is the server running, and REDIS_URL right?"),
    "Storage": (_storage, "Does the place in STORAGE_URL exist, and may we write there?"),
    "E-mail": (_mail, ADVICE_ON_MAIL),
}

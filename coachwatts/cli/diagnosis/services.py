"""Whether the services answer and stand as they should. One that does not answer does not keep us from asking the next."""

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter
from urllib.parse import urlsplit

import aiosmtplib
from redis.asyncio import Redis

from coachwatts.cli.diagnosis.finding import Finding, bad, good, warning
from coachwatts.config import Settings
from coachwatts.db import standing
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.db.standing import Age, Standing
from coachwatts.mail.sender import Server
from coachwatts.storage.store import Storage

PATIENCE_S = 8
OLDEST_POSTGRES = 15


async def look_at_services(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    for about, (check, advice) in CHECKS.items():
        try:
            async with asyncio.timeout(PATIENCE_S):
                found += [finding async for finding in check(settings)]
        except Exception as trouble:  # noqa: BLE001 - whatever it is, it is the finding
            found.append(bad(about, f"does not answer: {_first_line(trouble.__cause__ or trouble)}", advice))
    return found


def _first_line(trouble: BaseException) -> str:
    return (str(trouble).strip().splitlines() or [type(trouble).__name__])[0]


async def _postgres(settings: Settings) -> AsyncIterator[Finding]:
    database = Database(settings)
    try:
        async with database.read(Scope.nobody()) as session:
            connection = await session.connection()
            yield _version((await connection.exec_driver_sql("SHOW server_version")).scalar_one())
            found = await standing.look(session)
            yield _role(is_bound=found.is_bound)
            yield _revision(found)
    finally:
        await database.close()


def _version(version: str) -> Finding:
    if int(version.partition(".")[0]) < OLDEST_POSTGRES:
        return bad("PostgreSQL", f"version {version}", f"Use PostgreSQL {OLDEST_POSTGRES} or later.")
    return good("PostgreSQL", f"version {version}")


def _role(*, is_bound: bool) -> Finding:
    """Row-level security is the second line between one athlete's data and another's."""
    if is_bound:
        return good("Database role", "bound by row-level security")
    advice = "Give DATABASE_URL a login that is only IN ROLE coachwatts_app, and DIRECT_URL the owner of the tables."
    return bad("Database role", "a superuser, BYPASSRLS or the owner of the tables: row-level security does not bind it.", advice)


def _revision(found: Standing) -> Finding:
    match found.age:
        case Age.LEVEL:
            return good("Migrations", f"at {found.revision}, as this release expects")
        case Age.AHEAD:
            return warning("Migrations", f"at {found.revision}, which a later release made.", "Update this one.")
        case Age.BEHIND:
            lack = f"at {found.revision or 'none'}, this release needs {standing.head()}."
            return bad("Migrations", lack, "Run: coachwatts migrate (`coachwatts up` does so by itself).")


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
    await Storage.of(settings).round_trip()
    where = urlsplit(settings.storage_url or "")
    yield good("Storage", f"{where.scheme}://{where.hostname or ''}{where.path} takes, gives and forgets")


async def _mail(settings: Settings) -> AsyncIterator[Finding]:
    if settings.smtp_url:
        server = Server.parse(settings.smtp_url.get_secret_value())
        async with aiosmtplib.SMTP(**server.options, timeout=PATIENCE_S):
            yield good("E-mail", f"{server.host} lets us in")
    elif settings.shows_links:
        yield good("E-mail", "none; on this machine alone, pages show the link that a mail would carry")
    else:
        yield bad("E-mail", "none, so nobody can confirm an address or reset a password.", ADVICE_ON_MAIL)


ADVICE_ON_MAIL = "Set COACHWATTS_SMTP_URL, such as smtp+starttls://user:password@host:587."
CHECKS = {
    "PostgreSQL": (_postgres, "Is the server running, and DATABASE_URL right?"),
    "Redis": (_redis, "Is the server running, and REDIS_URL right?"),
    "Storage": (_storage, "Does the place in STORAGE_URL exist, and may we write there?"),
    "E-mail": (_mail, ADVICE_ON_MAIL),
}

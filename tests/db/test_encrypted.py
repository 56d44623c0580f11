import os
import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, Uuid, insert, select, text, type_coerce, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from coachwatts.config import Settings
from coachwatts.db.encrypted import Encrypted, PlaintextRefused, encrypted_columns, owner_column, place_of
from coachwatts.db.engine import Database, owner_engine
from coachwatts.db.scope import Scope
from coachwatts.ids import new_id
from coachwatts.models.base import Base
from coachwatts.models.sign_in import AdminLink, LoginAccount, OAuthFlow, Totp
from coachwatts.models.trust import CoachingRelationship
from coachwatts.models.user import UserAccount
from coachwatts.security.cipher import KeyRing, Place, Sealed

METADATA = MetaData()
SCRATCH = Table("scratch_encrypted", METADATA, Column("id", Uuid, primary_key=True), Column("note", Text), Column("secret", Encrypted))
NOT_SECRET = {"job.lease_token"}  # says who works on it; opens nothing


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing({"k1": os.urandom(32)})


@pytest.fixture
async def connection(settings: Settings) -> AsyncIterator[AsyncConnection]:
    engine = owner_engine(settings)
    async with engine.connect() as opened:
        await opened.run_sync(METADATA.create_all)
        yield opened
        await opened.rollback()


async def test_a_sealed_value_comes_back_as_it_was_stored(connection: AsyncConnection, ring: KeyRing) -> None:
    place = Place(SCRATCH.name, None, uuid4(), "secret")
    await connection.execute(insert(SCRATCH).values(id=place.row, secret=ring.seal("hunter2", place)))
    stored = await connection.scalar(select(SCRATCH.c.secret).where(SCRATCH.c.id == place.row))
    assert isinstance(stored, Sealed)
    assert ring.open(stored, place) == "hunter2"


async def test_the_database_holds_no_plaintext(connection: AsyncConnection, ring: KeyRing) -> None:
    place = Place(SCRATCH.name, None, uuid4(), "secret")
    await connection.execute(insert(SCRATCH).values(id=place.row, secret=ring.seal("hunter2" * 10, place)))
    raw = await connection.scalar(select(type_coerce(SCRATCH.c.secret, LargeBinary)).where(SCRATCH.c.id == place.row))
    assert isinstance(raw, bytes)
    assert b"hunter2" not in raw


async def test_nothing_stays_nothing(connection: AsyncConnection) -> None:
    row = uuid4()
    await connection.execute(insert(SCRATCH).values(id=row, secret=None))
    assert (await connection.execute(select(SCRATCH.c.secret).where(SCRATCH.c.id == row))).one() == (None,)


@pytest.mark.parametrize("plain", ["hunter2", b"hunter2", "", 7], ids=repr)
async def test_plaintext_cannot_be_bound_by_any_statement(connection: AsyncConnection, plain: object) -> None:
    statements = [
        insert(SCRATCH).values(id=uuid4(), secret=plain),
        update(SCRATCH).values(secret=plain),
        select(SCRATCH).where(SCRATCH.c.secret == plain),
    ]
    for statement in statements:
        with pytest.raises(PlaintextRefused) as refused:
            await connection.execute(statement)
        assert "hunter2" not in f"{refused.value!r} {refused.value}"
    with pytest.raises(PlaintextRefused):
        await connection.execute(insert(SCRATCH), [{"id": uuid4(), "secret": plain}, {"id": uuid4(), "secret": None}])


async def test_plaintext_cannot_be_flushed_by_the_orm(db: Database) -> None:
    user_id = new_id()
    with pytest.raises(PlaintextRefused):
        async with db.write(Scope.own(user_id)) as session:
            session.add(UserAccount(id=user_id, email=f"{user_id.hex}@example.org", name=""))
            await session.flush()
            session.add(Totp(id=new_id(), user_id=user_id, secret="JBSWY3DPEHPK3PXP"))
            await session.flush()


async def test_an_error_of_the_database_shows_no_parameters(connection: AsyncConnection) -> None:
    with pytest.raises(DBAPIError, match="division by zero") as failed:
        await connection.execute(text("SELECT 1 / CAST(:zero AS int), CAST(:secret AS text)"), {"zero": 0, "secret": "hunter2"})
    assert "hunter2" not in f"{failed.value} {failed.value!r}"


def test_every_column_that_is_named_like_a_secret_is_encrypted() -> None:
    encrypted = {f"{table.name}.{column.name}" for table, columns in encrypted_columns(Base.metadata).items() for column in columns}
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if re.search(r"(token|secret|verifier|nonce|api_key)$", column.name)
    }
    assert named - NOT_SECRET == encrypted


def test_a_place_carries_the_rows_owner() -> None:
    user_id, row_id = uuid4(), uuid4()
    assert place_of(Totp(id=row_id, user_id=user_id), "secret") == Place("totp", user_id, row_id, "secret")
    assert place_of(LoginAccount(id=row_id, user_id=user_id), "id_token") == Place("login_account", user_id, row_id, "id_token")
    assert place_of(OAuthFlow(id=row_id), "nonce") == Place("oauth_flow", None, row_id, "nonce")


def test_a_row_without_an_id_has_no_place_yet() -> None:
    with pytest.raises(ValueError, match=r"a new Totp needs id=new_id\(\) before its secret"):
        place_of(Totp(user_id=uuid4()), "secret")


def test_a_rows_athlete_comes_before_its_user() -> None:
    owners = {
        model.__tablename__: owner_column(Base.metadata.tables[model.__tablename__]) for model in (CoachingRelationship, Totp, AdminLink)
    }
    assert {name: None if column is None else column.name for name, column in owners.items()} == {
        "coaching_relationship": "athlete_id",
        "totp": "user_id",
        "admin_link": None,
    }

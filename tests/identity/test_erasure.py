"""On the day: files and rows go, by the worker's own job; what stays names nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from coachwatts import clock
from coachwatts.db.scope import Scope
from coachwatts.identity import deletion, erasure_proof
from coachwatts.identity.repository import erasure, people
from coachwatts.models.base import TableClass, owners_of, tables_of
from coachwatts.models.trust import Erasure
from coachwatts.runtime import Runtime
from coachwatts.security.cipher import KeyRing
from tests.kit.api import PASSWORD, Api, Person
from tests.kit.erasure import erase_due, erasing, mentions, words_of
from tests.kit.ids import key_of
from tests.kit.jobs import add, until
from tests.kit.rows import some_row
from tests.kit.trust import let_coach, new_coach, trail

DAY = timedelta(days=1)
ABOUT_PEOPLE = [
    (table, column.name)
    for table in tables_of(TableClass.INSTANCE)
    for column in table.columns
    if any(key.column.table.name == "user_account" for key in column.foreign_keys)
]
OWNED = [*tables_of(TableClass.ACCOUNT), *tables_of(TableClass.ATHLETE)]


async def fill_every_table(owner: asyncpg.Connection, user_id: UUID) -> None:
    for table in OWNED:
        if table.name != "user_account":
            await some_row(owner, table, user_id)
    for table, column in ABOUT_PEOPLE:
        await some_row(owner, table, user_id, column)


async def rows_of(owner: asyncpg.Connection, user_id: UUID) -> dict[str, int]:
    counts = {}
    for table in OWNED:
        theirs = " OR ".join(f"{column} = $1" for column in owners_of(table))
        counts[table.name] = await owner.fetchval(f"SELECT count(*) FROM {table.name} WHERE {theirs}", user_id)  # noqa: S608 - our names
    return counts


async def leave_and_wait(person: Person, runtime: Runtime) -> None:
    assert await person.codes("DeleteAccount") == []
    with clock.turned_by(14 * DAY):
        async with erasing(runtime):
            await erase_due(runtime)
            async with asyncio.timeout(20):
                while await exists(runtime, key_of(person.id)):  # noqa: ASYNC110 - the state is in PostgreSQL
                    await asyncio.sleep(0.02)


async def exists(runtime: Runtime, user_id: UUID) -> bool:
    async with runtime.db.read(Scope.own(user_id)) as session:
        return await people.by_id(session, user_id) is not None


async def run_job(runtime: Runtime, user_id: UUID) -> None:
    await until(runtime.db, await add(runtime.db, "erase_account", {"user_id": str(user_id)}), "DONE", within=20)


async def proof_of(runtime: Runtime, user_id: UUID) -> Erasure:
    key = erasure_proof.person_keys(runtime.keys, user_id)[0]
    async with runtime.db.read(Scope.nobody()) as session:
        return next(proof for proof in await erasure.proofs(session) if proof.person_key == key)


async def test_every_table_is_emptied_of_one_person_and_of_nobody_else(
    ada: Person, bob: Person, owner: asyncpg.Connection, runtime: Runtime
) -> None:
    gone, stays = key_of(ada.id), key_of(bob.id)
    for user_id in (gone, stays):
        await fill_every_table(owner, user_id)
        await runtime.storage.put(f"{deletion.folder_of(user_id)}/photos/1.jpg", b"picture")
    before, of_others = await rows_of(owner, gone), await rows_of(owner, stays)
    assert all(before.values())
    await leave_and_wait(ada, runtime)
    assert set((await rows_of(owner, gone)).values()) == {0}
    assert await rows_of(owner, stays) == of_others
    assert await mentions(owner, *words_of(gone, ada.email)) == {}
    assert not await runtime.storage.exists(f"{deletion.folder_of(gone)}/photos/1.jpg")
    assert await runtime.storage.exists(f"{deletion.folder_of(stays)}/photos/1.jpg")
    proof = await proof_of(runtime, gone)
    assert proof.counts.keys() == before.keys() - {"audit_event"}
    assert all(proof.counts[table] >= before[table] for table in proof.counts)


async def test_the_trail_stays_without_the_name(ada: Person, owner: asyncpg.Connection, runtime: Runtime) -> None:
    coach = await new_coach(ada.http)
    await let_coach(ada, coach, "TRAINING")
    await coach.run("Athlete", id=ada.id)
    await leave_and_wait(ada, runtime)
    key = erasure_proof.person_keys(runtime.keys, key_of(ada.id))[0]
    rows = await owner.fetch("SELECT * FROM audit_event WHERE actor_key = $1 OR athlete_key = $1", key)
    assert {"coaching.invited", "athlete.read", "account.deletion_requested"} <= {row["action"] for row in rows}
    assert {row[name] for row in rows for name in ("ip", "before", "after", "reason", "entity_id")} == {None}
    (line,) = await trail(coach, "athlete.read")
    assert (line["byMe"], line["athlete"]) == (True, None)


async def test_a_proof_is_genuine_until_something_in_it_changes(ada: Person, runtime: Runtime) -> None:
    await leave_and_wait(ada, runtime)
    proof = await proof_of(runtime, key_of(ada.id))
    assert erasure_proof.is_genuine(runtime.keys, proof)
    changes = {
        "counts": {**proof.counts, "user_account": 2},
        "person_key": "0" * 64,
        "created_at": proof.created_at - DAY,
        "signature": "0" * 64,
    }
    for name, value in changes.items():
        kept = {column: getattr(proof, column) for column in changes}
        assert not erasure_proof.is_genuine(runtime.keys, Erasure(**{**kept, name: value})), name
    assert erasure_proof.is_genuine(runtime.keys, proof)


def test_a_proof_outlives_the_rotation_of_keys() -> None:
    old, new = {"old": bytes(range(32))}, {"new": bytes(range(1, 33))}
    somebody = UUID(int=7)
    proof = erasure_proof.of(KeyRing(old), somebody, {"session": 3})
    both = KeyRing(new | old)
    assert erasure_proof.is_genuine(both, proof)
    assert proof.person_key in erasure_proof.person_keys(both, somebody)
    assert not erasure_proof.is_genuine(KeyRing(new), proof)
    assert proof.person_key not in erasure_proof.person_keys(both, UUID(int=8))


async def test_before_the_day_nothing_is_erased(ada: Person, owner: asyncpg.Connection, runtime: Runtime) -> None:
    await ada.mutate("DeleteAccount")
    await runtime.storage.put(f"{deletion.folder_of(key_of(ada.id))}/note", b"mine")
    with clock.turned_by(14 * DAY - timedelta(minutes=1)):
        async with erasing(runtime):
            await erase_due(runtime)
            await run_job(runtime, key_of(ada.id))
    assert (await rows_of(owner, key_of(ada.id)))["user_account"] == 1
    assert await runtime.storage.get(f"{deletion.folder_of(key_of(ada.id))}/note") == b"mine"


async def test_who_came_back_is_not_erased(ada: Person, owner: asyncpg.Connection, runtime: Runtime) -> None:
    await ada.mutate("DeleteAccount")
    await ada.mutate("KeepAccount")
    with clock.turned_by(20 * DAY):
        async with erasing(runtime):
            await erase_due(runtime)
            await run_job(runtime, key_of(ada.id))
    assert (await rows_of(owner, key_of(ada.id)))["user_account"] == 1


async def test_the_address_can_sign_up_again_as_somebody_new(ada: Person, runtime: Runtime) -> None:
    await leave_and_wait(ada, runtime)
    api = Api(ada.http)
    assert await api.codes("SignIn", email=ada.email, password=PASSWORD) == [("WRONG_CREDENTIALS", "")]
    link = (await api.mutate("SignUp", email=ada.email, password=PASSWORD, name="Ada II"))["link"]
    again = (await api.mutate("VerifyEmail", password=PASSWORD, token=link.rsplit("/", 1)[1]))["user"]
    assert (again["name"], again["id"] == ada.id) == ("Ada II", False)


async def failed_once(owner: asyncpg.Connection, job_id: UUID) -> None:
    async with asyncio.timeout(20):
        while not await owner.fetchval("SELECT last_error FROM job WHERE id = $1", job_id):  # noqa: ASYNC110 - the state is in PostgreSQL
            await asyncio.sleep(0.02)


@asynccontextmanager
async def no_proof_can_be_written(owner: asyncpg.Connection) -> AsyncIterator[None]:
    await owner.execute("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$")
    await owner.execute("CREATE TRIGGER fail BEFORE INSERT ON erasure FOR EACH ROW EXECUTE FUNCTION fail()")
    try:
        yield
    finally:
        await owner.execute("DROP TRIGGER fail ON erasure")
        await owner.execute("DROP FUNCTION fail")


async def test_what_stopped_between_files_and_rows_is_done_again(ada: Person, owner: asyncpg.Connection, runtime: Runtime) -> None:
    user_id = key_of(ada.id)
    await runtime.storage.put(f"{deletion.folder_of(user_id)}/note", b"mine")
    await ada.mutate("DeleteAccount")
    with clock.turned_by(14 * DAY):
        job_id = await add(runtime.db, "erase_account", {"user_id": str(user_id)}, dedupe_key=str(user_id))
        async with no_proof_can_be_written(owner), erasing(runtime):
            await failed_once(owner, job_id)
        assert not await runtime.storage.exists(f"{deletion.folder_of(user_id)}/note")
        assert (await rows_of(owner, user_id))["user_account"] == 1  # nothing of the rows was committed
        await owner.execute("UPDATE job SET run_at = now() WHERE id = $1", job_id)
        async with erasing(runtime):
            await until(runtime.db, job_id, "DONE", within=20)
    assert set((await rows_of(owner, user_id)).values()) == {0}
    assert erasure_proof.is_genuine(runtime.keys, await proof_of(runtime, user_id))


async def test_erasing_twice_is_erasing_once(ada: Person, runtime: Runtime) -> None:
    await leave_and_wait(ada, runtime)
    with clock.turned_by(14 * DAY):
        async with erasing(runtime):
            await run_job(runtime, key_of(ada.id))
    assert (await proof_of(runtime, key_of(ada.id))).counts["user_account"] == 1


async def test_the_application_takes_names_only_of_who_asked_to_be_erased(ada: Person, runtime: Runtime) -> None:
    """The trail can be changed by one function alone, and that one is narrow."""
    before = await trail(ada)
    async with runtime.db.write(Scope.own(key_of(ada.id))) as session:
        connection = await session.connection()
        await connection.exec_driver_sql("SELECT forget_in_audit($1, $2)", (key_of(ada.id), "x" * 64))
    assert await trail(ada) == before


@pytest.mark.parametrize("text", ["", "x", "None"])
async def test_a_job_without_a_person_erases_nobody(runtime: Runtime, owner: asyncpg.Connection, text: str) -> None:
    people = await owner.fetchval("SELECT count(*) FROM user_account")
    job_id = await add(runtime.db, "erase_account", {"user_id": text})
    async with erasing(runtime):
        await failed_once(owner, job_id)
    assert await owner.fetchval("SELECT count(*) FROM user_account") == people

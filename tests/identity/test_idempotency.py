import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import strawberry

from coachwatts import clock
from coachwatts.api.idempotency import Repeatable, claim
from coachwatts.db.engine import Database
from coachwatts.errors import Conflict, InvalidInput
from coachwatts.identity.idempotency import Claim
from coachwatts.identity.recognition import recognise
from coachwatts.identity.viewer import Viewer
from tests.kit.api import Person


@strawberry.input
class MakeThing(Repeatable):
    name: str
    since: UUID | None = strawberry.UNSET


@strawberry.input
class MakeOther(Repeatable):
    name: str


@pytest.fixture
async def viewer(ada: Person, db: Database) -> Viewer:
    assert ada.token
    return await recognise(db, ada.token)


async def made(db: Database, viewer: Viewer, input: Repeatable) -> Claim:
    async with db.write(viewer.scope) as session:
        return await claim(session, viewer, input)


async def test_the_same_key_with_the_same_input_gives_what_was_made(db: Database, viewer: Viewer) -> None:
    first = await made(db, viewer, MakeThing(name="x", idempotency_key="k"))
    again = await made(db, viewer, MakeThing(name="x", idempotency_key="k"))
    assert not first.repeated
    assert again == Claim(first.id, repeated=True)


async def test_without_a_key_everything_is_new(db: Database, viewer: Viewer) -> None:
    first, second = [await made(db, viewer, MakeThing(name="x")) for _ in range(2)]
    assert first.id != second.id
    assert not second.repeated


async def test_the_same_key_with_another_input_is_a_conflict(db: Database, viewer: Viewer) -> None:
    await made(db, viewer, MakeThing(name="x", idempotency_key="k"))
    for other in (MakeThing(name="y", idempotency_key="k"), MakeThing(name="x", since=uuid4(), idempotency_key="k")):
        with pytest.raises(Conflict) as refused:
            await made(db, viewer, other)
        assert refused.value.problems[0].field == ("idempotency_key",)


async def test_keys_of_other_people_and_operations_are_other_keys(db: Database, viewer: Viewer, bob: Person) -> None:
    assert bob.token
    mine = await made(db, viewer, MakeThing(name="x", idempotency_key="k"))
    other = await made(db, viewer, MakeOther(name="x", idempotency_key="k"))
    theirs = await made(db, await recognise(db, bob.token), MakeThing(name="x", idempotency_key="k"))
    assert len({mine.id, other.id, theirs.id}) == 3


async def test_a_creation_that_failed_leaves_the_key_free(db: Database, viewer: Viewer) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.write(viewer.scope) as session:
            await claim(session, viewer, MakeThing(name="x", idempotency_key="k"))
            raise ZeroDivisionError
    assert not (await made(db, viewer, MakeThing(name="y", idempotency_key="k"))).repeated


async def test_of_two_at_the_same_moment_one_makes_it(db: Database, viewer: Viewer) -> None:
    claims = await asyncio.gather(*(made(db, viewer, MakeThing(name="x", idempotency_key="k")) for _ in range(5)))
    assert len({claimed.id for claimed in claims}) == 1
    assert sum(not claimed.repeated for claimed in claims) == 1


async def test_after_a_day_a_key_is_free_again(db: Database, viewer: Viewer) -> None:
    first = await made(db, viewer, MakeThing(name="x", idempotency_key="k"))
    with clock.turned_by(timedelta(hours=25)):
        later = await made(db, viewer, MakeThing(name="y", idempotency_key="k"))
    assert not later.repeated
    assert later.id != first.id


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "\x00", "k" * 201])
async def test_a_key_is_short_plain_text(db: Database, viewer: Viewer, key: str) -> None:
    with pytest.raises(InvalidInput):
        await made(db, viewer, MakeThing(name="x", idempotency_key=key))

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity import upkeep
from coachwatts.models.user import Capability
from tests.kit.api import Failed, Person


async def grant(db: Database, person: Person, capability: Capability) -> None:
    async with db.write(Scope.nobody()) as session:
        await upkeep.grant(session, await upkeep.find(session, person.email), capability)


async def is_in(person: Person) -> bool:
    try:
        return (await person.run("Viewer"))["viewer"] is not None
    except Failed:
        return False


async def test_whoever_becomes_an_administrator_signs_in_anew(ada: Person, db: Database) -> None:
    await grant(db, ada, Capability.COACH)
    assert await is_in(ada)
    await grant(db, ada, Capability.ADMIN)
    assert not await is_in(ada)

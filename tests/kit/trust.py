"""People who have to do with each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity.repository import people
from tests.kit.api import Person, join
from tests.kit.ids import key_of


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


async def new_coach(http: httpx.AsyncClient, name: str = "Carla") -> Person:
    coach = await join(http, name=name)
    await coach.mutate("BecomeCoach")
    return coach


async def let_coach(athlete: Person, coach: Person, *areas: str) -> str:
    """The athlete invites, the coach accepts. Returns the relationship as the athlete names it."""
    invited = await athlete.mutate("InviteToCoaching", mySide="ATHLETE", areas=list(areas))
    accepted = await coach.mutate("AcceptCoachingInvitation", token=token_of(invited["link"]))
    assert accepted["errors"] == [], accepted
    own_id: str = invited["relationship"]["id"]
    return own_id


async def relationships(person: Person, *status: str) -> list[dict[str, Any]]:
    found = await person.run("CoachingRelationships", first=50, status=list(status) or None)
    return [edge["node"] for edge in found["viewer"]["coachingRelationships"]["edges"]]


async def trail(person: Person, action: str | None = None) -> list[dict[str, Any]]:
    """Newest first, as the person reads it."""
    found = await person.run("AuditEvents", first=100)
    events = [edge["node"] for edge in found["viewer"]["auditEvents"]["edges"]]
    return [event for event in events if action in {None, event["action"]}]


async def set_capabilities(db: Database, person: Person, *capabilities: str) -> None:
    async with db.write(Scope.own(key_of(person.id))) as session:
        account = await people.by_id(session, key_of(person.id))
        if account:  # erased by the test, perhaps
            account.capabilities = list(capabilities)


@asynccontextmanager
async def administrator(http: httpx.AsyncClient, db: Database, name: str = "Rosa") -> AsyncIterator[Person]:
    """Stops to be one at the end: other tests are about servers that have none."""
    person = await join(http, name=name)
    await set_capabilities(db, person, "ADMIN")
    try:
        yield person
    finally:
        await set_capabilities(db, person)

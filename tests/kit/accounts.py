"""A look behind the API at somebody's account, and what time or an administrator would do to it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.user import UserAccount
from tests.kit.api import Person
from tests.kit.ids import key_of


def user_of(person: Person) -> UUID:
    return key_of(person.id)


async def account_of(db: Database, person: Person) -> UserAccount:
    async with db.read(Scope.own(user_of(person))) as session:
        return (await session.scalars(select(UserAccount).where(UserAccount.id == user_of(person)))).one()


async def set_account(db: Database, person: Person, **values: Any) -> None:
    async with db.write(Scope.own(user_of(person))) as session:
        await session.execute(update(UserAccount).where(UserAccount.id == user_of(person)).values(values))

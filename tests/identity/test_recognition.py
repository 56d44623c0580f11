"""Whether a credential would still be accepted: what an open event stream asks every half minute."""

from datetime import timedelta

import pytest

from coachwatts.clock import turned_by
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity.recognition import is_live, recognise
from coachwatts.identity.repository import people
from coachwatts.identity.viewer import Viewer
from tests.kit.api import PASSWORD, Api, Person


@pytest.fixture
async def by_session(ada: Person, db: Database) -> Viewer:
    return await recognise(db, str(ada.token))


@pytest.fixture
async def by_token(ada: Person, db: Database) -> Viewer:
    made = await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"])
    return await recognise(db, made["token"])


async def test_a_session_lives_until_it_is_ended(ada: Person, db: Database, by_session: Viewer) -> None:
    assert await is_live(db, by_session)
    await ada.mutate("SignOut")
    assert not await is_live(db, by_session)


async def test_a_session_lives_until_its_time_is_over(db: Database, by_session: Viewer) -> None:
    with turned_by(timedelta(hours=24)):
        assert not await is_live(db, by_session)


async def test_a_remembered_session_lives_until_it_was_left_alone_for_two_weeks(ada: Person, db: Database) -> None:
    payload = await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER", rememberMe=True)
    viewer = await recognise(db, payload["token"])
    for days, lives in ((13, True), (15, False)):
        with turned_by(timedelta(days=days)):
            assert await is_live(db, viewer) is lives


async def test_a_token_lives_until_it_is_revoked(ada: Person, db: Database, by_token: Viewer) -> None:
    assert await is_live(db, by_token)
    [row] = (await ada.run("AccessTokens"))["viewer"]["accessTokens"]
    await ada.mutate("RevokeAccessToken", id=row["id"])
    assert not await is_live(db, by_token)


async def test_a_token_lives_until_its_time_is_over(db: Database, by_token: Viewer) -> None:
    with turned_by(timedelta(days=90)):
        assert not await is_live(db, by_token)


async def test_with_the_account_everything_is_switched_off(db: Database, by_session: Viewer, by_token: Viewer) -> None:
    async with db.write(Scope.own(by_session.user_id)) as session:
        (await people.require(session, by_session.user_id)).is_active = False
    assert [await is_live(db, by_session), await is_live(db, by_token)] == [False, False]

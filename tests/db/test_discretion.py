"""What an error of the database says, to whoever catches or logs it."""

import io
import json
import logging
import traceback
from contextlib import redirect_stderr
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from coachwatts import logs
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity.repository.people import save_email
from coachwatts.jobs.runner import describe
from coachwatts.models.user import UserAccount
from tests.kit.api import Person, new_email

SECRET = "ada.lovelace@example.org"
NOBODY = Scope.nobody()
BAD = {
    "unique": "INSERT INTO setting (name, value) VALUES (:secret, ''), (:secret, '')",
    "check": "INSERT INTO job (id, kind, state) VALUES (gen_random_uuid(), :secret, 'NONSENSE')",
    "not null": "INSERT INTO setting (name) VALUES (:secret)",
    "syntax of a value": "SELECT CAST(CAST(:secret AS text) AS uuid)",
    "value of the wrong type": "SELECT CAST(:secret AS integer)",
    "conversion": "SELECT CAST(CAST(:secret AS text) AS timestamptz)",
}


async def error_of(db: Database, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as failed:
        async with db.write(NOBODY) as session:
            await session.execute(text(statement), {"secret": SECRET})
    return failed.value


@pytest.mark.parametrize("statement", BAD.values(), ids=BAD)
async def test_no_error_quotes_a_value(db: Database, statement: str) -> None:
    error = await error_of(db, statement)
    told = "".join(traceback.format_exception(error))
    assert SECRET not in told
    assert "DETAIL" not in told
    assert SECRET not in f"{error!r} {error.orig} {error.orig!r} {describe(error)}"


async def test_what_is_wrong_is_still_said(db: Database) -> None:
    error = await error_of(db, BAD["unique"])
    assert isinstance(error, IntegrityError)
    assert 'duplicate key value violates unique constraint "pk_setting"' in str(error)
    assert "INSERT INTO setting" in str(error)
    assert "invalid input syntax for type uuid" in str(await error_of(db, BAD["syntax of a value"]))


async def test_repositories_still_tell_one_rule_from_another(db: Database, ada: Person) -> None:
    user_id = uuid4()
    async with db.write(Scope.own(user_id)) as session:
        session.add(UserAccount(id=user_id, email=ada.email.upper()))
        assert not await save_email(session)
        await session.rollback()
    with pytest.raises(IntegrityError):
        async with db.write(Scope.own(user_id)) as session:
            session.add(UserAccount(id=user_id, email=new_email(), units="STONES"))
            await save_email(session)


@pytest.mark.parametrize("form", ["json", "text"])
async def test_an_unexpected_error_in_the_log_names_nobody(settings: Settings, db: Database, form: str) -> None:
    error = await error_of(db, BAD["unique"])
    out = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    try:
        with redirect_stderr(out):
            logs.configure(settings.model_copy(update={"log_format": form}))
            structlog.get_logger().error("operation_failed", exc_info=error)
            logging.getLogger("library").error("failed", exc_info=error)
    finally:
        logging.root.handlers[:], logging.root.level = before
        structlog.reset_defaults()
    assert "operation_failed" in out.getvalue()
    assert "pk_setting" in out.getvalue()
    assert SECRET not in out.getvalue()
    if form == "json":
        assert [json.loads(line)["level"] for line in out.getvalue().splitlines()] == ["error", "error"]

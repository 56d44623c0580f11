"""From the mutation to the mailbox: through the API, the job table, a worker and a real mail server."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text, update

from coachwatts import clock
from coachwatts.config import Settings
from coachwatts.db.engine import Database, owner_engine
from coachwatts.db.scope import Scope
from coachwatts.models.job import Job
from coachwatts.runtime import Runtime
from tests.kit.api import PASSWORD, Api, new_email, serving
from tests.kit.jobs import until
from tests.kit.mail import Postbox, mail_worker, text_of, token_of

SUBJECTS = {"verify": "Verify your e-mail address", "exists": "You have an account already"}


async def sign_up(api: Api, email: str) -> None:
    payload = await api.mutate("SignUp", email=email, password=PASSWORD, name="Ada")
    assert payload == {"link": None, "errors": []}


async def mail_jobs(db: Database, email: str, settings: Settings) -> list[Job]:
    async with owner_engine(settings).connect() as owner:
        user_id: UUID = (await owner.execute(text("SELECT id FROM user_account WHERE email = :email"), {"email": email})).scalar_one()
    async with db.read(Scope.nobody()) as session:
        return list(await session.scalars(select(Job).where(Job.user_id == user_id).order_by(Job.id)))


async def dump(settings: Settings) -> str:
    """Every row of the tables that a link passes through."""
    async with owner_engine(settings).connect() as owner:
        rows = [await owner.execute(text(f"SELECT t::text FROM {table} t")) for table in ("email_token", "job", "audit_event")]  # noqa: S608 - our own names
        return "\n".join(line for result in rows for line in result.scalars())


async def test_the_link_in_the_mail_verifies_the_address(api: Api, postbox: Postbox) -> None:
    email = new_email()
    await sign_up(api, email)
    mail = await postbox.wait_for(email)
    assert mail["Subject"] == SUBJECTS["verify"]
    assert (await api.mutate("VerifyEmail", password=PASSWORD, token=token_of(mail)))["user"]["name"] == "Ada"
    assert await api.codes("SignIn", email=email, password=PASSWORD, transport="BEARER") == []


async def test_a_known_address_is_told_by_mail_and_by_nothing_else(api: Api, postbox: Postbox) -> None:
    email = new_email()
    await sign_up(api, email)
    await api.mutate("VerifyEmail", password=PASSWORD, token=token_of(await postbox.wait_for(email)))
    await sign_up(api, email.upper())
    mail = await postbox.wait_for(email, subject=SUBJECTS["exists"])
    assert await api.codes("ResetPassword", token=token_of(mail), password="another-fine-word-3") == []


async def test_after_sending_the_token_is_nowhere_in_the_database(api: Api, postbox: Postbox, mailing: Settings, db: Database) -> None:
    email = new_email()
    await sign_up(api, email)
    token = token_of(await postbox.wait_for(email))
    (job,) = await mail_jobs(db, email, mailing)
    await until(db, job.id, "DONE")
    kept = await dump(mailing)
    assert str(job.id) in kept
    assert token not in kept
    assert PASSWORD not in kept
    async with owner_engine(mailing).connect() as owner:
        sealed = await owner.execute(text("SELECT token FROM email_token WHERE id = :id"), {"id": UUID(job.payload["link_id"])})
        assert sealed.scalar_one() is None


async def test_a_server_that_is_busy_is_asked_again(api: Api, postbox: Postbox, mailing: Settings, db: Database) -> None:
    email = new_email()
    postbox.answers[email] = ["451 come back later", "421 still busy"]
    await sign_up(api, email)
    mail = await postbox.wait_for(email)
    (job,) = await mail_jobs(db, email, mailing)
    assert (await until(db, job.id, "DONE")).attempt == 3
    assert str(job.id) in mail["Message-ID"]


async def test_a_mailbox_that_does_not_exist_is_given_up_and_the_link_forgotten(
    api: Api, postbox: Postbox, mailing: Settings, db: Database
) -> None:
    email = new_email()
    postbox.answers[email] = ["550 no such user", "550 no such user"]
    await sign_up(api, email)
    (job,) = await mail_jobs(db, email, mailing)
    dead = await until(db, job.id, "DEAD")
    assert dead.attempt == 1
    assert "550" in (dead.last_error or "")
    assert email not in (dead.last_error or "")
    async with owner_engine(mailing).connect() as owner:
        sealed = await owner.execute(text("SELECT token FROM email_token WHERE id = :id"), {"id": UUID(job.payload["link_id"])})
        assert sealed.scalar_one() is None


async def test_a_link_that_was_replaced_before_its_mail_left_is_not_sent(
    mailing: Settings, mail_runtime: Runtime, postbox: Postbox, db: Database
) -> None:
    email = new_email()
    async with serving(mailing) as http:
        await sign_up(Api(http), email)
        await sign_up(Api(http), email)
    first, second = await mail_jobs(db, email, mailing)
    async with mail_worker(mail_runtime):
        await until(db, first.id, "DONE")
        await until(db, second.id, "DONE")
    assert len(postbox.to(email)) == 1


async def test_a_mail_that_comes_too_late_is_not_sent(mailing: Settings, mail_runtime: Runtime, postbox: Postbox, db: Database) -> None:
    email = new_email()
    async with serving(mailing) as http:
        await sign_up(Api(http), email)
    (job,) = await mail_jobs(db, email, mailing)
    with clock.turned_by(timedelta(days=4)):
        async with mail_worker(mail_runtime):
            await until(db, job.id, "DONE")
    assert postbox.to(email) == []


async def test_a_new_device_is_told_of_and_a_known_one_is_not(api: Api, postbox: Postbox) -> None:
    email = new_email()
    await sign_up(api, email)
    await api.mutate("VerifyEmail", password=PASSWORD, token=token_of(await postbox.wait_for(email)))
    firefox, safari = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    )
    for agent in (firefox, firefox, safari, safari):
        api.http.headers["user-agent"] = agent
        assert await api.codes("SignIn", email=email, password=PASSWORD, transport="BEARER") == []
    mail = await postbox.wait_for(email, subject="A new device signed in")
    assert "Safari" in text_of(mail)
    assert "127.0.0.1" in text_of(mail)
    assert sum(mail["Subject"] == "A new device signed in" for mail in postbox.to(email)) == 1


async def test_without_a_mail_server_off_loopback_nobody_is_left_waiting_for_a_mail(settings: Settings) -> None:
    outside = settings.model_copy(update={"public_url": "https://watts.example"})
    async with serving(outside) as http:
        stranger = Api(http)
        for name, given in (
            ("SignUp", {"email": new_email(), "password": PASSWORD}),
            ("ResendVerification", {"email": new_email()}),
            ("RequestPasswordReset", {"email": new_email()}),
        ):
            assert await stranger.codes(name, **given) == [("UNAVAILABLE", "")]


async def test_an_account_that_was_erased_meanwhile_gets_no_mail(
    mailing: Settings, mail_runtime: Runtime, postbox: Postbox, db: Database
) -> None:
    email = new_email()
    async with serving(mailing) as http:
        await sign_up(Api(http), email)
    (job,) = await mail_jobs(db, email, mailing)
    async with db.write(Scope.nobody()) as session:
        await session.execute(update(Job).where(Job.id == job.id).values(user_id=None))
    async with owner_engine(mailing).begin() as owner:
        await owner.execute(text("DELETE FROM user_account WHERE email = :email"), {"email": email})
    async with mail_worker(mail_runtime):
        await until(db, job.id, "DONE")
    assert postbox.to(email) == []

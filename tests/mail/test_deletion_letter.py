from datetime import timedelta

import httpx

from coachwatts import clock
from coachwatts.runtime import Runtime
from tests.kit.api import join
from tests.kit.mail import Postbox, mail_worker, text_of

SUBJECT = "Your account will be erased"


async def test_who_asks_to_be_erased_is_told_the_day_and_the_way_back(
    http: httpx.AsyncClient, mailing_http: httpx.AsyncClient, postbox: Postbox, mail_runtime: Runtime
) -> None:
    ada = await join(http, timezone="Asia/Tokyo")
    ada.http = mailing_http  # the same database, behind a server that sends mail
    async with mail_worker(mail_runtime):
        assert await ada.codes("DeleteAccount") == []
        mail = await postbox.wait_for(ada.email, subject=SUBJECT)
    words = " ".join(text_of(mail).split())
    assert f"{clock.now() + timedelta(days=14, hours=9):%d %B %Y}" in words
    assert "(Asia/Tokyo)" in words
    assert "keep your account" in words


async def test_who_came_back_before_the_mail_left_gets_none(
    http: httpx.AsyncClient, mailing_http: httpx.AsyncClient, postbox: Postbox, mail_runtime: Runtime
) -> None:
    ada, bob = await join(http), await join(http)
    for person in (ada, bob):
        person.http = mailing_http
        await person.mutate("DeleteAccount")
    await ada.mutate("KeepAccount")
    async with mail_worker(mail_runtime):
        await postbox.wait_for(bob.email, subject=SUBJECT)
    assert postbox.to(ada.email) == []

from collections.abc import AsyncIterator

import httpx
import pytest

from coachwatts.config import Settings
from coachwatts.runtime import Runtime, open_runtime
from tests.kit.api import Api, serving
from tests.kit.mail import Postbox, mail_server, mail_worker, with_mail


@pytest.fixture(scope="session")
async def postbox() -> AsyncIterator[Postbox]:
    async with mail_server() as box:
        yield box


@pytest.fixture(scope="session")
def mailing(settings: Settings, postbox: Postbox) -> Settings:
    return with_mail(settings, postbox.url)


@pytest.fixture(scope="session")
async def mailing_http(mailing: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(mailing) as client:
        yield client


@pytest.fixture(scope="session")
async def mail_runtime(mailing: Settings) -> AsyncIterator[Runtime]:
    async with open_runtime(mailing) as runtime:
        yield runtime


@pytest.fixture
async def api(mailing_http: httpx.AsyncClient, mail_runtime: Runtime) -> AsyncIterator[Api]:
    """Somebody before a server that sends mail, with a worker that does so."""
    async with mail_worker(mail_runtime):
        yield Api(mailing_http)

"""The pages in a real browser, under the strict policy: what a person does first."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from coachwatts.app import create_app
from coachwatts.config import Settings
from tests.kit.api import PASSWORD, new_email
from tests.kit.chromium import Tab, binary, chromium

pytestmark = pytest.mark.skipif(binary() is None, reason="no Chromium or Chrome here")


@pytest.fixture(scope="module")
async def address(settings: Settings) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        chosen = settings.model_copy(update={"bind": f"127.0.0.1:{listener.getsockname()[1]}"})
        server = uvicorn.Server(uvicorn.Config(create_app(chosen), log_config=None))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield chosen.base_url
        server.should_exit = True
        await running


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as opened:
        yield opened


async def test_a_person_signs_up_opens_the_link_signs_in_and_changes_the_time_zone(tab: Tab, address: str) -> None:
    email = new_email()
    await tab.open(f"{address}/#sign-up")
    await tab.fill("sign-up", name="Grace", email="nonsense", password="short")
    await tab.until("document.querySelector('#sign-up-password[aria-invalid]')")
    assert "e-mail address" in await tab.text("#sign-up-email-error")
    assert await tab.evaluate("document.activeElement.id") == "sign-up-email"

    await tab.fill("sign-up", email=email, password=PASSWORD)
    await tab.until("document.querySelector('#sent-link:not([hidden]) a[href]')")

    await tab.open(address)
    await tab.fill("sign-in", email=email, password=PASSWORD)
    await tab.until("document.querySelector('#resend:not([hidden])')")  # the link has not been opened
    await tab.evaluate("document.querySelector('#resend button').click()")
    await tab.until("document.querySelector('#sent-link:not([hidden]) a[href]')")
    await tab.open(await tab.text("#sent-link a"))
    await tab.fill("open-link", password=PASSWORD)
    await tab.until("document.querySelector('#done:not([hidden])')")

    await tab.open(address)
    await tab.fill("sign-in", email=email, password="not the password")
    await tab.until("document.querySelector('#sign-in [data-error=\"\"]:not([hidden])')")
    await tab.fill("sign-in", email=email, password=PASSWORD)
    await tab.until("document.querySelector('#account')")
    assert email in await tab.text("#account")

    await tab.fill("profile", timezone="Mars/Olympus")
    await tab.until("document.querySelector('#profile-timezone[aria-invalid]')")
    await tab.fill("profile", timezone="Europe/Zurich")
    await tab.until("document.querySelector('[data-done]:not([hidden])')")
    assert await tab.evaluate("document.cookie") == ""  # scripts do not see the session
    await tab.evaluate("document.getElementById('sign-out').click()")
    await tab.until("document.querySelector('#sign-in')")
    assert tab.complaints == []


async def test_the_policy_holds_in_the_browser(tab: Tab, address: str) -> None:
    await tab.open(address)
    await tab.evaluate("document.body.append(Object.assign(document.createElement('script'), {src: 'data:text/javascript,window.ran=1'}))")
    await tab.evaluate("document.body.setAttribute('onclick', 'window.ran=1'); document.body.click()")
    assert await tab.evaluate("window.ran") is None
    await tab.until("true")
    assert tab.complaints
    assert all("Content Security Policy" in complaint or "TrustedScript" in complaint for complaint in tab.complaints)

"""A real browser, spoken to by its DevTools protocol: enough of it to fill in a form and to hear what the page complains about."""

import asyncio
import json
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 10
# /dev/shm is small in containers; the sandbox needs rights that containers and root do not have
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0")


def binary() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    def __init__(self, socket: ClientConnection) -> None:
        self.complaints: list[str] = []
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._listening = asyncio.create_task(self._listen())

    async def call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        return await asyncio.wait_for(self._waiting[number], PATIENCE_S)

    async def evaluate(self, script: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return answer["result"].get("value")

    async def open(self, address: str) -> None:
        await self.call("Page.navigate", url=address)
        await self.until("document.readyState === 'complete'")

    async def until(self, condition: str) -> None:
        """Asks again and again: a page that is being left cannot answer."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.evaluate(f"Boolean({condition})"):  # noqa: ASYNC110 - the page cannot set an event of ours
                await asyncio.sleep(0.02)

    async def fill(self, form: str, **values: str) -> None:
        """Fills in and submits, as soon as the form is alive."""
        await self.until(f"document.querySelector('#{form} fieldset:not(:disabled)')")
        for name, value in values.items():
            await self.evaluate(f"document.getElementById('{form}').elements['{name}'].value = {json.dumps(value)}")
        await self.evaluate(f"document.querySelector('#{form} button').click()")

    async def text(self, selector: str) -> str:
        return str(await self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent"))

    async def close(self) -> None:
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening

    async def _listen(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if waiting := self._waiting.pop(message.get("id", 0), None):
                waiting.set_result(message.get("result", {"result": {}}))
            elif message.get("method") == "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            elif message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Tab]:
    program = binary()
    assert program
    arguments = [*ARGUMENTS, f"--user-data-dir={folder}", "about:blank"]
    process = await asyncio.create_subprocess_exec(program, *arguments, stdout=DEVNULL, stderr=DEVNULL)
    try:
        async with connect(await _address(folder), max_size=None) as socket:
            tab = Tab(socket)
            for domain in ("Page", "Runtime", "Log"):
                await tab.call(f"{domain}.enable")
            yield tab
            await tab.close()
    finally:
        process.kill()
        await process.wait()


async def _address(folder: Path) -> str:
    """Of its first tab."""
    place = folder / "DevToolsActivePort"
    async with asyncio.timeout(2 * PATIENCE_S):
        while not (place.exists() and place.read_text().count("\n")):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
    port = place.read_text().split("\n")[0]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(f"GET /json/list HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    tabs = json.loads(await reader.readexactly(length))
    writer.close()
    return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))

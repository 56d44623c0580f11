from dataclasses import dataclass

import httpx

from tests.kit.api import Api
from tests.kit.provider import ScriptedProvider


@dataclass
class Surfer:
    """A person in front of a browser."""

    api: Api
    provider: ScriptedProvider

    async def go(self, address: str) -> httpx.Response:
        return await self.api.http.get(
            address, headers={"accept": "text/html", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
        )

    async def leave(self, name: str = "acme", return_to: str = "/") -> str:
        """The provider's address that the browser is sent to."""
        answer = await self.go(f"/auth/{name}?return_to={return_to}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, name: str = "acme", return_to: str = "/") -> httpx.Response:
        return await self.go(self.provider.consent(await self.leave(name, return_to)))

    async def email(self) -> str | None:
        """Of whoever is signed in."""
        viewer = (await self.api.run("Viewer"))["viewer"]
        return str(viewer["email"]) if viewer else None

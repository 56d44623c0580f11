"""GitHub: OAuth without OpenID Connect. Who somebody is, and which address is theirs, its API tells."""

from typing import Any

from coachwatts.identity.logins.provider import Arrival, Identity, Provider, Secrets, read_json

SCOPE = "read:user user:email"
AUTHORIZE = "https://github.com/login/oauth/authorize"
TOKEN = "https://github.com/login/oauth/access_token"  # noqa: S105 - an address
PERSON = "https://api.github.com/user"
ADDRESSES = "https://api.github.com/user/emails"


class GithubProvider(Provider):
    kind = "oauth"

    async def departure(self, secrets: Secrets) -> str:
        async with self.client() as client:
            address, _ = client.create_authorization_url(
                self.address(AUTHORIZE), state=secrets.state, code_verifier=secrets.verifier, scope=SCOPE
            )
            return str(address)

    async def identify(self, arrival: Arrival, secrets: Secrets) -> Identity:
        async with self.client(secret_by_post=True) as client:
            tokens = await client.fetch_token(self.address(TOKEN), code=arrival.code, code_verifier=secrets.verifier)
            person = await read_json(client, self.address(PERSON), tokens["access_token"])
            email = _primary(await read_json(client, self.address(ADDRESSES), tokens["access_token"]))
            return Identity(
                subject=str(int(person["id"])),  # the number stays when the login name is given to somebody else
                email=email["email"] if email else None,
                email_is_verified=email is not None and email["verified"] is True,
                name=str(person.get("name") or person["login"]),
                tokens=dict(tokens),
            )


def _primary(addresses: Any) -> Any:
    return next((entry for entry in addresses if entry["primary"]), None)

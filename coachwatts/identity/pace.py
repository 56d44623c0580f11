"""How often somebody who is not signed in may knock: per account, known or not, and per address they come from."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from coachwatts.identity.viewer import Client
from coachwatts.runtime import Runtime
from coachwatts.security.throttle import Bucket


@dataclass(frozen=True, slots=True)
class Pace:
    name: str
    per_account: int
    per_address: int
    within: timedelta

    async def keep(self, runtime: Runtime, client: Client, email: str | None = None) -> None:
        """Raises RateLimited, whether or not there is such an account."""
        if address := network_of(client.ip):
            await runtime.throttle.spend(f"{self.name} from {address}", self.per_address, self.within)
        if email is not None:
            await self._of_account(runtime, email).take()

    async def forgive(self, runtime: Runtime, email: str) -> None:
        """The owner has shown to be there: what others tried under this address no longer stands in the way."""
        await self._of_account(runtime, email).refund(self.per_account)

    def _of_account(self, runtime: Runtime, email: str) -> Bucket:
        return runtime.throttle.bucket(f"{self.name} for {email.strip().lower()}", self.per_account, self.within)


SIGN_IN = Pace("sign-in", 20, 100, timedelta(minutes=10))
SIGN_UP = Pace("sign-up", 5, 30, timedelta(hours=1))
ASK_FOR_LINK = Pace("link", 5, 30, timedelta(hours=1))
LEAVE_FOR_PROVIDER = Pace("login", 0, 30, timedelta(minutes=10))  # each writes a row
OPEN_LINK = Pace("open-link", 0, 100, timedelta(minutes=10))


def network_of(ip: str | None) -> str | None:
    """A household has a whole /64 of IPv6. Loopback is the owner, or a proxy that speaks for everybody: that is no address."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return None
    if address.is_loopback:
        return None
    return str(ip_network((int(address), 64), strict=False)) if address.version == 6 else str(address)

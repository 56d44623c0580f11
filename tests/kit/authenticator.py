"""An authenticator app, made by others: so that our codes are checked against another implementation."""

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from coachwatts import clock
from tests.kit.api import Person


@dataclass
class Authenticator:
    secret: str
    recovery_codes: list[str]

    def code(self, step: int = 0) -> str:
        """Of now, or some steps of 30 seconds away."""
        return pyotp.TOTP(self.secret).at(int(clock.now().timestamp()) + 30 * step)

    @property
    def wrong(self) -> str:
        """Six digits that are right neither now nor a few steps away."""
        near = {self.code(step) for step in range(-3, 4)}
        return next(f"{number:06}" for number in range(1_000_000) if f"{number:06}" not in near)


async def enrol(person: Person) -> Authenticator:
    """Switches the second step on, a minute ago: the codes of now and of the next half minute are still unused."""
    with clock.turned_by(timedelta(minutes=-1)):
        started = await person.mutate("StartSecondFactor")
        assert started["errors"] == [], started
        authenticator = Authenticator(started["secret"], [])
        enabled = await person.mutate("EnableSecondFactor", code=authenticator.code())
        assert enabled["errors"] == [], enabled
    authenticator.recovery_codes = enabled["recoveryCodes"]
    return authenticator

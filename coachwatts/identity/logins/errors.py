"""Why a sign-in elsewhere came to nothing. The messages are read by the person on the page they come back to."""

from coachwatts.errors import CoachWattsError, Conflict, ErrorCode, NotAllowed, Unavailable


class TripLost(CoachWattsError):
    """Forged, replayed, run out, begun in another browser: one answer, so that none of it can be told apart."""

    def __init__(self) -> None:
        super().__init__(
            "This sign-in was not begun in this browser, has run out, or has been used already. Begin again.", code=ErrorCode.EXPIRED
        )


class ProviderRefused(NotAllowed):
    """The provider says no: mostly because the person did."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} did not let you through. Try again, or sign in another way.")


class ProviderFailed(Unavailable):
    """No answer, or none that could be understood or trusted. The cause is in the log."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} gave no answer that could be used. Try again later, or sign in another way.")


class EmailNotVouchedFor(NotAllowed):
    def __init__(self, title: str) -> None:
        super().__init__(f"{title} does not say that your e-mail address is yours. Verify it there, or sign up here with a password.")


class AddressHasAccount(Conflict):
    """Whoever has the address at the provider is not let into an account that was made without it."""

    def __init__(self, title: str) -> None:
        super().__init__(f"Your e-mail address has an account here already. Sign in the way you did so far, then add {title} on your page.")


class LinkedElsewhere(Conflict):
    def __init__(self, title: str) -> None:
        super().__init__(f"This {title} account already opens another account here.")


class LastWayIn(Conflict):
    def __init__(self) -> None:
        super().__init__("This is your only way to sign in. Set a password first, or add another way.", field="id")

"""The cookie that ties a trip to a provider to the browser that began it. Lax, because the provider sends the browser back."""

from starlette.responses import Response

from coachwatts.config import Settings
from coachwatts.identity.logins.trips import LASTS, Browser


def browser_cookie(settings: Settings) -> str:
    return "__Host-cw-login" if settings.is_https else "cw-login"


def keep_browser(response: Response, settings: Settings, browser: Browser) -> None:
    name, lasts = browser_cookie(settings), int(LASTS.total_seconds())
    response.set_cookie(name, browser.token.text, max_age=lasts, path="/", secure=settings.is_https, httponly=True, samesite="lax")

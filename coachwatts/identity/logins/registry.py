"""Which sign-ins elsewhere are configured: Google and GitHub need a client id and secret, any other OpenID provider its issuer too."""

from coachwatts.config import Login, Settings
from coachwatts.identity.logins.github import GithubProvider
from coachwatts.identity.logins.openid import OpenIdProvider
from coachwatts.identity.logins.provider import Provider

TITLES = {"google": "Google", "github": "GitHub"}
GOOGLE = "https://accounts.google.com"


def titles(settings: Settings) -> dict[str, str]:
    """Name to what a person reads."""
    return {name: login.title or TITLES.get(name, name.capitalize()) for name, login in settings.logins.items()}


def providers(settings: Settings) -> dict[str, Provider]:
    return {name: _provider(name, title, settings.logins[name], settings) for name, title in titles(settings).items()}


def _provider(name: str, title: str, login: Login, settings: Settings) -> Provider:
    redirect_uri = f"{settings.base_url}/auth/{name}/callback"
    if name == "github":
        return GithubProvider(name, title, login, redirect_uri)
    return OpenIdProvider(name, title, login, redirect_uri, login.issuer or GOOGLE)

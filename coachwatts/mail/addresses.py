"""Where the links of our letters lead."""

from coachwatts.config import Settings


def link_address(settings: Settings, token: str) -> str:
    return f"{settings.base_url}/auth/email/{token}"

"""What a personal token may be allowed to do. What no scope names, no token does."""

from enum import StrEnum


class TokenScope(StrEnum):
    ACCOUNT_READ = "account:read"
    ATHLETE_READ = "athlete:read"
    ATHLETE_WRITE = "athlete:write"

"""What a person recognises in the list of devices: "Firefox on Windows, computer". A guess, never grounds for a decision."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from typing import Any

LONGEST_HEADER = 512
LONGEST_NAME = 80


class DeviceType(StrEnum):
    COMPUTER = "COMPUTER"
    PHONE = "PHONE"
    TABLET = "TABLET"
    BOT = "BOT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Device:
    device_type: DeviceType = DeviceType.OTHER
    browser: str | None = None
    os: str | None = None


def parse_device(user_agent: str | None) -> Device:
    """Never raises: the header is whatever somebody sent."""
    return _parse(user_agent[:LONGEST_HEADER]) if user_agent else Device()


@lru_cache(maxsize=1024)
def _parse(user_agent: str) -> Device:
    agents = import_module("user_agents")  # here: it compiles a thousand patterns, 0.2 s that commands need not pay
    found = agents.parse(user_agent)
    return Device(_type(found), _name(found.browser), _name(found.os))


def _type(found: Any) -> DeviceType:
    kinds = {
        DeviceType.BOT: found.is_bot,
        DeviceType.TABLET: found.is_tablet,
        DeviceType.PHONE: found.is_mobile,
        DeviceType.COMPUTER: found.is_pc,
    }
    return next((kind for kind, is_it in kinds.items() if is_it), DeviceType.OTHER)


def _name(part: Any) -> str | None:
    """`Chrome 130`, `Windows 10`: the first part of the version is enough to recognise it."""
    if part.family == "Other":
        return None
    version = part.version_string.partition(".")[0]
    return f"{part.family} {version}".strip()[:LONGEST_NAME]

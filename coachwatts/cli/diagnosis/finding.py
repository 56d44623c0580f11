from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    level: Level
    text: str
    advice: str = ""


def good(about: str, text: str) -> Finding:
    return Finding(about, Level.GOOD, text)


def warning(about: str, text: str, advice: str) -> Finding:
    return Finding(about, Level.WARNING, text, advice)


def bad(about: str, text: str, advice: str) -> Finding:
    return Finding(about, Level.BAD, text, advice)

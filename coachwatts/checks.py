"""Looks at every field of an input and collects what is wrong, so that a form can show all of it at once.

checks = Checks()
name = checks.text("name", given.name, most=200)
checks.done()  # raises InvalidInput with every problem found
"""

import re
from collections.abc import Collection
from datetime import date, timedelta
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from coachwatts import clock
from coachwatts.errors import ErrorCode, InvalidInput, Problem

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
Number = TypeVar("Number", int, float)

LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")

LONGEST_LOCALE = 35
_timezones = cache(available_timezones)  # reads the whole folder each time


def _is_web_address(text: str) -> bool:
    if len(text) > 2000 or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname)
    except ValueError:  # half an IPv6 address, for example
        return False


class Checks:
    def __init__(self, *path: str) -> None:
        self._path = path
        self._problems: list[Problem] = []

    def done(self) -> None:
        if self._problems:
            raise InvalidInput(*self._problems)

    def add(self, *problems: Problem) -> None:
        self._problems.extend(problems)

    def problem(self, field: str, code: ErrorCode, message: str) -> None:
        self._problems.append(Problem(code, message, (*self._path, *field.split("."))))

    def text(self, field: str, value: str, *, least: int = 0, most: int) -> str:
        """Trimmed; control characters other than line breaks and tabs are refused."""
        value = value.strip()
        if CONTROL.search(value) or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            self.problem(field, ErrorCode.INVALID, "Remove control characters.")
        elif not value and least:
            self.problem(field, ErrorCode.REQUIRED, "Write something here.")
        elif len(value) < least:
            self.problem(field, ErrorCode.TOO_SHORT, f"Write at least {least} characters.")
        elif len(value) > most:
            self.problem(field, ErrorCode.TOO_LONG, f"Write at most {most} characters; this has {len(value)}.")
        return value

    def line(self, field: str, value: str, *, most: int) -> str:
        """Any run of white space counts as one space."""
        return self.text(field, " ".join(value.split()), most=most)

    def optional_text(self, field: str, value: str | None, *, most: int) -> str | None:
        """Empty means none."""
        return (self.text(field, value, most=most) or None) if value is not None else None

    def number(self, field: str, value: Number | None, low: Number, high: Number, unit: str = "") -> Number | None:
        if value is not None and not low <= value <= high:
            self.problem(field, ErrorCode.OUT_OF_RANGE, f"Give a value from {low} to {high}{' ' + unit if unit else ''}.")
        return value

    def email(self, field: str, value: str) -> str:
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 60 ms, for sign-up only

        try:
            # letters beyond ASCII before the @ are refused: most mail servers could not deliver there
            return validate_email(value.strip()[:400], check_deliverability=False, allow_smtputf8=False).normalized
        except EmailNotValidError as wrong:
            self.problem(field, ErrorCode.INVALID, f"This is not an e-mail address: {wrong}")
            return value

    def timezone(self, field: str, value: str) -> str:
        if value not in _timezones():
            self.problem(field, ErrorCode.INVALID, "Give the name of a time zone, such as Europe/Berlin.")
        return value

    def locale(self, field: str, value: str) -> str:
        if not LOCALE.fullmatch(value) or len(value) > LONGEST_LOCALE:
            self.problem(field, ErrorCode.INVALID, "Give a language tag, such as en or de-CH.")
        return value

    def web_address(self, field: str, value: str | None) -> str | None:
        if value and not _is_web_address(value):
            self.problem(field, ErrorCode.INVALID, "Give an address that begins with https://.")
        return value or None

    def past(self, field: str, value: date | None, *, years: int = 200) -> date | None:
        """A day of grace: somewhere it is tomorrow already."""
        if value is not None:
            today = clock.now().date()
            if value > today + timedelta(days=1):
                self.problem(field, ErrorCode.OUT_OF_RANGE, "This date lies in the future.")
            elif value.year < today.year - years:
                self.problem(field, ErrorCode.OUT_OF_RANGE, f"This date lies more than {years} years back.")
        return value

    def choices(self, field: str, values: Collection[str], known: Collection[str]) -> list[str]:
        if unknown := sorted(set(values) - set(known)):
            self.problem(field, ErrorCode.INVALID, f"Unknown: {', '.join(unknown)[:200]}. Known: {', '.join(known)}.")
        return sorted(set(values))

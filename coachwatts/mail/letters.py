"""What we write to people. A letter is a file of plain words; its HTML is made from the same words, so the two never differ.

In `templates/<letter>.txt` the first line is the subject, blank lines part the paragraphs, and a paragraph `→ label` is the link.
Whatever is filled in becomes one line: a name can neither begin a paragraph nor a header.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

ARROW = "→ "


class Letter(StrEnum):
    VERIFY_EMAIL = "VERIFY_EMAIL"
    EXISTING_ACCOUNT = "EXISTING_ACCOUNT"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a letter, not a password
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - likewise
    CHANGE_EMAIL = "CHANGE_EMAIL"
    KEEP_EMAIL = "KEEP_EMAIL"
    UNLOCK_ACCOUNT = "UNLOCK_ACCOUNT"
    NEW_DEVICE = "NEW_DEVICE"
    SECOND_FACTOR_ON = "SECOND_FACTOR_ON"
    SECOND_FACTOR_OFF = "SECOND_FACTOR_OFF"
    COACHING_INVITE = "COACHING_INVITE"


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    words: str
    link: str | None = None


def write(letter: Letter, *, home: str, link: str | None = None, **facts: Any) -> Written:
    """`home`: the address of this server, for the foot of the letter."""
    words = _environment().get_template(f"{letter.lower()}.txt").render(facts)
    subject, _, body = words.partition("\n")
    paragraphs = [_paragraph(part, link) for part in body.strip().split("\n\n")]
    text = _environment().get_template("layout.txt").render(paragraphs=paragraphs, home=home)
    html = _environment().get_template("layout.html").render(paragraphs=paragraphs, home=home, subject=subject)
    return Written(subject, text, html)


def _paragraph(part: str, link: str | None) -> Paragraph:
    if not part.startswith(ARROW):
        return Paragraph(" ".join(part.split()))
    if link is None:
        raise ValueError("this letter carries a link")
    return Paragraph(part.removeprefix(ARROW), link)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("coachwatts.mail"),
        autoescape=lambda name: bool(name and name.endswith(".html")),  # noqa: S701 - text is text; every HTML part is escaped
        undefined=StrictUndefined,
        finalize=_one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if type(value) is str else value

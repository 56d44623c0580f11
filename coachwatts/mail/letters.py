"""What we write to people. A letter is a file of plain words; its HTML is made from the same words, so the two never differ.

In `templates/<letter>.txt` the first line is the subject, blank lines part the paragraphs, and a paragraph `→ label` is the link.
Whatever is filled in becomes one line: a name can neither begin a paragraph nor a header.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

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
    DELETION_REQUESTED = "DELETION_REQUESTED"


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
    subject, parts = _parts(letter)
    if link is None and any(part.is_link for part in parts):
        raise ValueError(f"the letter {letter} carries a link")
    paragraphs = [Paragraph(part.words.render(facts), link if part.is_link else None) for part in parts]
    layout = {"paragraphs": paragraphs, "home": home, "subject": subject}
    text, html = (_environment().get_template(f"layout.{form}").render(layout) for form in ("txt", "html"))
    return Written(subject, text, html)


@dataclass(frozen=True, slots=True)
class Part:
    words: Template
    is_link: bool


@cache
def _parts(letter: Letter) -> tuple[str, tuple[Part, ...]]:
    """Taken apart before anything is filled in: what is a link is up to the file alone."""
    file = resources.files(__package__) / "templates" / f"{letter.lower()}.txt"
    subject, *paragraphs = file.read_text().strip().split("\n\n")
    plain = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return subject, tuple(Part(_environment().from_string(words.removeprefix(ARROW)), words.startswith(ARROW)) for words in plain)


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

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts import mail
from coachwatts.mail.letters import Letter, Written, write
from coachwatts.mail.message import compose

LINK = "https://watts.example/auth/email/cwe_abc?a=1&b=2"
FACTS = {"at": "1 May 2026, 10:00 (UTC)", "device": "Firefox on Linux", "ip": "203.0.113.9", "erased_at": "15 May 2026"}
NOTICES = {Letter.PASSWORD_CHANGED, Letter.NEW_DEVICE, Letter.SECOND_FACTOR_ON, Letter.SECOND_FACTOR_OFF, Letter.DELETION_REQUESTED}


def written(letter: Letter, **more: str) -> Written:
    return write(letter, home="https://watts.example", link=LINK, **{**FACTS, **more})


@pytest.mark.parametrize("letter", Letter)
def test_every_letter_says_the_same_in_text_and_html(letter: Letter) -> None:
    made = written(letter)
    assert 10 < len(made.subject) < 70
    assert (LINK in made.text) == (letter not in NOTICES)
    assert ('href="https://watts.example/auth/email/cwe_abc?a=1&amp;b=2"' in made.html) == (letter not in NOTICES)
    assert f"<title>{made.subject}</title>" in made.html


def test_every_template_belongs_to_a_letter() -> None:
    files = {path.stem for path in (Path(mail.__path__[0]) / "templates").glob("*.txt")}
    assert files == {letter.lower() for letter in Letter} | {"layout"}


def test_what_is_filled_in_is_escaped_in_html() -> None:
    made = written(Letter.NEW_DEVICE, device="<img src=x onerror=alert(1)>")
    assert "<img" not in made.html
    assert "&lt;img src=x" in made.html


@given(st.text())
def test_no_text_becomes_a_paragraph_a_link_or_a_header(text: str) -> None:
    usual = written(Letter.NEW_DEVICE)
    made = written(Letter.NEW_DEVICE, device=f"\n\n→ {text}\r\nBcc: victim@example.org\n\n{text}")
    assert made.subject == usual.subject
    assert made.html.count("<a ") == usual.html.count("<a ")
    assert made.html.count("<p") == usual.html.count("<p")
    message = compose(made, sender="Coach Watts <post@watts.example>", to="ada@example.org", message_id="1")
    assert set(message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}


def test_a_letter_with_a_link_is_not_written_without_one() -> None:
    with pytest.raises(ValueError, match="link"):
        write(Letter.VERIFY_EMAIL, home="https://watts.example")


@pytest.mark.parametrize("address", ["ada@example.org\r\nBcc: bob@example.org", "ada@example.org, bob@example.org", "<ada@example.org>"])
def test_an_address_is_one_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose(written(Letter.VERIFY_EMAIL), sender="post@watts.example", to=address, message_id="1")
